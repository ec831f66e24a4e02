// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/detail/short_vector.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/replica.hpp"

namespace hearsay::inline v0 {

/// A counter that only grows: per replica the sum of its increments, and the value is the sum of all.
///
///     hearsay::replica alice, bob;
///     hearsay::g_counter here, there;
///     const auto delta = here.increment(alice, 5);
///     there.increment(bob);
///     there.merge(delta);  // there.value() == 6
///
/// Merge takes the larger sum of each replica (Shapiro et al., "A comprehensive study of Convergent and
/// Commutative Replicated Data Types", 2011). A delta is one replica's sum, so it also stands for all earlier
/// deltas of that replica. Below, n is the number of replicas that have incremented.
class g_counter {
 public:
  static constexpr std::string_view crdt_name = "g_counter";

  g_counter() = default;
  g_counter(const g_counter&) = default;
  g_counter(g_counter&& other) noexcept { *this = std::move(other); }
  g_counter& operator=(const g_counter&) = default;
  g_counter& operator=(g_counter&& other) noexcept {
    entries_ = std::move(other.entries_);
    total_ = std::exchange(other.total_, 0);
    carry_ = std::exchange(other.carry_, 0);
    return *this;
  }

  /// Adds `amount` and returns the delta; bottom if `amount` is 0. Throws std::overflow_error, and changes
  /// nothing, if the value would pass 2^64 - 1. O(1) for the replica that incremented last, else O(log n),
  /// and O(n) the first time.
  g_counter increment(replica& by, std::uint64_t amount = 1) {
    g_counter delta;
    if (amount == 0) return delta;
    if (carry_ != 0 || total_ + amount < total_) throw std::overflow_error("g_counter: value above 2^64 - 1");
    if (own_ >= entries_.size() || entries_[own_].by != by.id()) {
      const auto at = std::ranges::lower_bound(entries_, by.id(), {}, &entry::by);
      own_ = static_cast<std::size_t>(at - entries_.begin());
      if (at == entries_.end() || at->by != by.id()) entries_.insert(at, {by.id(), 0});
    }
    entries_[own_].sum += amount;
    total_ += amount;
    delta.entries_.push_back(entries_[own_]);
    delta.total_ = entries_[own_].sum;
    return delta;
  }

  /// The sum of all increments. Throws std::overflow_error if concurrent increments took it above 2^64 - 1.
  /// O(1).
  std::uint64_t value() const {
    if (carry_ != 0) throw std::overflow_error("g_counter: value above 2^64 - 1");
    return total_;
  }

  bool is_bottom() const noexcept { return entries_.empty(); }

  hearsay::metrics metrics() const {
    return {1, entries_.size(), entries_.size(), 0, sizeof *this + entries_.heap()};
  }

  friend bool operator==(const g_counter& a, const g_counter& b) { return a.entries_ == b.entries_; }

  /// Joins `other` into this counter. O(m log n) for m entries of `other`, O(n + m) when it brings new
  /// replicas. If memory runs out, a part of `other` has been joined, as if only that had come.
  void merge(const g_counter& other) { join(other, nullptr); }

  /// Merges `delta` and returns what of it was news: the sums that were larger than those known.
  g_counter absorb(const g_counter& delta) {
    g_counter news;
    join(delta, &news);
    return news;
  }

  /// The next part, in the order of replicas; the cursor's first number is the next replica's id.
  g_counter part(cursor& at, std::size_t max_bytes) const {
    constexpr std::size_t entry_bytes = 18;  // an id and the longest varint
    g_counter out;
    auto next = std::ranges::lower_bound(entries_, replica_id{at.first}, {}, &entry::by);
    auto room = at.end ? 0 : std::max<std::size_t>(1, max_bytes / entry_bytes);
    for (; room != 0 && next != entries_.end(); --room) out.append(*next++);
    at.end = at.end || next == entries_.end();
    if (!at.end) at.first = next->by.value;
    return out;
  }

  fmt::appender print(fmt::appender out) const {
    return carry_ == 0 ? fmt::format_to(out, "{}", total_) : fmt::format_to(out, "over {}", total_max);
  }

  template <class Archive>
  void save(Archive& archive) const {
    const auto save_sums = [&](auto& out) {
      for (const auto& e : entries_) out(e);
    };
    archive(cereal::make_nvp("sums", detail::saved_sequence{entries_.size(), save_sums}));
  }

  template <class Archive>
  void load(Archive& archive) {
    g_counter fresh;
    const auto load_sums = [&](auto& in, std::uint64_t size) {
      for (; size != 0; --size) {
        entry e;
        in(e);
        const bool ascends = fresh.is_bottom() || fresh.entries_.back().by < e.by;
        if (!ascends || e.sum == 0) throw decode_error("g_counter: not canonical");
        fresh.append(e);
      }
    };
    archive(cereal::make_nvp("sums", detail::loaded_sequence{load_sums}));
    *this = std::move(fresh);
  }

 private:
  static constexpr auto total_max = std::numeric_limits<std::uint64_t>::max();

  struct entry {
    replica_id by;
    std::uint64_t sum = 0;  // never 0 once it is in a counter

    friend bool operator==(const entry&, const entry&) = default;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(CEREAL_NVP(by), CEREAL_NVP(sum));
    }
  };

  using entry_list = detail::short_vector<entry>;

  void add_to_total(std::uint64_t amount) noexcept {
    total_ += amount;
    carry_ += total_ < amount ? 1 : 0;
  }

  // e.by is above every id in here.
  void append(const entry& e) {
    entries_.push_back(e);
    add_to_total(e.sum);
  }

  void join(const g_counter& other, g_counter* news) {
    auto mine = entries_.begin();
    const auto find = [&](replica_id by) {
      if (mine != entries_.end() && mine->by < by) ++mine;  // both sides often have the same replicas
      if (mine != entries_.end() && mine->by < by) {
        mine = std::ranges::lower_bound(mine, entries_.end(), by, {}, &entry::by);
      }
      return mine != entries_.end() && mine->by == by;
    };

    std::size_t missing = 0;
    for (const auto& theirs : other.entries_) {
      const bool found = find(theirs.by);
      if (found && mine->sum >= theirs.sum) continue;
      if (news != nullptr) news->append(theirs);
      if (found) {
        add_to_total(theirs.sum - std::exchange(mine->sum, theirs.sum));
      } else {
        ++missing;
      }
    }
    if (missing == 0) return;

    entry_list all;
    all.reserve(entries_.size() + missing);
    std::ranges::set_union(entries_, other.entries_, std::back_inserter(all), {}, &entry::by, &entry::by);
    entries_ = std::move(all);
    total_ = carry_ = 0;
    for (const auto& e : entries_) add_to_total(e.sum);
  }

  entry_list entries_;       // by ascending id
  std::uint64_t total_ = 0;  // the sum of all entries modulo 2^64
  std::uint64_t carry_ = 0;  // and what is above
  std::size_t own_ = 0;      // where the last increment was
};

}  // namespace hearsay::inline v0
