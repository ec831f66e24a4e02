// SPDX-License-Identifier: BSL-1.0
// expect: has no total order: it needs operator<=> that returns std::strong_ordering
// A pair is ordered as its parts are, which floating point is not.
#include <hearsay/crdt/two_phase_set.hpp>
#include <utility>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::two_phase_set<std::pair<long, int>> places;
#else
  hearsay::two_phase_set<std::pair<double, int>> places;
#endif
}
