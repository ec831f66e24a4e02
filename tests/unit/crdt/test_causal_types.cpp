// SPDX-License-Identifier: BSL-1.0
// Named behaviour of the causal types beside or_set and or_map.
#include <functional>
#include <string>
#include <vector>

#include "tests/unit/crdt/crdt_test.hpp"
#include "tests/unit/crdt/orders.hpp"

using namespace hearsay;
using crdt_test::in_all_orders;
using crdt_test::joined;
using crdt_test::replica_with_id;

TEST_CASE("rw_set: of an add and a remove that did not know of each other the remove stays") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  rw_set<std::string> here;
  const auto first = here.add(alice, "apple");
  auto there = here;
  const auto gone = there.remove(bob, "apple");
  const auto again = here.add(alice, "apple");
  in_all_orders<rw_set<std::string>>({first, gone, again}, [](const auto& x) {
    CHECK_FALSE(x.contains("apple"));
    CHECK(x.empty());
    CHECK(x.size() == 0);
  });
  here.merge(gone);
  const auto knowing = here.add(alice, "apple");
  in_all_orders<rw_set<std::string>>({first, gone, again, knowing}, [](const auto& x) {
    CHECK(x.contains("apple"));
    CHECK(fmt::to_string(x) == "{apple}");
  });
}

TEST_CASE("rw_set: a remove of what is not there is bottom") {
  auto alice = replica_with_id(1);
  rw_set<int> set;
  CHECK(set.remove(alice, 1).is_bottom());
  set.add(alice, 1);
  CHECK_FALSE(set.remove(alice, 1).is_bottom());
  CHECK(set.remove(alice, 1).is_bottom());
}

TEST_CASE("mv_register: concurrent values are kept, the next write replaces those it has seen") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  mv_register<std::string> here, there;
  const auto red = here.set(alice, "red");
  const auto blue = there.set(bob, "blue");
  in_all_orders<mv_register<std::string>>({red, blue}, [](const auto& x) {
    CHECK(x.values() == std::vector<std::string>{"blue", "red"});
  });
  here.merge(there);
  const auto violet = here.set(alice, "violet");
  in_all_orders<mv_register<std::string>>(
      {red, blue, violet}, [](const auto& x) { CHECK(x.values() == std::vector<std::string>{"violet"}); });
  const auto green = there.set(bob, "green");  // has not seen violet
  in_all_orders<mv_register<std::string>>({red, blue, violet, green}, [](const auto& x) {
    CHECK(x.values() == std::vector<std::string>{"green", "violet"});
  });
}

TEST_CASE("flags: the winner of two that did not know of each other") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  ew_flag on;
  const auto enabled = on.enable(alice);
  auto other = on;
  const auto off = other.disable(bob);
  const auto again = on.enable(alice);
  in_all_orders<ew_flag>({enabled, off, again}, [](const ew_flag& x) { CHECK(x.enabled()); });
  in_all_orders<ew_flag>({enabled, off}, [](const ew_flag& x) { CHECK_FALSE(x.enabled()); });

  dw_flag dark;
  CHECK(dark.enabled());
  const auto disabled = dark.disable(alice);
  auto bright = dark;
  const auto lit = bright.enable(bob);
  const auto darker = dark.disable(alice);
  in_all_orders<dw_flag>({disabled, lit, darker}, [](const dw_flag& x) { CHECK_FALSE(x.enabled()); });
  in_all_orders<dw_flag>({disabled, lit}, [](const dw_flag& x) { CHECK(x.enabled()); });
}

TEST_CASE("resettable_counter: a reset takes out exactly what it has seen") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  resettable_counter here;
  const auto five = here.increment(alice, 5);
  auto there = here;
  const auto zero = there.reset(bob);
  const auto two = here.increment(alice, 2);
  const auto three = there.decrement(bob, 3);
  in_all_orders<resettable_counter>({five, zero, two, three}, [](const auto& x) { CHECK(x.value() == -1); });
}

TEST_CASE("resettable_counter: 20 million increments of 1 make 20 million, in one interval") {
  auto alice = replica_with_id(1);
  resettable_counter counter;
  for (int i = 0; i < 20'000'000; ++i) counter.increment(alice);
  CHECK(counter.value() == 20'000'000);
  CHECK(counter.metrics().bytes == sizeof counter);
  CHECK(wire::encode(counter).size() < 40);
  crdt_test::check_round_trips(counter);
}

