// SPDX-License-Identifier: BSL-1.0
#include <hearsay/crdt.hpp>

int main() {
  hearsay::replica alice;
  hearsay::g_counter here, there;
  there.merge(here.increment(alice, 5));
  return here == there && there.value() == 5 ? 0 : 1;
}
