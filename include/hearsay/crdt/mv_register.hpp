// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt/causal.hpp"
#include "hearsay/crdt/detail/item_store.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/total_order.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// A register that keeps the values of all writes that did not know of each other, for the user to choose
/// from; the next write replaces those that its writer has seen.
///
///     hearsay::replica alice, bob;
///     hearsay::mv_register<std::string> here, there;
///     here.set(alice, "red");
///     there.set(bob, "blue");
///     here.merge(there);         // here.values() == {"blue", "red"}
///     here.set(alice, "violet");  // here.values() == {"violet"}
///
/// (MVRegister of Almeida, Shoker and Baquero, "Delta State Replicated Data Types", 2018.) `T` has a total
/// order (total_order) and moves without throwing. Below, n is the number of concurrent values.
template <class T>
class mv_register : public causal<mv_register<T>, detail::item_store<nothing, T>> {
  static_assert(total_order<T>,
                "the value type of an mv_register has no total order: it needs operator<=> that returns "
                "std::strong_ordering (see hearsay/crdt/total_order.hpp)");

 public:
  using value_type = T;

  /// Writes a value; strong guarantee. Returns the delta. O(n). Throws std::overflow_error if the replica has
  /// no counter left.
  mv_register set(replica& by, T value) {
    mv_register delta;
    this->store_.replace(this->context_, by.id(), {}, std::move(value), delta.context_, delta.store_);
    return delta;
  }

  /// Takes out all values; strong guarantee. Returns the delta, bottom if there are none. O(n).
  mv_register clear(replica&) {
    mv_register delta;
    this->store_.clear(delta.context_);
    return delta;
  }

  /// The values, ascending, each as often as it was written concurrently. O(n log n).
  std::vector<T> values() const {
    std::vector<T> all;
    all.reserve(this->store_.items());
    this->store_.for_each_under({}, [&](dot, const T& value) { all.push_back(value); });
    std::ranges::sort(all);
    return all;
  }
  /// How many there are. O(1).
  std::size_t size() const noexcept { return this->store_.items(); }
  /// Whether there is no value. O(1).
  bool empty() const noexcept { return size() == 0; }

  fmt::appender print(fmt::appender out) const requires fmt::is_formattable<T>::value {
    return detail::print_sorted(out, values());
  }
};

template <class T>
struct name_of<mv_register<T>> {
  static std::string get() { return "mv_register<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
