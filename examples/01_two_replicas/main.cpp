// SPDX-License-Identifier: BSL-1.0
//
// Two replicas and no network: each has its own copy, writes to it, and hands the other the deltas. However
// these arrive, the copies are equal in the end.
#include <algorithm>
#include <hearsay/crdt.hpp>
#include <iostream>
#include <string>
#include <vector>

int main() {
  hearsay::replica alice, bob;  // two writers, each with an identity and a clock
  bool equal = true;

  // A counter. Every mutator takes the replica that writes, changes the state, and returns the delta.
  hearsay::g_counter visits, visits_there;
  const auto five = visits.increment(alice, 5);
  const auto two = visits_there.increment(bob, 2);
  visits.merge(two);
  visits_there.merge(five);
  visits_there.merge(five);  // once more changes nothing
  equal = equal && visits == visits_there;
  std::cout << "visits: " << visits << '\n';

  // A set. A remove takes out what its replica has seen, so it does not touch an add that it has not seen.
  hearsay::or_set<std::string> fruit, fruit_there;
  fruit_there.merge(fruit.add(alice, "apple"));
  const auto eaten = fruit_there.remove(bob, "apple");
  const auto another = fruit.add(alice, "apple");  // at the same time
  fruit.merge(eaten);
  fruit_there.merge(another);
  equal = equal && fruit == fruit_there;
  std::cout << "fruit: " << fruit << '\n';

  // A map. Per key the last write wins, and a write is later than all those which its replica has seen of
  // that key.
  hearsay::lww_map<std::string, std::string> phone, phone_there;
  phone_there.merge(phone.put(alice, "carol", "555 0100"));
  phone.merge(phone_there.put(bob, "carol", "555 0199"));
  equal = equal && phone == phone_there;
  std::cout << "phone: " << phone << '\n';

  // Deltas may come in any order, any number of times, and through others: here twice, backwards.
  std::vector<hearsay::or_set<std::string>> deltas;
  for (const auto* name : {"banana", "cherry", "damson"}) deltas.push_back(fruit.add(alice, name));
  deltas.push_back(fruit.remove(alice, "cherry"));
  for (int time = 0; time < 2; ++time) {
    for (auto delta = deltas.rbegin(); delta != deltas.rend(); ++delta) fruit_there.merge(*delta);
  }
  equal = equal && fruit == fruit_there;
  std::cout << "fruit: " << fruit << '\n';

  // `absorb` merges too, and tells what was new: here nothing, so the answer is bottom, the default value.
  equal = equal && fruit_there.absorb(deltas.front()) == hearsay::or_set<std::string>();

  std::cout << (equal ? "The replicas are equal.\n" : "The replicas differ.\n");
  return equal ? 0 : 1;
}
