// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "hearsay/laws/mutate.hpp"

namespace hearsay::inline v0::laws {

/// For the models of observed-remove types: the operations in `seen` whose effect is still there, which is
/// until an operation that is in `seen`, too, takes it away. An operation takes away what was there for its
/// writer, and where `takes(operation, earlier one)`. O(n²) for n operations.
template <class Op, class Takes>
operation_set surviving(std::span<const issued<Op>> all, const operation_set& seen, Takes takes) {
  std::array<operation_set, most_operations> taken;
  const auto left_of = [&](operation_set some) {
    operation_set gone;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (some.test(i)) gone |= taken[i];
    }
    return some & ~gone;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto there = left_of(all[i].saw);
    for (std::size_t j = 0; j < i; ++j) {
      if (there.test(j) && takes(all[i].what, all[j].what)) taken[i].set(j);
    }
  }
  return left_of(seen);
}

}  // namespace hearsay::inline v0::laws
