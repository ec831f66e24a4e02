// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "hearsay/crdt/detail/amount.hpp"
#include "hearsay/crdt/detail/maxima.hpp"
#include "hearsay/crdt/detail/print.hpp"
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

  /// Adds `amount`, of any integer type, and returns the delta; bottom if `amount` is 0. Throws
  /// std::invalid_argument if it is negative, and std::overflow_error if the value would pass 2^64 - 1; then
  /// nothing has changed. O(1) for the replica that incremented last, else O(log n), and O(n) the first time.
  g_counter increment(replica& by, detail::amount amount = 1) {
    const auto more = amount.value;
    g_counter delta;
    if (more == 0) return delta;
    if (!sums_.total(0).has_room(more)) throw std::overflow_error("g_counter: value above 2^64 - 1");
    delta.sums_.append(by.id(), 0, sums_.add(by.id(), 0, more));
    return delta;
  }

  /// The sum of all increments. Throws std::overflow_error if concurrent increments took it above 2^64 - 1.
  /// O(1).
  std::uint64_t value() const {
    if (sums_.total(0).is_wide()) throw std::overflow_error("g_counter: value above 2^64 - 1");
    return sums_.total(0).low;
  }

  bool is_bottom() const noexcept { return sums_.empty(); }

  hearsay::metrics metrics() const { return {1, sums_.size(), sums_.size(), 0, sizeof *this + sums_.heap()}; }

  friend bool operator==(const g_counter&, const g_counter&) = default;

  /// Joins `other` into this counter. O(m log n) for m entries of `other`, O(n + m) when it brings new
  /// replicas. If memory runs out, a part of `other` has been joined, as if only that had come.
  void merge(const g_counter& other) { sums_.join(other.sums_, nullptr); }

  /// Merges `delta` and returns what of it was news: the sums that were larger than those known.
  g_counter absorb(const g_counter& delta) {
    g_counter news;
    sums_.join(delta.sums_, &news.sums_);
    return news;
  }

  /// The next part, in the order of replicas; the cursor's first number is the next replica's id.
  g_counter part(cursor& at, std::size_t max_bytes) const {
    constexpr std::size_t entry_bytes = 18;  // an id and the longest varint
    g_counter out;
    const auto room = at.end ? 0 : std::max<std::size_t>(1, max_bytes / entry_bytes);
    const auto next = sums_.part(replica_id{at.first}, room, out.sums_);
    at.end = at.end || next == sums_.end();
    if (!at.end) at.first = next->key.value;
    return out;
  }

  fmt::appender print(fmt::appender out) const {
    const auto& total = sums_.total(0);
    return total.is_wide() ? fmt::format_to(out, "over {}", std::numeric_limits<std::uint64_t>::max())
                           : fmt::format_to(out, "{}", total.low);
  }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("sums", sums_));
  }

 private:
  detail::maxima<detail::sum_of_replica> sums_;
};

}  // namespace hearsay::inline v0
