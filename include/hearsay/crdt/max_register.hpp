// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "hearsay/crdt/detail/extreme_register.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// The largest value that was ever written, nothing at first.
///
///     hearsay::replica alice, bob;
///     hearsay::max_register<int> here, there;
///     const auto delta = here.raise(alice, 5);
///     there.raise(bob, 7);
///     there.merge(delta);  // *there.get() == 7
///
/// Merge keeps the larger of both values: a chain is the plainest lattice there is (Shapiro et al.,
/// "Conflict-free Replicated Data Types", 2011). `T` is totally ordered at compile time (total_order.hpp) and
/// moves without throwing. A writer's clock and id do not matter, and are not stored.
template <class T>
class max_register : public detail::extreme_register<max_register<T>, T, std::greater<>> {
 public:
  /// Writes `value` and returns the delta; bottom, and nothing changes, unless it is larger than what is
  /// there. One comparison, and a copy of `value` if it is. Strong guarantee.
  max_register raise(replica&, T value) { return this->offer(std::move(value)); }
};

template <class T>
struct name_of<max_register<T>> {
  static std::string get() { return "max_register<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
