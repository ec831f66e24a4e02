// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cereal/cereal.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <tuple>
#include <utility>

#include "hearsay/crdt/detail/amount.hpp"
#include "hearsay/crdt/detail/maxima.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/replica.hpp"

namespace hearsay::inline v0 {

/// A counter that never falls below zero, and asks nobody before it counts down: seats left, stock, a budget.
/// Who increments gets the right to as many decrements, uses it up, or hands it to another replica.
///
///     hearsay::replica alice, bob;
///     hearsay::bounded_counter here, there;
///     here.increment(alice, 10);
///     here.transfer(alice, bob.id(), 4);
///     there.merge(here);
///     there.decrement(bob, 3);  // there.value() == 7, there.rights(bob.id()) == 1
///     there.decrement(bob, 2);  // throws std::domain_error, though the value is 7
///
/// Per replica the sum of its increments and that of its decrements, per pair of replicas the sum of the
/// rights that went from one to the other; merge takes the larger of each (Balegas et al., "Extending
/// Eventually Consistent Cloud Databases for Enforcing Numeric Invariants", SRDS 2015). A replica knows all
/// it gave away, and hears late, if at all, of what it was given; so it never has more rights than it thinks.
///
/// A delta can be heard before those that it rests on. The delta of a decrement or a transfer therefore tells
/// of the increments that the rights came from: the writer's own while those are enough, else those of every
/// replica as far as known. So whatever deltas and states were joined, and whatever was lost, no more has
/// been taken away than was added. Only the parts of a state, as long as some are missing, may say otherwise;
/// the value is then 0.
///
/// Below, n is the number of replicas that have counted, and t that of pairs that have handed over rights.
class bounded_counter {
 public:
  static constexpr std::string_view crdt_name = "bounded_counter";

  /// Adds `amount`, of any integer type, and as many rights of the replica; returns the delta, bottom if
  /// `amount` is 0. Throws std::invalid_argument if it is negative, and std::overflow_error if the sum of all
  /// increments would pass 2^64 - 1; then nothing has changed. O(1) for the replica that counted last, else
  /// O(log n), and O(n) the first time.
  bounded_counter increment(replica& by, detail::amount amount = 1) {
    const auto more = amount.value;
    bounded_counter delta;
    if (more == 0) return delta;
    if (!counts_.total(up).has_room(more)) throw std::overflow_error(too_much);
    delta.counts_.append(by.id(), up, counts_.add(by.id(), up, more));
    return delta;
  }

  /// Takes `amount` away, and as many rights of the replica; returns the delta, bottom if `amount` is 0.
  /// Throws std::domain_error if the replica has fewer rights, std::invalid_argument if `amount` is negative,
  /// std::overflow_error if a sum would pass 2^64 - 1; then nothing has changed. O(t + log n), and O(n) when
  /// its own increments are not enough.
  bounded_counter decrement(replica& by, detail::amount amount = 1) {
    const auto less = amount.value;
    if (less == 0) return {};
    auto delta = grounds(by.id(), less);
    delta.counts_.add(by.id(), down, raised(counts_.sums(by.id())[down], less));
    counts_.add(by.id(), down, less);
    return delta;
  }

  /// Hands `amount` of the replica's rights to another one, which has them as soon as it hears of it; returns
  /// the delta, bottom if `amount` is 0 or the other one is the replica itself. Throws as `decrement` does.
  /// O(t + log n), and O(n) when its own increments are not enough.
  bounded_counter transfer(replica& by, replica_id to, detail::amount amount) {
    const auto moved = amount.value;
    if (moved == 0 || to == by.id()) return {};
    auto delta = grounds(by.id(), moved);
    const route way{by.id(), to};
    delta.transfers_.add(way, 0, raised(transfers_.sums(way)[0], moved));
    transfers_.add(way, 0, moved);
    return delta;
  }

  /// How much a replica may take away; of others than the one that asks, as far as heard. At most 2^64 - 1.
  /// O(t + log n).
  std::uint64_t rights(replica_id of) const noexcept { return narrow(balance_of(of).left()); }

  /// The sum of all increments without that of all decrements; never negative. Throws std::overflow_error if
  /// concurrent increments took it above 2^64 - 1. O(1).
  std::uint64_t value() const {
    const auto result = total();
    if (result.is_wide()) throw std::overflow_error(too_much);
    return result.low;
  }

  bool is_bottom() const noexcept { return counts_.empty() && transfers_.empty(); }

  /// O(t log n). What counts as a dot is a replica's pair of sums, and the rights that went one way.
  hearsay::metrics metrics() const {
    auto writers = counts_.size();
    const replica_id* last = nullptr;
    for (const auto& t : transfers_) {
      const auto& from = t.key.from;
      if ((last == nullptr || *last != from) && counts_.sums(from) == std::array<std::uint64_t, 2>{}) {
        ++writers;
      }
      last = &from;
    }
    return {1, counts_.size() + transfers_.size(), writers, 0,
            sizeof *this + counts_.heap() + transfers_.heap()};
  }

  friend bool operator==(const bounded_counter&, const bounded_counter&) = default;

