// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "hearsay/crdt/pn_counter.hpp"
#include "hearsay/laws/mutate.hpp"

namespace hearsay::inline v0::laws {

/// The sum of all increments without that of all decrements.
template <>
struct model<pn_counter> {
  struct op {
    bool down;
    std::int64_t amount;
  };

  static op draw(source& c) {
    constexpr std::array<std::int64_t, 4> amounts{1, 1'000'000'000'000, 0, 2};
    const bool down = c.flip();
    return {down, amounts[c.below(std::min<std::uint64_t>(c.elements(), amounts.size()))]};
  }

  /// A delta stands for all earlier ones of its replica that go the same way.
  static std::int64_t expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      for (std::size_t later = i; later < all.size(); ++later) {
        const bool same = all[later].replica == all[i].replica && all[later].what.down == all[i].what.down;
        if (!seen.test(later) || !same || all[later].what.amount == 0) continue;
        sum += all[i].what.down ? -all[i].what.amount : all[i].what.amount;
        break;
      }
    }
    return sum;
  }

  static std::int64_t value(const pn_counter& x) { return x.value(); }
};

template <>
struct mutate<pn_counter> {
  static pn_counter apply(pn_counter& x, replica& me, source& c) {
    const auto op = model<pn_counter>::draw(c);
    c.note("{}({})", op.down ? "decrement" : "increment", op.amount);
    return op.down ? x.decrement(me, op.amount) : x.increment(me, op.amount);
  }
};

}  // namespace hearsay::inline v0::laws
