// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <tuple>
#include <utility>

#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/detail/short_vector.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/replica_id.hpp"

namespace hearsay::inline v0::detail {

/// A sum in two words; no number of entries that fits into memory takes it above that.
struct wide_sum {
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  void add(std::uint64_t amount) noexcept {
    low += amount;
    high += low < amount ? 1 : 0;
  }
  bool is_wide() const noexcept { return high != 0; }
  /// Whether it will still be one word with `amount` more.
  bool has_room(std::uint64_t amount) const noexcept { return high == 0 && low + amount >= low; }

  /// Modulo 2^128.
  friend wide_sum operator-(const wide_sum& a, const wide_sum& b) noexcept {
    return {a.low - b.low, a.high - b.high - (a.low < b.low ? 1 : 0)};
  }
  friend auto operator<=>(const wide_sum& a, const wide_sum& b) noexcept {
    return std::tie(a.high, a.low) <=> std::tie(b.high, b.low);
  }
  friend bool operator==(const wide_sum&, const wide_sum&) = default;
};

/// What counters are made of: per key one or several sums that only grow, and merge takes the larger of each.
/// Flat and sorted by key; below, n is the number of keys.
///
/// An `Entry` has a `key`, ordered by `<=>`, an array `sums`, and cereal's `serialize`. No entry that is here
/// has nothing but zeros.
template <class Entry>
class maxima {
 public:
  using key_type = decltype(Entry::key);
  static constexpr std::size_t width = std::tuple_size_v<decltype(Entry::sums)>;

  maxima() = default;
  maxima(const maxima&) = default;
  maxima(maxima&& other) noexcept { *this = std::move(other); }
  maxima& operator=(const maxima&) = default;
  maxima& operator=(maxima&& other) noexcept {
    entries_ = std::move(other.entries_);
    totals_ = std::exchange(other.totals_, {});
    return *this;
  }

  auto begin() const noexcept { return entries_.begin(); }
  auto end() const noexcept { return entries_.end(); }
  std::size_t size() const noexcept { return entries_.size(); }
  bool empty() const noexcept { return entries_.empty(); }
  std::size_t heap() const noexcept { return entries_.heap(); }

  /// The first entry whose key is not below `key`. O(log n).
  auto from(const key_type& key) const noexcept {
    return std::ranges::lower_bound(entries_, key, {}, &Entry::key);
  }
  /// The sums of a key; zeros if it is not here. O(log n).
  auto sums(const key_type& key) const noexcept {
    const auto at = from(key);
    return at != end() && at->key == key ? at->sums : decltype(Entry::sums){};
  }
  /// The sum number `which` of all keys together. O(1).
  const wide_sum& total(std::size_t which) const noexcept { return totals_[which]; }

  /// Adds to the sum number `which` of a key; there has to be room for it. Returns the sum. O(1) for the
  /// key that was last, else O(log n), and O(n) the first time. Strong guarantee.
  std::uint64_t add(const key_type& key, std::size_t which, std::uint64_t amount) {
    if (own_ >= entries_.size() || entries_[own_].key != key) {
      const auto at = std::ranges::lower_bound(entries_, key, {}, &Entry::key);
      own_ = static_cast<std::size_t>(at - entries_.begin());
      if (at == entries_.end() || at->key != key) entries_.insert(at, Entry{key});
    }
    totals_[which].add(amount);
    return entries_[own_].sums[which] += amount;
  }

  /// Adds an entry of one sum; its key is above every one here.
  void append(const key_type& key, std::size_t which, std::uint64_t sum) {
    Entry& last = entries_.emplace_back();
    last.key = key;
    last.sums[which] = sum;
    totals_[which].add(sum);
  }
  /// Adds an entry whose key is above every one here.
  void append(const Entry& e) {
    entries_.push_back(e);
    add_to_totals(e);
  }

