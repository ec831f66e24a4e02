// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "hearsay/crdt/detail/amount.hpp"
#include "hearsay/crdt/detail/maxima.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/replica.hpp"

namespace hearsay::inline v0 {

/// A counter that goes both ways: per replica the sum of its increments and that of its decrements.
///
///     hearsay::replica alice, bob;
///     hearsay::pn_counter here, there;
///     const auto delta = here.increment(alice, 5);
///     there.decrement(bob, 7);
///     there.merge(delta);  // there.value() == -2
///
/// Merge takes the larger of each sum; the larger of two values would forget what others did (Shapiro et al.,
/// "A comprehensive study of Convergent and Commutative Replicated Data Types", 2011). A delta is one sum of
/// one replica. Below, n is the number of replicas that have written.
class pn_counter {
 public:
  static constexpr std::string_view crdt_name = "pn_counter";

  /// Adds `amount`, of any integer type, and returns the delta; bottom if `amount` is 0. Throws
  /// std::invalid_argument if it is negative, and std::overflow_error if the value would be outside of 64
  /// bits, or the sum of all increments above 2^64 - 1; then nothing has changed. O(1) for the replica that
  /// wrote last, else O(log n), and O(n) the first time.
  pn_counter increment(replica& by, detail::amount amount = 1) { return add(by, up, amount.value); }

  /// Takes `amount` away; the same otherwise.
  pn_counter decrement(replica& by, detail::amount amount = 1) { return add(by, down, amount.value); }

  /// The sum of all increments without that of all decrements. Throws std::overflow_error if concurrent
  /// writes took it out of 64 bits. O(1).
  std::int64_t value() const {
    const auto result = difference(sums_.total(up), sums_.total(down));
    if (!result) throw std::overflow_error("pn_counter: value outside of 64 bits");
    return *result;
  }

  bool is_bottom() const noexcept { return sums_.empty(); }

  /// What counts as a dot is a replica's pair of sums.
  hearsay::metrics metrics() const { return {1, sums_.size(), sums_.size(), 0, sizeof *this + sums_.heap()}; }

  friend bool operator==(const pn_counter&, const pn_counter&) = default;

  /// Joins `other` into this counter. O(m log n) for m entries of `other`, O(n + m) when it brings new
  /// replicas. If memory runs out, a part of `other` has been joined, as if only that had come.
  void merge(const pn_counter& other) { sums_.join(other.sums_, nullptr); }

  /// Merges `delta` and returns what of it was news: the sums that were larger than those known.
  pn_counter absorb(const pn_counter& delta) {
    pn_counter news;
    sums_.join(delta.sums_, &news.sums_);
    return news;
  }

  /// The next part, in the order of replicas; the cursor's first number is the next replica's id.
  pn_counter part(cursor& at, std::size_t max_bytes) const {
    constexpr std::size_t entry_bytes = 28;  // an id and the two longest varints
    pn_counter out;
    const auto room = at.end ? 0 : std::max<std::size_t>(1, max_bytes / entry_bytes);
    const auto next = sums_.part(replica_id{at.first}, room, out.sums_);
    at.end = at.end || next == sums_.end();
    if (!at.end) at.first = next->key.value;
    return out;
  }

  fmt::appender print(fmt::appender out) const {
    using limits = std::numeric_limits<std::int64_t>;
    const auto& added = sums_.total(up);
    const auto& taken = sums_.total(down);
    if (const auto result = difference(added, taken)) return fmt::format_to(out, "{}", *result);
    return added > taken ? fmt::format_to(out, "over {}", limits::max())
                         : fmt::format_to(out, "under {}", limits::min());
  }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("sums", sums_));
  }

 private:
  using entry = detail::sums_of_replica;
  static constexpr auto up = entry::up, down = entry::down;

  static std::optional<std::int64_t> difference(const detail::wide_sum& added,
                                                const detail::wide_sum& taken) noexcept {
    const auto result = added - taken;  // in two's complement
    const auto value = static_cast<std::int64_t>(result.low);
    if (result.high != (value < 0 ? ~std::uint64_t{0} : 0)) return std::nullopt;
    return value;
  }

  pn_counter add(replica& by, std::size_t which, std::uint64_t amount) {
    pn_counter delta;
    if (amount == 0) return delta;
    auto after = std::array{sums_.total(up), sums_.total(down)};
    after[which].add(amount);
    if (after[which].is_wide() || !difference(after[up], after[down])) {
      throw std::overflow_error("pn_counter: value outside of 64 bits");
    }
    delta.sums_.append(by.id(), which, sums_.add(by.id(), which, amount));
    return delta;
  }

  detail::maxima<entry> sums_;
};

}  // namespace hearsay::inline v0
