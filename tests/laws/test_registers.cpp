// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <string>

#include "hearsay/laws/catch2.hpp"
#include "hearsay/laws/types/lww_register.hpp"
#include "hearsay/laws/types/max_register.hpp"
#include "hearsay/laws/types/min_register.hpp"

HEARSAY_CHECK_LAWS(hearsay::max_register<std::string>);
HEARSAY_CHECK_LAWS(hearsay::min_register<std::int64_t>);
HEARSAY_CHECK_LAWS(hearsay::lww_register<std::string>);
