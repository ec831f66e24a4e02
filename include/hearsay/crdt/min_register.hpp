// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "hearsay/crdt/detail/extreme_register.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// The smallest value that was ever written, nothing at first.
///
///     hearsay::replica alice, bob;
///     hearsay::min_register<int> here, there;
///     const auto delta = here.lower(alice, 7);
///     there.lower(bob, 5);
///     there.merge(delta);  // *there.get() == 5
///
/// Merge keeps the smaller of both values: a chain is the plainest lattice there is (Shapiro et al.,
/// "Conflict-free Replicated Data Types", 2011). `T` is totally ordered at compile time (total_order.hpp) and
/// moves without throwing. A writer's clock and id do not matter, and are not stored.
template <class T>
class min_register : public detail::extreme_register<min_register<T>, T, std::less<>> {
 public:
  /// Writes `value` and returns the delta; bottom, and nothing changes, unless it is smaller than what is
  /// there. One comparison, and a copy of `value` if it is. Strong guarantee.
  min_register lower(replica&, T value) { return this->offer(std::move(value)); }
};

template <class T>
struct name_of<min_register<T>> {
  static std::string get() { return "min_register<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
