// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hearsay::inline v0::sim {

/// The seeds of a test: 1 to `quick`, or to `nightly` where the environment has HEARSAY_NIGHTLY=1; or only
/// the one that HEARSAY_SEED names, to replay a failure. Throws std::invalid_argument if that is no number.
std::vector<std::uint64_t> seeds(std::uint64_t quick, std::uint64_t nightly);

/// The command that replays a seed: this program with its arguments, and HEARSAY_SEED. To be printed where a
/// run fails. (The program's own name and arguments are read from /proc where there is one.)
std::string replay(std::uint64_t seed);

}  // namespace hearsay::inline v0::sim
