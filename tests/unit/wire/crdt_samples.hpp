// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "hearsay/crdt.hpp"

/// States of the data types, the same ones each time, for tests of their bytes.
namespace wire_test {

/// A writer whose clock stands still; its stamps are told apart by their logic.
inline hearsay::replica writer(std::uint64_t id, std::uint64_t milliseconds = 1'700'000'000'000) {
  return hearsay::replica(hearsay::replica_id{id}, hearsay::clock([=] { return milliseconds; }));
}

inline hearsay::g_counter counter_sample() {
  auto a = writer(0x0123456789abcdef), b = writer(2), c = writer(~std::uint64_t{0});
  hearsay::g_counter state;
  state.increment(a, 5);
  state.increment(b, 300);
  state.increment(a);
  state.increment(c, 1);
  return state;
}

/// Two replicas; of the first, dots 1 to 3, 5, and 10 to 300 are there.
inline hearsay::causal_context context_sample() {
  hearsay::causal_context state;
  state.insert(hearsay::replica_id{1}, {1, 3});
  state.insert({hearsay::replica_id{1}, 5});
  state.insert(hearsay::replica_id{1}, {10, 300});
  state.insert({hearsay::replica_id{0x0123456789abcdef}, 2});
  return state;
}

/// Two writers, one element that both added, one that was removed, one added again, and a gap.
inline hearsay::or_set<std::string> set_sample() {
  auto a = writer(1), b = writer(0x0123456789abcdef);
  hearsay::or_set<std::string> state, other;
  state.add(a, "apple");
  state.add(a, "pear");
  state.add(a, "fig");
  state.add(a, "apple");
  state.remove(a, "pear");
  other.add(b, "a lost update");
  state.merge(other.add(b, "fig"));
  return state;
}

/// What one add and what one remove send.
inline hearsay::or_set<std::string> set_add_sample() {
  auto a = writer(1);
  return hearsay::or_set<std::string>().add(a, "apple");
}
inline hearsay::or_set<std::string> set_remove_sample() {
  auto a = writer(1);
  hearsay::or_set<std::string> state;
  state.add(a, "apple");
  return state.remove(a, "apple");
}

/// Two writers, the second one a millisecond later; "b" is erased.
inline hearsay::lww_map<std::string, std::uint64_t> map_sample() {
  auto a = writer(1), b = writer(0x0123456789abcdef, 1'700'000'000'001);
  hearsay::lww_map<std::string, std::uint64_t> state;
  state.put(a, "c", 1);
  state.put(a, "b", 2);
  state.put(a, "a", 3);
  state.put(b, "c", 300);
  state.erase(b, "b");
  return state;
}

/// Three elements, not added in their order.
inline hearsay::g_set<std::string> grown_sample() {
  auto a = writer(1);
  hearsay::g_set<std::string> state;
  for (const auto* each : {"pear", "apple", "fig"}) state.add(a, each);
  return state;
}

/// "fig" is there, "pear" and "apple" were removed.
inline hearsay::two_phase_set<std::string> two_phase_sample() {
  auto a = writer(1);
  hearsay::two_phase_set<std::string> state;
  for (const auto* each : {"pear", "apple", "fig"}) state.add(a, each);
  state.remove(a, "pear");
  state.remove(a, "apple");
  return state;
}

struct visits_and_names {
  hearsay::g_counter visits;
  hearsay::g_set<std::string> names;
};

inline hearsay::product<visits_and_names> product_sample() {
  auto a = writer(2);
  hearsay::product<visits_and_names> state;
  state.update(&visits_and_names::visits, [&](auto& visits) { return visits.increment(a, 300); });
  state.update(&visits_and_names::names, [&](auto& names) { return names.add(a, "fig"); });
  return state;
}

/// 7 votes under 2, then 3 under 5.
inline hearsay::lexicographic<hearsay::max_register<std::uint64_t>, hearsay::g_counter>
lexicographic_sample() {
  auto a = writer(2);
  hearsay::lexicographic<hearsay::max_register<std::uint64_t>, hearsay::g_counter> state;
  state.advance([&](auto& term) { return term.raise(a, 2); });
  state.update([&](auto& votes) { return votes.increment(a, 7); });
  state.advance([&](auto& term) { return term.raise(a, 5); });
  state.update([&](auto& votes) { return votes.increment(a, 3); });
  return state;
}

inline hearsay::pn_counter pn_counter_sample() {
  auto a = writer(0x0123456789abcdef), b = writer(2);
  hearsay::pn_counter state;
  state.increment(a, 5);
  state.increment(b, 300);
  state.decrement(b, 7);
  return state;
}

/// The first replica creates all rights, the second one uses some of those that it was given.
inline hearsay::bounded_counter bounded_counter_sample() {
  auto a = writer(1), b = writer(2);
  hearsay::bounded_counter state;
  state.increment(a, 10);
  state.transfer(a, b.id(), 4);
  state.decrement(b, 3);
  return state;
}

inline hearsay::max_register<std::uint64_t> max_sample() {
  auto a = writer(1);
  return hearsay::max_register<std::uint64_t>().raise(a, 300);
}
inline hearsay::min_register<std::int64_t> min_sample() {
  auto a = writer(1);
  return hearsay::min_register<std::int64_t>().lower(a, -3);
}
inline hearsay::lww_register<std::string> register_sample() {
  auto a = writer(1);
  return hearsay::lww_register<std::string>().set(a, "red");
}

/// "a" added; "b" added and removed.
inline hearsay::rw_set<std::string> remove_wins_sample() {
  auto a = writer(1);
  hearsay::rw_set<std::string> state;
  state.add(a, "a");
  state.add(a, "b");
  state.remove(a, "b");
  return state;
}

/// Two concurrent values.
inline hearsay::mv_register<std::uint64_t> values_sample() {
  auto a = writer(1), b = writer(2);
  hearsay::mv_register<std::uint64_t> state, other;
  state.set(a, 5);
  other.set(b, 300);
  state.merge(other);
  return state;
}

inline hearsay::ew_flag flag_sample() {
  auto a = writer(1);
  hearsay::ew_flag state;
  state.enable(a);
  return state;
}

/// Up 300, down 2.
inline hearsay::resettable_counter reset_sample() {
  auto a = writer(1);
  hearsay::resettable_counter state;
  state.increment(a, 300);
  state.decrement(a, 2);
  return state;
}

/// "x" under "k", "y" under "l", then "z" under "k".
inline hearsay::or_map<std::string, hearsay::or_set<std::string>> nested_sample() {
  auto a = writer(1);
  hearsay::or_map<std::string, hearsay::or_set<std::string>> state;
  for (const auto& [key, element] : {std::pair{"k", "x"}, {"l", "y"}, {"k", "z"}}) {
    state.update(a, key, [&, e = element](auto& set) { return set.add(a, e); });
  }
  return state;
}

/// Counters in maps in a map, one of which was reset.
inline hearsay::or_map<std::uint64_t, hearsay::or_map<std::string, hearsay::resettable_counter>>
deep_sample() {
  auto a = writer(1), b = writer(2);
  hearsay::or_map<std::uint64_t, hearsay::or_map<std::string, hearsay::resettable_counter>> state;
  const auto count = [&](hearsay::replica& by, std::uint64_t outer, const char* inner, std::uint64_t amount) {
    state.update(by, outer, [&](auto& map) {
      return map.update(by, inner, [&](auto& counter) { return counter.increment(by, amount); });
    });
  };
  count(a, 1, "x", 5);
  count(b, 1, "y", 7);
  count(a, 2, "x", 300);
  count(a, 1, "x", 2);
  state.update(b, 2, [&](auto& map) { return map.erase(b, "x"); });
  return state;
}

}  // namespace wire_test
