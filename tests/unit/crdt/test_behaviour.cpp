// SPDX-License-Identifier: BSL-1.0
// What is easily got wrong, of all types that can get it wrong, in all orders of delivery.
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "tests/unit/crdt/crdt_test.hpp"
#include "tests/unit/crdt/orders.hpp"

using namespace hearsay;
using crdt_test::in_all_orders;
using crdt_test::joined;
using crdt_test::replica_with_id;

namespace {

using titles = lww_register<std::string>;
using facts = lww_map<std::string, std::string>;
using words = or_set<std::string>;
using blocked = rw_set<std::string>;
using registers = or_map<std::string, mv_register<std::string>>;
using counts = or_map<std::string, resettable_counter>;
using sets = or_map<std::string, words>;
using flags = or_map<std::string, or_map<std::string, ew_flag>>;

// On the heap, and the larger the later.
std::string text(int i) { return fmt::format("some text of more than a few letters: {:05}", i); }

// A change to any type, another one for each i; the delta.
template <class T>
T change(T& x, replica& by, int i) {
  if constexpr (requires { x.increment(by, i); }) {
    return x.increment(by, i + 1);
  } else if constexpr (requires { x.raise(by, text(i)); }) {
    return x.raise(by, text(i));
  } else if constexpr (requires { x.lower(by, text(i)); }) {
    return x.lower(by, text(9999 - i));
  } else if constexpr (requires { x.set(by, text(i)); }) {
    return x.set(by, text(i));
  } else if constexpr (std::is_same_v<T, ew_flag>) {
    return x.enable(by);
  } else if constexpr (std::is_same_v<T, dw_flag>) {
    return x.disable(by);
  } else if constexpr (std::is_same_v<T, facts>) {
    return i % 4 == 3 ? x.erase(by, text(i - 1)) : x.put(by, text(i), text(i));
  } else {
    const auto element = [](int n) {
      if constexpr (std::is_integral_v<typename T::value_type>)
        return static_cast<typename T::value_type>(n);
      else
        return text(n);
    };
    if constexpr (requires { x.remove(by, element(i)); }) {
      if (i % 4 == 3) return x.remove(by, element(i - 1));
    }
    return x.add(by, element(i));
  }
}
template <class V>
or_map<std::string, V> change(or_map<std::string, V>& x, replica& by, int i) {
  return i % 4 == 3 ? x.erase(by, text(i - 1))
                    : x.update(by, text(i), [&](V& value) { return change(value, by, i % 3); });
}
template <class F>
product<F> change(product<F>& x, replica& by, int i) {
  const auto part = [&](auto& field) { return change(field, by, i); };
  return i % 2 == 0 ? x.template update<0>(part) : x.template update<1>(part);
}
template <class A, class B>
lexicographic<A, B> change(lexicographic<A, B>& x, replica& by, int i) {
  const auto part = [&](auto& component) { return change(component, by, i); };
  return i % 50 == 0 ? x.advance(part) : x.update(part);
}

// What can be there and be taken out: elements of the sets, and keys of the maps.
template <class T>
T put(T& x, replica& by, const std::string& key) {
  if constexpr (requires { x.add(by, key); })
    return x.add(by, key);
  else
    return x.update(by, key, [&](auto& value) { return change(value, by, 0); });
}
template <class T>
T take(T x, replica& by, const std::string& key) {
  if constexpr (requires { x.erase(by, key); })
    return x.erase(by, key);
  else
    return x.remove(by, key);
}

template <class T>
std::set<std::string> keys(const T& x) {
  std::set<std::string> all;
  for (const auto& each : x) {
    if constexpr (requires { each.first; })
      CHECK(all.insert(each.first).second);
    else
      CHECK(all.insert(each).second);
  }
  CHECK(x.size() == all.size());
  for (const auto& key : all) CHECK(x.contains(key));
  return all;
}

// A check for in_all_orders.
template <class T>
std::function<void(const T&)> has(std::set<std::string> expected) {
  return [expected = std::move(expected)](const T& x) { CHECK(keys(x) == expected); };
}

using add_wins = std::tuple<words, sets, registers, flags>;
using removable = std::tuple<words, blocked, sets, registers, flags, counts>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("what is added again at one replica while another removes it stays", "", add_wins) {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  TestType here;
  const auto first = put(here, alice, "k");
  const auto gone = take(here, bob, "k");
  const auto again = put(here, alice, "k");
  in_all_orders<TestType>({first, gone}, has<TestType>({}));
  in_all_orders<TestType>({gone, again}, has<TestType>({"k"}));
  in_all_orders<TestType>({first, gone, again, here, joined(first, gone)}, [](const TestType& x) {
    CHECK(keys(x) == std::set<std::string>{"k"});
    CHECK(x.metrics().dots == 1);
  });
}

TEMPLATE_LIST_TEST_CASE("adding what is there issues a new dot, in place of those observed", "", add_wins) {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  TestType here;
  const auto first = put(here, alice, "k");
  const auto second = put(here, alice, "k");
  const auto third = put(here, bob, "k");
  causal_context seen;
  seen.insert({1}, {1, 2});
  CHECK(joined(first, second).context() == seen);
  seen.insert(dot{{2}, 1});
  in_all_orders<TestType>({first, second, third}, [&](const TestType& x) {
    CHECK(x == here);
    CHECK(x.context() == seen);
    CHECK(x.metrics().dots == 1);
    auto removed = x;
    removed.merge(take(third, alice, "k"));  // all that is left is the third
    CHECK(keys(removed).empty());
  });
}

TEMPLATE_LIST_TEST_CASE("what both sides have is compared by dots, not kept because both have it", "",
                        add_wins) {
  auto alice = replica_with_id(1), bob = replica_with_id(2), carol = replica_with_id(3);
  TestType a, b;
  const auto by_alice = put(a, alice, "k"), by_bob = put(b, bob, "k");
  const auto gone_a = take(a, carol, "k"), gone_b = take(b, carol, "k");

  // Each side has seen the other's add end.
  const auto here = joined(by_alice, gone_b), there = joined(by_bob, gone_a);
  REQUIRE(keys(here) == keys(there));
  in_all_orders<TestType>({here, there}, has<TestType>({}));
  in_all_orders<TestType>({by_alice, by_bob, gone_a, gone_b, here}, has<TestType>({}));

  // One side has both adds, the other has seen one of them end: only the other add is left.
  const auto both = joined(by_alice, by_bob);
  in_all_orders<TestType>({both, there}, [](const TestType& x) {
    CHECK(keys(x) == std::set<std::string>{"k"});
    CHECK(x.metrics().dots == 1);
  });
  in_all_orders<TestType>({both, there, gone_b}, has<TestType>({}));
}

TEMPLATE_LIST_TEST_CASE("removing marks only the dots observed: what was not seen survives", "", removable) {
  constexpr bool remove_wins = std::is_same_v<TestType, blocked>;
  auto alice = replica_with_id(1), bob = replica_with_id(2), carol = replica_with_id(3);
  TestType here, other;
  const auto k = put(here, alice, "k"), l = put(here, alice, "l"), m = put(here, alice, "m");
  const auto n = put(other, carol, "n");
  auto there = joined(joined(k, m), n);  // l, between two that came, did not come
  const auto removed_k = take(there, bob, "k");
  there.merge(removed_k);
  const auto removed_m = take(there, bob, "m");
  if constexpr (!remove_wins) {
    causal_context observed;
    observed.insert(dot{{1}, 1});
    observed.insert(dot{{1}, 3});
    CHECK(joined(removed_k, removed_m).context() == observed);
    const auto cleared = joined(joined(k, m), n).clear(bob);
    in_all_orders<TestType>({k, l, m, n, cleared}, has<TestType>({"l"}));
  }
  in_all_orders<TestType>({k, l, m, n, removed_k, removed_m}, has<TestType>({"l", "n"}));
  const auto again = put(here, alice, "k");  // has not seen the removes
  in_all_orders<TestType>({k, l, m, n, again, joined(removed_k, removed_m)},
                          remove_wins ? has<TestType>({"l", "n"}) : has<TestType>({"k", "l", "n"}));
}

TEST_CASE("or_map: the same operations give one map, whatever came when, deltas and states mixed") {
  const auto add = [](sets& map, replica& by, const char* element) {
    return map.update(by, "k", [&](words& set) { return set.add(by, element); });
  };
  const auto run = [&](std::uint64_t ms_of_alice, std::uint64_t ms_of_bob) {
    auto alice = replica_with_id(1, std::make_shared<std::uint64_t>(ms_of_alice));
    auto bob = replica_with_id(2, std::make_shared<std::uint64_t>(ms_of_bob));
    auto carol = replica_with_id(3);
    sets here, there;
    const auto old = add(here, alice, "old");
    there.merge(old);
    const auto erased = there.erase(bob, "k");
    const auto fresh = there.put(bob, "k", [&](words& set) { return set.add(bob, "fresh"); });
    const auto more = add(here, alice, "more");
    sets elsewhere = erased;  // has heard of the erase alone
    const auto late = add(elsewhere, carol, "late");
    std::vector<std::byte> bytes;
    in_all_orders<sets>({old, joined(erased, late), fresh, more, there, elsewhere}, [&](const sets& x) {
      CHECK(fmt::to_string(x) == "{k: {fresh, late, more}}");
      if (bytes.empty()) bytes = wire::encode(x);
      CHECK(wire::encode(x) == bytes);
    });
    return bytes;
  };
  CHECK(run(1, 1'000'000) == run(1'000'000, 1));
}

TEST_CASE("or_map: an erased key leaves no ghost in iteration, equality or bytes, in all orders") {
  auto alice = replica_with_id(1), bob = replica_with_id(2), carol = replica_with_id(3);
  flags here;
  words same;  // with the same dots, and nothing there
  const auto made = put(here, alice, "k"), again = put(here, bob, "k");
  const auto erased = take(here, carol, "k");
  const auto emptied = here.update(carol, "k", [&](auto& inner) {
    return inner.update(carol, text(0), [&](auto& f) { return f.disable(carol); });
  });
  put(same, alice, "k"), put(same, bob, "k"), same.clear(carol);
  const auto check = [&](const flags& x) {
    CHECK(keys(x).empty());
    CHECK(x.get("k") == nullptr);
    CHECK(x == here);
    CHECK(x.context() == same.context());
    CHECK(x.metrics().bytes - sizeof x == same.metrics().bytes - sizeof same);
    CHECK(wire::encode(x) == wire::encode(same));
  };
  in_all_orders<flags>({made, again, erased, joined(made, again)}, check);
  in_all_orders<flags>({made, again, emptied, here, erased}, check);
}

namespace {

using last_writer = std::tuple<titles, facts>;

titles write(titles& x, replica& by, const std::string& value) { return x.set(by, value); }
facts write(facts& x, replica& by, const std::string& value) { return x.put(by, "k", value); }

// A check for in_all_orders. Where the values descend, none wins for being larger.
template <class T>
std::function<void(const T&)> reads(const std::string& expected) {
  return [expected](const T& x) {
    if constexpr (std::is_same_v<T, facts>) {
      REQUIRE(x.get("k") != nullptr);
      CHECK(*x.get("k") == expected);
    } else {
      CHECK(*x.get() == expected);
    }
  };
}

}  // namespace

TEMPLATE_LIST_TEST_CASE("of two writes of one replica in one clock tick the second wins", "", last_writer) {
  auto alice = replica_with_id(1);  // whose clock stands still
  TestType here, unaware;
  const auto first = write(here, alice, "c"), second = write(here, alice, "b");
  REQUIRE(first.newest().milliseconds() == second.newest().milliseconds());
  in_all_orders<TestType>({first, second, here}, reads<TestType>("b"));
  const auto third = write(unaware, alice, "a");  // into a state that has not seen the others
  REQUIRE(first.newest().milliseconds() == third.newest().milliseconds());
  in_all_orders<TestType>({first, second, third, here}, reads<TestType>("a"));
  if constexpr (std::is_same_v<TestType, facts>) {
    const auto erased = unaware.erase(alice, "k");
    REQUIRE(first.newest().milliseconds() == erased.newest().milliseconds());
    in_all_orders<TestType>({first, second, third, erased}, [](const facts& x) { CHECK(x.empty()); });
  }
}

TEMPLATE_LIST_TEST_CASE("with a clock set back an hour a causally later write wins", "", last_writer) {
  constexpr std::uint64_t hour = 3'600'000;
  const auto now = std::make_shared<std::uint64_t>(1'700'000'000'000);
  const auto behind = std::make_shared<std::uint64_t>(*now - hour);
  auto alice = replica_with_id(9, now), bob = replica_with_id(2, behind);
  TestType here;
  const auto first = write(here, alice, "d");
  const auto second = write(here, bob, "c");  // his clock was never right, and his id is lower
  *now -= hour;
  TestType unaware;
  const auto third = write(unaware, alice, "b");  // saw only that she wrote "d"
  in_all_orders<TestType>({first, third}, reads<TestType>("b"));
  auto restarted = replica_with_id(1, behind);  // and knows the time of nothing but what it overwrites
  here.merge(third);
  const auto middle = here;
  const auto fourth = write(here, restarted, "a");
  in_all_orders<TestType>({first, second, third, fourth, middle, here}, reads<TestType>("a"));
  if constexpr (std::is_same_v<TestType, facts>) {
    auto last = replica_with_id(0, behind);
    const auto erased = here.erase(last, "k");
    in_all_orders<TestType>({first, second, third, fourth, erased}, [](const facts& x) { CHECK(x.empty()); });
  }
}

namespace {

using telling = std::tuple<titles, facts, mv_register<std::string>, words, blocked, sets, registers>;
using catalogue =
    std::tuple<g_counter, pn_counter, bounded_counter, resettable_counter, max_register<std::string>,
               min_register<std::string>, titles, facts, mv_register<std::string>, ew_flag, dw_flag,
               g_set<std::string>, g_set<std::uint64_t>, two_phase_set<std::string>, words,
               or_set<std::uint64_t>, blocked, sets, registers, counts, flags, or_map<std::string, blocked>,
               or_map<std::string, dw_flag>, product<std::pair<words, facts>>,
               product<std::tuple<counts, pn_counter>>, lexicographic<titles, words>,
               lexicographic<max_register<std::string>, product<std::pair<g_counter, flags>>>>;

}  // namespace

TEMPLATE_LIST_TEST_CASE("a copied or moved-from value is independent, and x.merge(x) changes nothing", "",
                        catalogue) {
  for (const int size : {0, 1, 2, 9, 300}) {
    CAPTURE(type_name<TestType>(), size);
    auto alice = replica_with_id(1), bob = replica_with_id(2);
    TestType x;
    for (int i = 0; i < size; ++i) change(x, alice, i);
    const TestType original = x;
    const auto bytes = wire::encode(x);
    const auto unchanged = [&](const TestType& y) { return y == original && wire::encode(y) == bytes; };
    REQUIRE((size == 0) == is_bottom(x));

    auto& self = x;
    x.merge(self);
    CHECK(unchanged(x));
    CHECK(is_bottom(absorb(x, self)));
    x.merge(std::move(self));
    x = self;
    x = std::move(self);
    CHECK(unchanged(x));

    // A change here is none there, of a copy as of what was copied.
    auto copy = x, other = x;
    const auto delta = change(copy, bob, size + 1000);
    CHECK(copy != original);
    CHECK(unchanged(x));
    copy = other;
    CHECK(unchanged(copy));
    CHECK(change(other, bob, size + 1000) != TestType{});
    CHECK(unchanged(copy));

    // What was moved is whole, and where it was is bottom, as good as new.
    auto moved = std::move(copy);
    CHECK(unchanged(moved));
    CHECK(copy == TestType{});
    CHECK(is_bottom(copy));
    CHECK(wire::encode(copy) == wire::encode(TestType{}));
    copy.merge(delta);
    CHECK(copy == delta);
    CHECK(unchanged(moved));
    copy = std::move(moved);
    CHECK(unchanged(copy));
    CHECK(moved == TestType{});
    for (int i = 0; i < 3; ++i) change(moved, bob, i);
    CHECK(moved != TestType{});
    CHECK(unchanged(copy));
    const auto expected = joined(original, moved);
    moved.merge(original);
    CHECK(moved == expected);
    std::swap(moved, copy);
    CHECK(unchanged(moved));
    CHECK(unchanged(x));
  }
}

TEMPLATE_LIST_TEST_CASE("two live replicas with one id collide in every order, and nothing is merged", "",
                        telling) {
  auto alice = replica_with_id(1), cloned = replica_with_id(1);
  const auto said = [](replica& by, int i) {
    TestType x;
    if constexpr (std::is_same_v<TestType, facts>) {
      return write(x, by, text(i));  // under one key
    } else {
      return change(x, by, i);
    }
  };
  const auto one = said(alice, 1), two = said(cloned, 2);
  for (const auto& [first, second] : {std::pair(one, two), std::pair(two, one)}) {
    auto x = first;
    CHECK_THROWS_AS(x.merge(second), collision_error);
    CHECK_THROWS_AS(x.absorb(second), collision_error);
    CHECK(x == first);
  }
}
