// SPDX-License-Identifier: BSL-1.0
// expect: counters count in integers
// Sums of fractions depend on the order in which they were added.
#include <hearsay/crdt/pn_counter.hpp>

int main() {
  hearsay::replica alice;
  hearsay::pn_counter total;
#ifdef WITHOUT_MISTAKE
  total.increment(alice, 15);
#else
  total.increment(alice, 1.5);
#endif
}
