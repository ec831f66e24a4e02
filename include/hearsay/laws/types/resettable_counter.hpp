// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "hearsay/crdt/resettable_counter.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/types/observed.hpp"

namespace hearsay::inline v0::laws {

/// An increment leaves its amount, and a reset takes away all that are there.
template <>
struct model<resettable_counter> {
  struct op {
    bool resets;
    std::int64_t amount;
  };
  using mark = std::int64_t;

  static op draw(source& c) {
    if (c.weighted(std::array<std::uint64_t, 2>{6, 1}) != 0) return {true, 0};
    constexpr std::array<std::int64_t, 5> amounts{1, -1, 1'000'000'000'000, 0, -70};
    return {false, amounts[c.below(std::min<std::uint64_t>(2 * c.elements(), amounts.size()))]};
  }

  static std::int64_t expected(std::span<const issued<op>> all, const operation_set& seen) {
    return observed<model>(all, seen);
  }
  static std::int64_t value(const resettable_counter& x) { return x.value(); }

  static std::optional<std::vector<mark>> leaves(const op& x, const std::vector<mark>& there) {
    if (x.resets && !there.empty()) return std::vector<mark>();
    if (x.resets || x.amount == 0) return std::nullopt;
    return std::vector<mark>{x.amount};
  }
  static bool takes(const op& x, mark) { return x.resets; }
  static std::int64_t result(const std::vector<mark>& left) {
    return std::accumulate(left.begin(), left.end(), std::int64_t{0});
  }
};

template <>
struct mutate<resettable_counter> {
  using as = model<resettable_counter>;

  static resettable_counter apply(resettable_counter& x, replica& me, source& c) {
    return apply(x, me, c, as::draw(c));
  }
  static resettable_counter apply(resettable_counter& x, replica& me, source& c, const as::op& op) {
    if (op.resets) {
      c.note("reset()");
      return x.reset(me);
    }
    if (op.amount < 0) {
      c.note("decrement({})", -op.amount);
      return x.decrement(me, -op.amount);
    }
    c.note("increment({})", op.amount);
    return x.increment(me, op.amount);
  }
};

}  // namespace hearsay::inline v0::laws
