// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;

namespace {

using numbers = or_set<int>;
using nested = or_map<int, or_map<int, numbers>>;
using both = product<std::pair<numbers, rw_set<int>>>;

template <class T>
std::map<replica_id, bool> writers(const T& x) {
  std::map<replica_id, bool> all;
  for_each_writer(x, [&](replica_id by, bool alive) { all[by] |= alive; });
  return all;
}

// One random change of each type, and what can be seen of it.
numbers change(numbers& set, replica& by, choices& random) {
  const int element = static_cast<int>(random.below(4));
  return random.one_in(2) ? set.add(by, element) : set.remove(by, element);
}
std::vector<int> seen(const numbers& set) {
  std::vector<int> all(set.begin(), set.end());
  std::ranges::sort(all);
  return all;
}
rw_set<int> change(rw_set<int>& set, replica& by, choices& random) {
  const int element = static_cast<int>(random.below(4));
  return random.one_in(2) ? set.add(by, element) : set.remove(by, element);
}
std::vector<int> seen(const rw_set<int>& set) {
  std::vector<int> all(set.begin(), set.end());
  std::ranges::sort(all);
  return all;
}
nested change(nested& map, replica& by, choices& random) {
  const int key = static_cast<int>(random.below(2));
  if (random.one_in(3)) return map.erase(by, key);
  return map.update(by, key, [&](auto& inner) {
    if (random.one_in(4)) return inner.erase(by, 0);
    return inner.update(by, 0, [&](numbers& set) { return change(set, by, random); });
  });
}
std::string seen(const nested& map) {
  std::map<int, std::map<int, std::vector<int>>> all;
  for (const auto& [key, inner] : map) {
    for (const auto& [at, set] : inner) all[key][at] = seen(set);
  }
  return Catch::Detail::stringify(all);
}
both change(both& pair, replica& by, choices& random) {
  if (random.one_in(2)) return pair.update<0>([&](auto& set) { return change(set, by, random); });
  return pair.update<1>([&](auto& set) { return change(set, by, random); });
}
auto seen(const both& pair) { return std::pair(seen(pair.get<0>()), seen(pair.get<1>())); }
resettable_counter change(resettable_counter& counter, replica& by, choices& random) {
  return random.one_in(4) ? counter.reset(by) : counter.increment(by, random.below(5));
}
auto seen(const resettable_counter& counter) { return counter.value(); }

}  // namespace

TEMPLATE_TEST_CASE("forgetting writers of whom nothing is left changes nothing that can be seen", "", numbers,
                   rw_set<int>, nested, both, resettable_counter) {
  int forgotten = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    choices random(seed);
    std::vector<replica> replicas;
    for (std::uint64_t id = 1; id <= 5; ++id) replicas.push_back(crdt_test::replica_with_id(id));
    TestType x, other;
    for (int i = 0; i < 30; ++i) {
      // Writers 1 to 3 end; the rest goes on, here or elsewhere.
      auto& by = replicas[i < 15 ? random.below(3) : 3 + random.below(2)];
      auto& at = random.one_in(3) ? other : x;
      const TestType delta = change(at, by, random);
      (&at == &x ? other : x).merge(delta);
    }
    const TestType before = x;
    const auto all = writers(x);
    const auto gone = [](replica_id by) { return by.value <= 3; };
    forget_writers(x, gone);

    auto left = all;
    forgotten += static_cast<int>(
        std::erase_if(left, [&](const auto& each) { return !each.second && gone(each.first); }));
    CHECK(writers(x).size() <= all.size());
    for (const auto& [by, alive] : left) CHECK(writers(x).at(by) == alive);
    CHECK(seen(x) == seen(before));
    crdt_test::check_round_trips(x);

    // Who has not forgotten takes nothing from it, and tells it again.
    TestType again = x;
    again.merge(before);
    CHECK(again == before);
    TestType elsewhere = before;
    elsewhere.merge(x);
    CHECK(elsewhere == before);

    // And what follows has the same effect on both.
    for (int i = 0; i < 10; ++i) {
      const TestType delta = change(other, replicas[3 + random.below(2)], random);
      x.merge(delta);
      elsewhere.merge(delta);
      CHECK(seen(x) == seen(elsewhere));
    }
  }
  CHECK(forgotten > 50);
}

TEST_CASE("a writer of whom anything is left is not forgotten") {
  auto alice = crdt_test::replica_with_id(1);
  auto bob = crdt_test::replica_with_id(2);
  both x;
  (void)x.update<0>([&](auto& set) { return set.add(alice, 1); });
  (void)x.update<0>([&](auto& set) { return set.add(alice, 2); });
  (void)x.update<1>([&](auto& set) { return set.add(bob, 1); });
  (void)x.update<0>([&](auto& set) { return set.remove(bob, 1); });
  const both before = x;
  CHECK(writers(x) == std::map<replica_id, bool>{{{1}, true}, {{2}, true}});
  forget_writers(x, [](replica_id) { return true; });
  CHECK(x == before);
  (void)x.update<0>([&](auto& set) { return set.clear(bob); });
  CHECK(writers(x) == std::map<replica_id, bool>{{{1}, false}, {{2}, true}});
  forget_writers(x, [](replica_id by) { return by.value == 2; });
  CHECK(writers(x).size() == 2);
  forget_writers(x, [](replica_id) { return true; });
  CHECK(writers(x) == std::map<replica_id, bool>{{{2}, true}});
}

TEST_CASE("lexicographic forgets writers of its second component; counters know none") {
  auto alice = crdt_test::replica_with_id(1);
  lexicographic<max_register<int>, numbers> x;
  (void)x.advance([&](auto& first) { return first.raise(alice, 1); });
  (void)x.update([&](auto& second) { return second.add(alice, 1); });
  (void)x.update([&](auto& second) { return second.remove(alice, 1); });
  CHECK(writers(x) == std::map<replica_id, bool>{{{1}, false}});
  forget_writers(x, [](replica_id) { return true; });
  CHECK(writers(x).empty());
  CHECK(x.first() != max_register<int>());

  g_counter counter;
  (void)counter.increment(alice);
  CHECK(writers(counter).empty());
  forget_writers(counter, [](replica_id) { return true; });
  CHECK(counter.value() == 1);
}
