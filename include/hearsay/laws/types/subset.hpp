// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/laws/mutate.hpp"

namespace hearsay::inline v0::laws {

/// For the models of composed types: what the model of a component expects, given those operations that
/// `pick` says concern it. `pick(number, operation)` returns the component's own operation, or nothing.
template <class Component, class Op, class Pick>
auto expected_of(std::span<const issued<Op>> all, const operation_set& seen, Pick pick) {
  std::vector<issued<typename model<Component>::op>> some;
  std::array<std::size_t, most_operations> numbers{};  // of the operations in `some`, among all
  const auto among_some = [&](const operation_set& set) {
    operation_set out;
    for (std::size_t i = 0; i < some.size(); ++i) out[i] = set.test(numbers[i]);
    return out;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    auto picked = pick(i, all[i].what);
    if (!picked) continue;
    const auto saw = among_some(all[i].saw);
    numbers[some.size()] = i;
    some.push_back({std::move(*picked), all[i].replica, all[i].wall, saw});
  }
  return model<Component>::expected(std::span<const issued<typename model<Component>::op>>(some),
                                    among_some(seen));
}

}  // namespace hearsay::inline v0::laws