TEST_CASE("resettable_counter: overflow and negative amounts are errors that change nothing") {
  auto alice = replica_with_id(1);
  resettable_counter counter;
  counter.increment(alice, std::numeric_limits<std::int64_t>::max());
  const auto before = counter;
  CHECK_THROWS_AS(counter.increment(alice), std::overflow_error);
  CHECK_THROWS_AS(counter.increment(alice, -1), std::invalid_argument);
  CHECK_THROWS_AS(counter.decrement(alice, -1), std::invalid_argument);
  CHECK(counter == before);
  counter.decrement(alice, std::numeric_limits<std::int64_t>::max());
  CHECK(counter.value() == 0);
  CHECK_THROWS_AS(counter.increment(alice, 5), std::overflow_error);  // the replica has counted to 2^64 - 2
  CHECK(counter.value() == 0);
  auto bob = replica_with_id(2);
  counter.decrement(bob, 1);
  CHECK(counter.value() == -1);
  crdt_test::check_round_trips(counter);
}

TEST_CASE("resettable_counter: more dots than 64 bits can number are still written and read") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  std::vector<resettable_counter> all;
  resettable_counter counter;
  for (std::uint64_t id = 1; id <= 5; ++id) {  // each counts almost 2^64
    auto by = replica_with_id(id);
    counter.increment(by, most);
    if (id % 2 == 0) counter.reset(by);
    counter.decrement(by, most);
    crdt_test::check_round_trips(counter);
    all.push_back(counter);
    counter.reset(by);
    crdt_test::check_round_trips(counter);
    all.push_back(counter);
  }
  resettable_counter whole;
  for (const auto& each : all) whole.merge(each);
  CHECK(whole == counter);
  CHECK(whole.value() == 0);
}

TEST_CASE("turns of zero stand only behind a turn that could not be longer") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  hearsay::causal_context seen;
  for (std::uint64_t id = 1; id <= 3; ++id) seen.insert(replica_id{id}, {1, most});
  const auto state = [&](const std::vector<std::uint64_t>& lengths) {  // of a set
    auto bytes = wire::encode(seen);
    for (const auto& part : {wire::encode(lengths), wire::encode(std::vector<int>{})})
      bytes.insert(bytes.end(), part.begin(), part.end());
    return bytes;
  };
  const auto whole = wire::decode<or_set<int>>(state({0, most, 0, most, 0}));
  CHECK(whole.context() == seen);
  CHECK(whole.empty());
  crdt_test::check_round_trips(whole);
  CHECK_THROWS_AS(wire::decode<or_set<int>>(state({0, most, 0})), hearsay::decode_error);  // some are alive
  CHECK_THROWS_AS(wire::decode<or_set<int>>(state({0, most - 1, 0, most, 0})), hearsay::decode_error);
  CHECK_THROWS_AS(wire::decode<or_set<int>>(state({0, 0})), hearsay::decode_error);
}

namespace {

// Ordered, and without a hash, which the value of a register does not need.
struct place {
  int row = 0, column = 0;
  friend auto operator<=>(const place&, const place&) = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(row, column);
  }
};

}  // namespace

TEST_CASE("mv_register: a value needs no hash") {
  mv_register<place> all;
  for (int i = 0; i < 1100; ++i) {
    auto by = replica_with_id(static_cast<std::uint64_t>(i + 1));
    mv_register<place> one;
    all.merge(one.set(by, {i, 0}));
  }
  auto same = wire::decode<mv_register<place>>(wire::encode(all));
  CHECK(same.absorb(all).is_bottom());
  CHECK(same == all);
  CHECK(same.values().size() == 1100);
}

TEST_CASE("a dot with two contents is reported and not merged to silence") {
  auto alice = replica_with_id(7), copied = replica_with_id(7);
  or_set<std::string> here, there;
  here.add(alice, "ann");
  const auto delta = there.add(copied, "bob");
  const auto before = here;
  CHECK_THROWS_AS(here.merge(delta), collision_error);
  CHECK_THROWS_AS(here.absorb(delta), collision_error);
  CHECK(here == before);
  try {
    here.merge(there);
  } catch (const collision_error& error) {
    CHECK(std::string(error.what()).find("0000000000000007:1") != std::string::npos);
  }
  mv_register<int> one, two;
  one.set(alice, 1);
  two.set(copied, 2);
  CHECK_THROWS_AS(one.merge(two), collision_error);

  or_map<int, or_set<int>> m, n;
  m.update(alice, 1, [&](auto& s) { return s.add(alice, 1); });
  n.update(copied, 2, [&](auto& s) { return s.add(copied, 1); });
  CHECK_THROWS_AS(m.merge(n), collision_error);
  n = {};
  n.update(copied, 1, [&](auto& s) { return s.add(copied, 2); });
  CHECK_THROWS_AS(m.merge(n), collision_error);
}

