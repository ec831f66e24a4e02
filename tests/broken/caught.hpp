// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "hearsay/laws.hpp"
#include "tests/catch.hpp"

/// The names of the laws that were broken.
inline std::vector<std::string> broken_laws(const hearsay::laws::report& found) {
  std::vector<std::string> names;
  for (const auto& v : found.laws) {
    if (v.broken) names.push_back(v.law);
  }
  return names;
}

/// Checks that random histories, whatever the seed, break that law of the twin, that the counterexample has
/// so many steps once it is shrunk, and that its line replays it.
template <class Twin>
void caught(std::string_view law, std::size_t steps) {
  namespace laws = hearsay::laws;
  auto fewest = std::numeric_limits<std::size_t>::max();
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto found = laws::check<Twin>({.cases = 1500, .seed = seed});
    INFO("seed " << seed << "\n" << found);
    REQUIRE(found[law].broken);
    const auto& shown = *found[law].broken;
    CHECK(shown.steps() <= steps + 1);  // sometimes a change of three steps at once would be needed
    fewest = std::min(fewest, shown.steps());
    CHECK(shown.repeatable);
    const auto again = laws::check<Twin>({.replay = shown.replay});
    REQUIRE(again[law].broken);
    CHECK(again[law].broken->history == shown.history);
    CHECK(broken_laws(again) == std::vector<std::string>{std::string(law)});
  }
  CHECK(fewest == steps);
}
