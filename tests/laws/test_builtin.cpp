// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <string>

#include "hearsay/laws.hpp"
#include "hearsay/laws/catch2.hpp"

HEARSAY_CHECK_LAWS(hearsay::g_counter);
HEARSAY_CHECK_LAWS(hearsay::or_set<std::uint64_t>);
HEARSAY_CHECK_LAWS(hearsay::or_set<std::string>);
HEARSAY_CHECK_LAWS(hearsay::lww_map<std::string, std::uint64_t>);
