// SPDX-License-Identifier: BSL-1.0
#include <string>

#include "tests/unit/crdt/crdt_test.hpp"
#include "tests/unit/crdt/orders.hpp"

using namespace hearsay;
using crdt_test::in_all_orders;
using crdt_test::joined;
using crdt_test::replica_with_id;

namespace {

using sets = or_map<std::string, or_set<std::string>>;
using counts = or_map<std::string, resettable_counter>;
using deep = or_map<std::string, or_map<std::string, resettable_counter>>;

sets add(sets& map, replica& me, const std::string& key, const std::string& element) {
  return map.update(me, key, [&](auto& set) { return set.add(me, element); });
}
counts count(counts& map, replica& me, const std::string& key, int amount) {
  return map.update(me, key, [&](auto& c) { return c.increment(me, amount); });
}
deep count(deep& map, replica& me, const std::string& outer, const std::string& inner, int amount) {
  return map.update(me, outer, [&](auto& m) {
    return m.update(me, inner, [&](auto& c) { return c.increment(me, amount); });
  });
}

}  // namespace

TEST_CASE("the example of or_map") {
  replica alice, bob;
  sets here, there;
  here.update(alice, "fruit", [&](auto& fruit) { return fruit.add(alice, "apple"); });
  there.merge(here);
  const auto gone = there.erase(bob, "fruit");
  here.update(alice, "fruit", [&](auto& fruit) { return fruit.add(alice, "pear"); });
  here.merge(gone);
  CHECK(fmt::to_string(here) == "{fruit: {pear}}");
}

TEST_CASE("erase then put is exactly the new value, also where a replica saw neither") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  sets here;
  const auto old = add(here, alice, "k", "old");
  sets there = here;
  const auto erased = there.erase(bob, "k");
  const auto fresh = add(there, bob, "k", "new");
  in_all_orders<sets>({old, erased, fresh}, [](const sets& x) { CHECK(fmt::to_string(x) == "{k: {new}}"); });
  CHECK(joined(here, joined(fresh, erased)) == there);

  const auto put = here.put(alice, "k", [&](auto& set) { return set.add(alice, "put"); });
  in_all_orders<sets>({old, put}, [](const sets& x) { CHECK(fmt::to_string(x) == "{k: {put}}"); });
  in_all_orders<sets>({old, erased, fresh, put}, [](const sets& x) {  // concurrent: both are kept
    CHECK(fmt::to_string(x) == "{k: {new, put}}");
  });
}

TEST_CASE("the result does not depend on the clocks of the writers") {
  const auto run = [](std::uint64_t ms_of_alice, std::uint64_t ms_of_bob) {
    auto alice = replica_with_id(1, std::make_shared<std::uint64_t>(ms_of_alice));
    auto bob = replica_with_id(2, std::make_shared<std::uint64_t>(ms_of_bob));
    sets here, there;
    there.merge(add(here, alice, "k", "a"));
    const auto gone = there.erase(bob, "k");
    const auto more = add(here, alice, "k", "b");
    there.merge(more);
    here.merge(gone);
    CHECK(here == there);
    return fmt::to_string(here);
  };
  CHECK(run(1, 1'000'000) == "{k: {b}}");
  CHECK(run(1'000'000, 1) == "{k: {b}}");
}

TEST_CASE("an erased key leaves no ghost in iteration, equality or bytes") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  deep erased, emptied;
  const auto made = count(erased, alice, "outer", "inner", 5);
  emptied.merge(made);
  const auto gone = erased.erase(bob, "outer");
  emptied.update(bob, "outer",
                 [&](auto& inner) { return inner.erase(bob, "inner"); });  // empties "outer" too
  CHECK(erased.size() == 0);
  CHECK(erased.begin() == erased.end());
  CHECK(emptied.empty());
  CHECK(erased.get("outer") == nullptr);
  CHECK(erased == emptied);
  CHECK(erased == joined(gone, made));
  CHECK(wire::encode(erased) == wire::encode(emptied));
  counts never;
  causal_context five;
  five.insert({1}, {1, 5});
  CHECK(erased.context() == five);
  CHECK(fmt::to_string(erased) == "{}");
  CHECK(erased.metrics().bytes == sizeof erased);
}

TEST_CASE("nested counters neither resurrect nor lose concurrent increments") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  deep here;
  const auto one = count(here, alice, "o", "i", 10);
  deep there = here;
  const auto erased = there.erase(bob, "o");            // has seen the 10
  const auto two = count(here, alice, "o", "i", 3);     // concurrent with the erase
  const auto other = count(there, bob, "o", "i", 100);  // after the erase
  in_all_orders<deep>({one, erased, two, other}, [](const deep& x) {
    REQUIRE(x.get("o") != nullptr);
    CHECK(x.get("o")->get("i")->value() == 103);
  });
}

