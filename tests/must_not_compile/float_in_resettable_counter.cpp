// SPDX-License-Identifier: BSL-1.0
// expect: counters count in integers
// Every dot counts one.
#include <hearsay/crdt/resettable_counter.hpp>

int main() {
  hearsay::replica alice;
  hearsay::resettable_counter total;
#ifdef WITHOUT_MISTAKE
  total.increment(alice, 15);
#else
  total.increment(alice, 1.5);
#endif
}