  /// Joins `other` into this counter. O(m log(n + t)) for m sums of `other`, O(n + t + m) when it brings new
  /// ones. If memory runs out, a part of `other` has been joined, as if only that had come.
  void merge(const bounded_counter& other) { join(other, nullptr); }

  /// Merges `delta` and returns what of it was news: the sums that were larger than those known.
  bounded_counter absorb(const bounded_counter& delta) {
    bounded_counter news;
    join(delta, &news);
    return news;
  }

  /// The next part: first the replicas' sums in the order of their ids, where the cursor's numbers are both
  /// the next id, then the transfers in the order of givers and takers, where they are these two.
  bounded_counter part(cursor& at, std::size_t max_bytes) const {
    constexpr std::size_t count_bytes = 28;     // an id and the two longest varints
    constexpr std::size_t transfer_bytes = 26;  // two ids and the longest varint
    bounded_counter out;
    if (at.end) return out;
    route way{{at.first}, {at.second}};
    if (way.from == way.to) {
      const auto room = std::max<std::size_t>(1, max_bytes / count_bytes);
      if (const auto next = counts_.part(way.from, room, out.counts_); next != counts_.end()) {
        at.first = at.second = next->key.value;
        return out;
      }
      max_bytes -= std::min(max_bytes, out.counts_.size() * count_bytes);
      way = {};
    }
    const auto room = std::max<std::size_t>(out.is_bottom() ? 1 : 0, max_bytes / transfer_bytes);
    const auto next = transfers_.part(way, room, out.transfers_);
    at.end = next == transfers_.end();
    if (!at.end) std::tie(at.first, at.second) = std::pair(next->key.from.value, next->key.to.value);
    return out;
  }

  fmt::appender print(fmt::appender out) const {
    const auto result = total();
    return result.is_wide() ? fmt::format_to(out, "over {}", most) : fmt::format_to(out, "{}", result.low);
  }

  template <class Archive>
  void save(Archive& archive) const {
    archive(cereal::make_nvp("sums", counts_), cereal::make_nvp("transfers", transfers_));
  }

  template <class Archive>
  void load(Archive& archive) {
    bounded_counter fresh;
    archive(cereal::make_nvp("sums", fresh.counts_), cereal::make_nvp("transfers", fresh.transfers_));
    *this = std::move(fresh);
  }

 private:
  static constexpr auto too_much = "bounded_counter: sum above 2^64 - 1";
  static constexpr auto most = std::numeric_limits<std::uint64_t>::max();

  using count = detail::sums_of_replica;
  static constexpr auto up = count::up, down = count::down;

  struct route {
    replica_id from, to;

    friend auto operator<=>(const route&, const route&) = default;
  };

  struct transferred {
    route key;
    std::array<std::uint64_t, 1> sums{};

    friend bool operator==(const transferred&, const transferred&) = default;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(cereal::make_nvp("from", key.from), cereal::make_nvp("to", key.to),
              cereal::make_nvp("sum", sums[0]));
      if (key.from == key.to) throw decode_error("bounded_counter: not canonical");
    }
  };

  /// The rights that a replica got, and those that it gave away or used.
  struct balance {
    detail::wide_sum got, spent;

    detail::wide_sum left() const noexcept { return got > spent ? got - spent : detail::wide_sum{}; }
  };

  static std::uint64_t narrow(const detail::wide_sum& sum) noexcept { return sum.is_wide() ? most : sum.low; }

  static std::uint64_t raised(std::uint64_t sum, std::uint64_t amount) {
    if (!detail::wide_sum{sum}.has_room(amount)) throw std::overflow_error(too_much);
    return sum + amount;
  }

  balance balance_of(replica_id of) const noexcept {
    const auto own = counts_.sums(of);
    balance result{{own[up]}, {own[down]}};
    for (const auto& t : transfers_) {
      if (t.key.to == of) result.got.add(t.sums[0]);
      if (t.key.from == of) result.spent.add(t.sums[0]);
    }
    return result;
  }

  detail::wide_sum total() const noexcept { return balance{counts_.total(up), counts_.total(down)}.left(); }

  // The increments that the delta of a replica rests on which spends `amount`.
  bounded_counter grounds(replica_id by, std::uint64_t amount) const {
    auto before = balance_of(by);
    const auto left = before.left();
    if (left < detail::wide_sum{amount}) {
      throw std::domain_error(
          fmt::format("bounded_counter: {} wanted, rights to {} at hand", amount, left.low));
    }
    before.spent.add(amount);
    const bool own_do = before.spent <= detail::wide_sum{counts_.sums(by)[up]};
    bounded_counter out;
    const auto take = [&](const count& of) {
      if (of.sums[up] != 0) out.counts_.append({of.key, {of.sums[up], 0}});
    };
    if (own_do) {
      take(*counts_.from(by));
    } else {
      for (const auto& each : counts_) take(each);
    }
    return out;
  }

  void join(const bounded_counter& other, bounded_counter* news) {
    counts_.join(other.counts_, news != nullptr ? &news->counts_ : nullptr);
    transfers_.join(other.transfers_, news != nullptr ? &news->transfers_ : nullptr);
  }

  detail::maxima<count> counts_;
  detail::maxima<transferred> transfers_;
};

}  // namespace hearsay::inline v0
