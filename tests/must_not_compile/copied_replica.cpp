// SPDX-License-Identifier: BSL-1.0
// expect: deleted
// Two copies of one replica would issue the same dots for different events.
#include <hearsay/crdt/replica.hpp>

int main() {
  hearsay::replica alice;
#ifndef WITHOUT_MISTAKE
  auto twin = alice;
#endif
}