namespace {

// Draws a few replicas' histories, in which `write(state, replica, choices)` changes a state. After each step
// the hash of what is in a store has to be that of the same items come about otherwise, and what somebody
// lacks has to be all that he lacks.
template <class T>
void check_histories(const std::function<void(T&, replica&, crdt_test::choices&)>& write) {
  const auto hash = [](const T& x) -> std::uint64_t {
    const auto& store = hearsay::detail::causal_access::store(x);
    if constexpr (std::remove_cvref_t<decltype(store)>::hashes_all) return store.hash();
    return 0;
  };
  const auto alike = [&](const T& x, const T& y) { return hash(x) == hash(y) && x.context() == y.context(); };
  constexpr bool hashed =
      std::remove_cvref_t<decltype(hearsay::detail::causal_access::store(std::declval<T&>()))>::hashes_all;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    CAPTURE(seed);
    crdt_test::choices choose(seed);
    std::vector<replica> writers;
    for (std::uint64_t id = 1; id <= 3; ++id) writers.push_back(replica_with_id(id));
    std::vector<T> states(3), old(3);
    for (int step = 0; step < 150; ++step) {
      const auto at = choose.below(3), from = choose.below(3);
      if (choose.one_in(6)) {
        states[at].merge(choose.one_in(2) ? states[from] : old[from]);
      } else if (choose.one_in(12)) {
        old[at] = states[at];
      } else {
        write(states[at], writers[at], choose);
      }
      REQUIRE(hash(states[at]) == hash(wire::decode<T>(wire::encode(states[at]))));

      const auto& seen = states[from].context();
      const T lacking = states[at].missing_from(seen);
      REQUIRE(lacking.context() == states[at].context().minus(seen));
      REQUIRE(lacking.missing_from(seen) == lacking);
      const T rest = states[at].missing_from(lacking.context());
      REQUIRE(joined(rest, lacking) == states[at]);
      REQUIRE(joined(states[from], lacking).context().covers(states[at].context()));
    }
    for (auto& each : states) REQUIRE((!hashed || alike(each, states[0]) == (each == states[0])));
    for (const auto& each : states) states[0].merge(each);
    for (const auto& each : states) REQUIRE((!hashed || alike(each, states[0]) == (each == states[0])));
  }
}

}  // namespace

TEST_CASE("the hash of a state's items depends on nothing but the items; what is lacking is all that is") {
  const auto word = [](std::uint64_t i) { return "element number " + std::to_string(i); };
  check_histories<or_set<std::string>>([&](auto& x, auto& me, auto& choose) {
    const auto element = word(choose.below(9));
    choose.one_in(3) ? x.remove(me, element) : choose.one_in(40) ? x.clear(me) : x.add(me, element);
  });
  check_histories<rw_set<std::uint64_t>>([&](auto& x, auto& me, auto& choose) {
    const auto element = choose.below(9);
    choose.one_in(3) ? x.remove(me, element) : x.add(me, element);
  });
  check_histories<mv_register<std::string>>(
      [&](auto& x, auto& me, auto& choose) { x.set(me, word(choose.below(9))); });
  check_histories<ew_flag>(
      [](auto& x, auto& me, auto& choose) { choose.one_in(2) ? x.enable(me) : x.disable(me); });
  check_histories<resettable_counter>([](auto& x, auto& me, auto& choose) {
    choose.one_in(5)   ? x.reset(me)
    : choose.one_in(2) ? x.increment(me, choose.below(9))
                       : x.decrement(me, choose.below(9));
  });
  check_histories<or_map<std::string, or_set<std::uint64_t>>>([&](auto& x, auto& me, auto& choose) {
    const auto key = word(choose.below(5)), element = choose.below(5);
    if (choose.one_in(8)) return void(x.erase(me, key));
    if (choose.one_in(60)) return void(x.clear(me));
    x.update(me, key, [&](auto& inner) {
      return choose.one_in(3) ? inner.remove(me, element) : inner.add(me, element);
    });
  });
  check_histories<or_map<int, or_map<std::string, mv_register<int>>>>([&](auto& x, auto& me, auto& choose) {
    const auto key = static_cast<int>(choose.below(4)), value = static_cast<int>(choose.below(3));
    const auto inner_key = word(choose.below(3));
    if (choose.one_in(8)) return void(x.erase(me, key));
    if (choose.one_in(8)) {
      return void(x.put(me, key, [&](auto& inner) {
        return inner.update(me, inner_key, [&](auto& leaf) { return leaf.set(me, value); });
      }));
    }
    x.update(me, key, [&](auto& inner) {
      return choose.one_in(4) ? inner.erase(me, inner_key)
                              : inner.update(me, inner_key, [&](auto& leaf) { return leaf.set(me, value); });
    });
  });
}

