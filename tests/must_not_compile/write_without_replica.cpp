// SPDX-License-Identifier: BSL-1.0
// expect: cannot bind
// A mutator needs the replica that goes on living, not a temporary one with a dot space of its own.
#include <hearsay/crdt/g_counter.hpp>

int main() {
  hearsay::replica alice;
  hearsay::g_counter visits;
  visits.increment(alice);
#ifndef WITHOUT_MISTAKE
  visits.increment(hearsay::replica{});
#endif
}