  /// Joins `other` into this, and appends to `news`, unless null, the sums that were larger than those known.
  /// O(m log n) for m entries of `other`, O(n + m) when it brings new keys. If memory runs out, a part of
  /// `other` has been joined, as if only that had come.
  void join(const maxima& other, maxima* news) {
    auto mine = entries_.begin();
    const auto find = [&](const key_type& key) {
      if (mine != entries_.end() && mine->key < key) ++mine;  // both sides often have the same keys
      if (mine != entries_.end() && mine->key < key) {
        mine = std::ranges::lower_bound(mine, entries_.end(), key, {}, &Entry::key);
      }
      return mine != entries_.end() && mine->key == key;
    };

    std::size_t missing = 0;
    for (const auto& theirs : other.entries_) {
      const bool found = find(theirs.key);
      if (found && below_or_equal(theirs, *mine)) continue;
      if (news != nullptr) news->append(found ? above(theirs, *mine) : theirs);
      if (found) {
        raise(*mine, theirs);
      } else {
        ++missing;
      }
    }
    if (missing == 0) return;

    entry_list all;
    all.reserve(entries_.size() + missing);
    std::ranges::set_union(entries_, other.entries_, std::back_inserter(all), {}, &Entry::key, &Entry::key);
    entries_ = std::move(all);
    totals_ = {};
    for (const auto& e : entries_) add_to_totals(e);
  }

  /// Appends to `out` the entries from `key` on, at most as many as there is `room` for; returns the entry
  /// after them.
  auto part(const key_type& key, std::size_t room, maxima& out) const {
    auto next = from(key);
    for (; room != 0 && next != end(); --room) out.append(*next++);
    return next;
  }

  friend bool operator==(const maxima& a, const maxima& b) { return a.entries_ == b.entries_; }

  /// A sequence of entries by ascending key.
  template <class Archive>
  void save(Archive& archive) const {
    const auto save_entries = [&](auto& out) {
      for (const auto& e : entries_) out(e);
    };
    saved_sequence{entries_.size(), save_entries}.save(archive);
  }

  template <class Archive>
  void load(Archive& archive) {
    maxima fresh;
    const auto load_entries = [&](auto& in, std::uint64_t size) {
      for (; size != 0; --size) {
        Entry e;
        in(e);
        const bool ascends = fresh.empty() || fresh.entries_.back().key < e.key;
        if (!ascends || e.sums == decltype(e.sums){}) throw decode_error("a counter is not canonical");
        fresh.append(e);
      }
    };
    loaded_sequence{load_entries}.load(archive);
    *this = std::move(fresh);
  }

 private:
  using entry_list = short_vector<Entry>;

  void add_to_totals(const Entry& e) noexcept {
    for (std::size_t i = 0; i < width; ++i) totals_[i].add(e.sums[i]);
  }

  static bool below_or_equal(const Entry& a, const Entry& b) noexcept {
    bool result = true;
    for (std::size_t i = 0; i < width; ++i) result = result && a.sums[i] <= b.sums[i];
    return result;
  }

  // The sums of `a` that are above those of `b`.
  static Entry above(Entry a, const Entry& b) noexcept {
    for (std::size_t i = 0; i < width; ++i) a.sums[i] = a.sums[i] > b.sums[i] ? a.sums[i] : 0;
    return a;
  }

  void raise(Entry& mine, const Entry& theirs) noexcept {
    for (std::size_t i = 0; i < width; ++i) {
      if (mine.sums[i] >= theirs.sums[i]) continue;
      totals_[i].add(theirs.sums[i] - std::exchange(mine.sums[i], theirs.sums[i]));
    }
  }

  entry_list entries_;
  std::array<wide_sum, width> totals_{};
  std::size_t own_ = 0;  // where the last `add` was
};

/// The entry of a counter with one sum for each replica.
struct sum_of_replica {
  replica_id key;
  std::array<std::uint64_t, 1> sums{};

  friend bool operator==(const sum_of_replica&, const sum_of_replica&) = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("by", key), cereal::make_nvp("sum", sums[0]));
  }
};

/// The entry of a counter that goes both ways.
struct sums_of_replica {
  enum : std::size_t { up, down };

  replica_id key;
  std::array<std::uint64_t, 2> sums{};

  friend bool operator==(const sums_of_replica&, const sums_of_replica&) = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("by", key), cereal::make_nvp("up", sums[up]),
            cereal::make_nvp("down", sums[down]));
  }
};

}  // namespace hearsay::inline v0::detail
