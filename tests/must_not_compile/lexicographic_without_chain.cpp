// SPDX-License-Identifier: BSL-1.0
// expect: has to be a chain
// Where neither of two first components is the larger, updates of the second would get lost.
#include <hearsay/crdt/g_counter.hpp>
#include <hearsay/crdt/lexicographic.hpp>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::lexicographic<hearsay::max_register<int>, hearsay::g_counter> votes;
#else
  hearsay::lexicographic<hearsay::g_counter, hearsay::g_counter> votes;
#endif
}