TEST_CASE("values under keys that interleave share one context") {
  auto alice = replica_with_id(1);
  counts map;
  for (int i = 0; i < 100; ++i) count(map, alice, i % 2 == 0 ? "even" : "odd", 1);
  CHECK(map.get("even")->value() == 50);
  CHECK(map.context().intervals() == 1);
  crdt_test::check_round_trips(map);
  map.erase(alice, "even");
  CHECK(fmt::to_string(map) == "{odd: 50}");
  crdt_test::check_round_trips(map);
}

TEST_CASE("an update that throws changes nothing, and one that does nothing is bottom") {
  auto alice = replica_with_id(1);
  counts map;
  count(map, alice, "k", 1);
  const auto before = map;
  const auto bad = [&](auto& c) { return c.increment(alice, -1); };
  CHECK_THROWS_AS(map.update(alice, "k", bad), std::invalid_argument);
  CHECK_THROWS_AS(map.update(alice, "new", bad), std::invalid_argument);
  CHECK_THROWS_AS(map.put(alice, "k", bad), std::invalid_argument);
  CHECK(map == before);
  CHECK(map.update(alice, "k", [&](auto& c) { return c.increment(alice, 0); }).is_bottom());
  CHECK(map.erase(alice, "none").is_bottom());
  CHECK(map.update(alice, "none", [&](auto& c) { return c.reset(alice); }).is_bottom());
  CHECK(map == before);
}

TEST_CASE("what an update did before it threw stays, and stays whole") {
  auto alice = replica_with_id(1);
  counts map;
  count(map, alice, "k", 1);
  count(map, alice, "l", 1);
  CHECK_THROWS_AS(map.update(alice, "k",
                             [&](auto& c) {
                               c.increment(alice, 5);
                               return c.increment(alice, -1);
                             }),
                  std::invalid_argument);
  CHECK(map.get("k")->value() == 6);
  crdt_test::check_round_trips(map);
  CHECK(joined(counts{}, map) == map);
}

TEST_CASE("an update that removes and then throws leaves no ghost and no dot of it in the index") {
  auto alice = replica_with_id(1);
  or_map<int, or_set<int>> map;
  for (int k = 0; k < 3; ++k) map.update(alice, k, [&](auto& s) { return s.add(alice, k); });
  const auto others = map;
  const auto failing = [&](auto& s) -> or_set<int> {
    s.remove(alice, 1);
    throw std::invalid_argument("changed its mind");
  };
  CHECK_THROWS_AS(map.update(alice, 1, failing), std::invalid_argument);
  CHECK(map.size() == 2);
  CHECK_FALSE(map.contains(1));
  crdt_test::check_round_trips(map);
  map.update(alice, 7, [&](auto& s) { return s.add(alice, 7); });  // takes the place that the key had
  CHECK(joined(map, others) == joined(others, map));
  CHECK(joined(map, others).size() == 3);
}

TEST_CASE("a map with many keys of sets") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  sets here, there;
  for (int i = 0; i < 3000; ++i) {
    there.merge(add(here, i % 3 == 0 ? bob : alice, "key " + std::to_string(i % 1000), std::to_string(i)));
  }
  CHECK(here == there);
  CHECK(here.size() == 1000);
  for (int i = 0; i < 1000; i += 2) here.erase(alice, "key " + std::to_string(i));
  CHECK(here.size() == 500);
  there.merge(here);
  CHECK(here == there);
  sets copy = here;
  copy.merge(there);
  CHECK(copy == here);
  crdt_test::check_round_trips(here);
  crdt_test::check_parts(here, 500, [&] { add(here, alice, "key 1", "more"); });
  there.clear(bob);
  CHECK(there.empty());
  here.merge(there);
  CHECK(here.contains("key 1"));  // what was added meanwhile
  CHECK(here.size() == 1);
}

TEST_CASE("bytes that no map writes are refused") {
  auto alice = replica_with_id(1);
  counts map;
  count(map, alice, "k", 1);
  count(map, alice, "l", 2);
  const auto good = wire::encode(map);
  std::size_t refused = 0;
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] ^= static_cast<std::byte>(1u << bit % 8);
    try {
      const auto read = wire::decode<counts>(bad);
      CHECK(wire::encode(read) == bad);  // then it is another map
    } catch (const decode_error&) {
      ++refused;
    }
  }
  CHECK(refused != 0);
}
