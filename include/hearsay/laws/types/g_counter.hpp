// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "hearsay/crdt/g_counter.hpp"
#include "hearsay/laws/mutate.hpp"

namespace hearsay::inline v0::laws {

template <>
struct model<g_counter> {
  struct op {
    std::uint64_t amount;
  };

  static op draw(source& c) {
    constexpr std::array<std::uint64_t, 4> amounts{1, 1'000'000'000'000, 0, 2};
    return {amounts[c.below(std::min<std::uint64_t>(c.elements(), amounts.size()))]};
  }

  /// A delta of a replica stands for all its earlier ones.
  static std::uint64_t expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t later = i; later < all.size(); ++later) {
        if (!seen.test(later) || all[later].replica != all[i].replica) continue;
        sum += all[i].what.amount;
        break;
      }
    }
    return sum;
  }

  static std::uint64_t value(const g_counter& x) { return x.value(); }
};

template <>
struct mutate<g_counter> {
  static g_counter apply(g_counter& x, replica& me, source& c) {
    const auto op = model<g_counter>::draw(c);
    c.note("increment({})", op.amount);
    return x.increment(me, op.amount);
  }
};

}  // namespace hearsay::inline v0::laws
