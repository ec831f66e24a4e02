// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/laws.hpp"

/// Small data types, each wrong in one way that has been seen in the wild. (Those that are sets gone wrong
/// are in tests/laws/toy_set.hpp.)
namespace twin {

using hearsay::replica;
using hearsay::laws::source;

/// A counter that goes up and down, merged by the larger total.
struct larger_total {
  std::int64_t total = 0;

  larger_total add(std::int64_t amount) {
    total += amount;
    return *this;
  }
  void merge(const larger_total& other) { total = std::max(total, other.total); }

  friend bool operator==(const larger_total&, const larger_total&) = default;
  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}", total); }

  static larger_total apply(larger_total& x, replica&, source& c) {
    const auto amount = c.flip() ? std::int64_t{-1} : std::int64_t{1};
    c.note("add({})", amount);
    return x.add(amount);
  }
};

/// A counter whose merge adds what comes in: every message counts as often as it arrives.
struct adding_counter {
  std::uint64_t total = 0;

  adding_counter increment() {
    ++total;
    return {1};
  }
  void merge(const adding_counter& other) { total += other.total; }

  friend bool operator==(const adding_counter&, const adding_counter&) = default;
  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}", total); }

  static adding_counter apply(adding_counter& x, replica&, source& c) {
    c.note("increment");
    return x.increment();
  }
};

/// A counter with a sum for each replica, whose delta is the increment instead of the new sum.
struct increment_as_delta {
  std::map<hearsay::replica_id, std::uint64_t> sums;

  increment_as_delta increment(replica& me) {
    ++sums[me.id()];
    return {{{me.id(), 1}}};
  }
  void merge(const increment_as_delta& other) {
    for (const auto& [by, sum] : other.sums) sums[by] = std::max(sums[by], sum);
  }

  friend bool operator==(const increment_as_delta&, const increment_as_delta&) = default;
  fmt::appender print(fmt::appender out) const {
    std::uint64_t total = 0;
    for (const auto& [by, sum] : sums) total += sum;
    return fmt::format_to(out, "{}", total);
  }

  static increment_as_delta apply(increment_as_delta& x, replica& me, source& c) {
    c.note("increment");
    return x.increment(me);
  }
};

/// A last-writer-wins register by wall clock alone: of two writes in the same millisecond the one that
/// arrives last stays.
struct arrival_register {
  std::uint64_t time = 0;
  std::string value;

  arrival_register put(replica& me, std::string to) {
    const arrival_register delta{std::max(time + 1, me.time().wall()), std::move(to)};
    merge(delta);
    return delta;
  }
  void merge(const arrival_register& other) {
    if (other.time >= time) *this = arrival_register(other);
  }

  friend bool operator==(const arrival_register&, const arrival_register&) = default;
  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}", value); }

  static arrival_register apply(arrival_register& x, replica& me, source& c) {
    auto to = c.item<std::string>();
    c.note("put({})", to);
    return x.put(me, std::move(to));
  }
};

/// Whether everybody agreed, merged with "and"; but a replica that has not been asked yet says no, too.
struct everybody {
  bool agreed = false;

  everybody agree() {
    agreed = true;
    return *this;
  }
  void merge(const everybody& other) { agreed = agreed && other.agreed; }

  friend bool operator==(const everybody&, const everybody&) = default;
  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}", agreed); }

  static everybody apply(everybody& x, replica&, source& c) {
    c.note("agree");
    return x.agree();
  }
};

/// A set that only grows, and whose add throws for what is there already.
struct strict_set {
  std::set<std::string> items;

  strict_set add(std::string item) {
    if (!items.insert(item).second) throw std::logic_error(item + " is there already");
    return {{std::move(item)}};
  }
  void merge(const strict_set& other) { items.insert(other.items.begin(), other.items.end()); }

  friend bool operator==(const strict_set&, const strict_set&) = default;
  fmt::appender print(fmt::appender out) const {
    return fmt::format_to(out, "{{{}}}", fmt::join(items, ", "));
  }

  static strict_set apply(strict_set& x, replica&, source& c) {
    auto item = c.item<std::string>();
    c.note("add({})", item);
    return x.add(std::move(item));
  }
};

/// A grow-only set that is stored and encoded in the order in which the items came.
struct unsorted_set {
  std::vector<std::string> items;

  unsorted_set add(std::string item) {
    unsorted_set delta;
    if (std::ranges::find(items, item) == items.end()) delta.items.push_back(std::move(item));
    merge(delta);
    return delta;
  }
  void merge(const unsorted_set& other) {
    const auto theirs = other.items;
    for (const auto& item : theirs) {
      if (std::ranges::find(items, item) == items.end()) items.push_back(item);
    }
  }

  friend bool operator==(const unsorted_set& a, const unsorted_set& b) {
    return std::set(a.items.begin(), a.items.end()) == std::set(b.items.begin(), b.items.end());
  }
  fmt::appender print(fmt::appender out) const {
    return fmt::format_to(out, "{{{}}}", fmt::join(items, ", "));
  }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(items);
  }

  static unsorted_set apply(unsorted_set& x, replica&, source& c) {
    auto item = c.item<std::string>();
    c.note("add({})", item);
    return x.add(std::move(item));
  }
};

}  // namespace twin

/// Each twin brings its own mutation.
template <class T>
requires requires(T& x, twin::replica& me, twin::source& c) {
  { T::apply(x, me, c) } -> std::same_as<T>;
}
struct hearsay::laws::mutate<T> {
  static T apply(T& x, replica& me, source& c) { return T::apply(x, me, c); }
};
