// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <numeric>
#include <vector>

#include "tests/catch.hpp"

namespace crdt_test {

/// Calls `check` on the join of the deltas in every order, each of which is delivered once or twice; the
/// joins are all equal.
template <class T>
void in_all_orders(const std::vector<T>& deltas, const std::function<void(const T&)>& check) {
  std::vector<std::size_t> order(deltas.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  T first;
  for (const auto& each : deltas) first.merge(each);
  do {
    CAPTURE(order);
    T x;
    for (const auto i : order) {
      x.merge(deltas[i]);
      x.merge(deltas[order.front()]);
    }
    REQUIRE(x == first);
    check(x);
  } while (std::ranges::next_permutation(order).found);
}

}  // namespace crdt_test