// All dots are the same, so that only their contents tell.
TEST_CASE("a cloned replica is noticed in large states, too") {
  auto alice = replica_with_id(7), copied = replica_with_id(7);
  or_set<std::string> words, other_words;
  or_set<std::uint64_t> numbers, other_numbers;
  rw_set<int> refused, other_refused;
  or_map<int, or_set<int>> map, other_keys, other_values;
  mv_register<int> register_of, other_register;
  for (int i = 0; i < 2000; ++i) {
    const bool last = i == 1999;  // one is enough
    auto carol = replica_with_id(static_cast<std::uint64_t>(100 + i)),
         clone = replica_with_id(carol.id().value);
    words.add(alice, "x" + std::to_string(i));
    other_words.add(copied, (last ? "y" : "x") + std::to_string(i));
    numbers.add(alice, static_cast<std::uint64_t>(i));
    other_numbers.add(copied, static_cast<std::uint64_t>(last ? 5000 : i));
    refused.add(alice, i);
    if (last) other_refused.remove(copied, 0);
    if (!last) other_refused.add(copied, i);
    map.update(alice, i, [&](auto& s) { return s.add(alice, 1); });
    other_keys.update(copied, last ? 5000 : i, [&](auto& s) { return s.add(copied, 1); });
    auto third = replica_with_id(7);
    other_values.update(third, i, [&](auto& s) { return s.add(third, last ? 2 : 1); });
    mv_register<int> one, two;
    one.set(carol, i);
    two.set(clone, last ? -1 : i);
    register_of.merge(one);
    other_register.merge(two);
  }
  CHECK_THROWS_AS(words.merge(other_words), collision_error);
  CHECK_THROWS_AS(words.absorb(other_words), collision_error);
  CHECK_THROWS_AS(numbers.merge(other_numbers), collision_error);
  CHECK_THROWS_AS(refused.merge(other_refused), collision_error);
  CHECK_THROWS_AS(map.merge(other_keys), collision_error);
  CHECK_THROWS_AS(map.merge(other_values), collision_error);
  CHECK_THROWS_AS(register_of.merge(other_register), collision_error);
}

namespace {

// A large state, made in two, with elements in common from the same and from other adds.
template <class Element, class Make>
void check_large_merge(Make make) {
  auto alice = replica_with_id(1), bob = replica_with_id(2), carol = replica_with_id(3);
  or_set<Element> here, there;
  for (int i = 0; i < 3000; ++i) here.add(alice, make(i));
  there = here;
  for (int i = 2000; i < 5000; ++i) here.add(bob, make(i));
  for (int i = 2500; i < 6000; ++i) there.add(carol, make(i));
  there.merge(joined(or_set<Element>{}, here));  // now some elements have two adds
  for (int i = 0; i < 6000; i += 3) there.remove(carol, make(i));
  for (int i = 1; i < 6000; i += 5) here.remove(bob, make(i));
  for (int i = 0; i < 100; ++i) here.add(bob, make(10'000 + i));

  auto whole = joined(here, there), reversed = joined(there, here);
  or_set<Element> bit_by_bit = here;
  for (const auto& part : split(there, 100)) bit_by_bit.merge(part);
  CHECK(whole == reversed);
  CHECK(whole == bit_by_bit);
  CHECK(wire::encode(whole) == wire::encode(bit_by_bit));
  CHECK(whole.size() == bit_by_bit.size());
  for (int i = 0; i < 11'000; ++i) REQUIRE(whole.contains(make(i)) == bit_by_bit.contains(make(i)));
  auto news = here;
  CHECK(joined(here, news.absorb(there)) == whole);
  CHECK(news == whole);
  CHECK(whole.absorb(there).is_bottom());
  for (int i = 0; i < 11'000; ++i) whole.remove(alice, make(i));
  CHECK(whole.empty());
  whole.merge(bit_by_bit);
  CHECK(whole.empty());
}

}  // namespace

TEST_CASE("large states merge as small ones do") {
  check_large_merge<std::uint64_t>([](int i) { return static_cast<std::uint64_t>(i); });
  check_large_merge<std::string>([](int i) { return "element number " + std::to_string(i); });
}

TEST_CASE(
    "a key with very many concurrent items is merged in time that grows with them, not with their square") {
  mv_register<std::uint64_t> here;
  for (std::uint64_t i = 1; i <= 60'000; ++i) {
    auto writer = replica_with_id(i);
    mv_register<std::uint64_t> alone;
    here.merge(alone.set(writer, i));
  }
  CHECK(here.size() == 60'000);
  auto copy = here, gone = here;
  auto last = replica_with_id(0);
  const auto delta = gone.set(last, 7);
  copy.merge(delta);
  CHECK(copy == gone);
  CHECK(copy.values() == std::vector<std::uint64_t>{7});
}
