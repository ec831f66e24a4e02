// SPDX-License-Identifier: BSL-1.0
#include <hearsay/crdt.hpp>
#include <hearsay/node.hpp>

int main() {
  hearsay::node node({.listen = "tcp://127.0.0.1:*"});
  auto visits = node.open<hearsay::g_counter>("visits");
  visits.update([](auto& counter, auto& me) { return counter.increment(me, 5); });
  return visits.value() == 5 ? 0 : 1;
}
