// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <string>

#include "hearsay/laws.hpp"
#include "hearsay/laws/catch2.hpp"

using namespace hearsay;

static_assert(HEARSAY_LARGE_STATE == 1);

HEARSAY_CHECK_LAWS(or_set<std::uint64_t>);
HEARSAY_CHECK_LAWS(or_map<std::string, or_set<std::uint64_t>>);
