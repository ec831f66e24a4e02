// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <string>

#include "hearsay/laws.hpp"
#include "hearsay/laws/catch2.hpp"

using namespace hearsay;

HEARSAY_CHECK_LAWS(or_map<std::string, or_set<std::uint64_t>>);
HEARSAY_CHECK_LAWS(or_map<std::uint64_t, resettable_counter>);
HEARSAY_CHECK_LAWS(or_map<std::string, rw_set<std::uint64_t>>);
HEARSAY_CHECK_LAWS(or_map<std::uint64_t, mv_register<std::string>>);
HEARSAY_CHECK_LAWS(or_map<std::uint64_t, dw_flag>);
HEARSAY_CHECK_LAWS(or_map<std::string, or_map<std::uint64_t, or_set<std::string>>>);
HEARSAY_CHECK_LAWS(or_map<std::uint64_t, or_map<std::uint64_t, resettable_counter>>);
