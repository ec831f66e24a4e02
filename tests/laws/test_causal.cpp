// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <string>

#include "hearsay/laws.hpp"
#include "hearsay/laws/catch2.hpp"

HEARSAY_CHECK_LAWS(hearsay::rw_set<std::string>);
HEARSAY_CHECK_LAWS(hearsay::mv_register<std::uint64_t>);
HEARSAY_CHECK_LAWS(hearsay::ew_flag);
HEARSAY_CHECK_LAWS(hearsay::dw_flag);
HEARSAY_CHECK_LAWS(hearsay::resettable_counter);
