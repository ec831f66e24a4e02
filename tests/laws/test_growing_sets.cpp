// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <string>

#include "hearsay/laws.hpp"
#include "hearsay/laws/catch2.hpp"

HEARSAY_CHECK_LAWS(hearsay::g_set<std::uint64_t>);
HEARSAY_CHECK_LAWS(hearsay::g_set<std::string>);
HEARSAY_CHECK_LAWS(hearsay::two_phase_set<std::uint64_t>);
HEARSAY_CHECK_LAWS(hearsay::two_phase_set<std::string>);
