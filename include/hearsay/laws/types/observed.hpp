// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

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

/// The naive model of a causal type: operations leave marks, and take away marks that were there for their
/// writer; the value is made of the marks that are left. `Of` has
///
/// - `op`, and `mark`: what an operation can leave;
/// - `std::optional<std::vector<mark>> leaves(const op&, const std::vector<mark>& there)`: the marks that an
///   operation leaves whose writer sees these; nothing if it does nothing at all;
/// - `bool takes(const op&, const mark&)`: whether an operation that does something takes such a mark away;
/// - `result(const std::vector<mark>&)`: the value.
///
/// O(m²) for m marks.
template <class Of>
auto observed(std::span<const issued<typename Of::op>> all, const operation_set& seen) {
  using mark = typename Of::mark;
  struct left {
    std::size_t by;
    mark what;
  };
  std::vector<left> marks;
  std::vector<std::vector<std::size_t>> taken(all.size());
  const auto there = [&](const operation_set& some) {
    std::vector<bool> gone(marks.size());
    for (std::size_t i = 0; i < taken.size(); ++i) {
      for (const auto t : taken[i]) gone[t] = gone[t] || some.test(i);
    }
    std::vector<std::size_t> numbers;
    for (std::size_t m = 0; m < marks.size(); ++m) {
      if (some.test(marks[m].by) && !gone[m]) numbers.push_back(m);
    }
    return numbers;
  };
  const auto contents = [&](const std::vector<std::size_t>& numbers) {
    std::vector<mark> found;
    for (const auto m : numbers) found.push_back(marks[m].what);
    return found;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto visible = there(all[i].saw);
    const auto leaves = Of::leaves(all[i].what, contents(visible));
    if (!leaves) continue;
    for (const auto m : visible) {
      if (Of::takes(all[i].what, marks[m].what)) taken[i].push_back(m);
    }
    for (const auto& what : *leaves) marks.push_back({i, what});
  }
  return Of::result(contents(there(seen)));
}

}  // namespace hearsay::inline v0::laws
