// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <utility>

#include "hearsay/crdt/causal.hpp"
#include "hearsay/crdt/detail/item_store.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/total_order.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// An observed-remove set: elements can be added and removed any number of times, and of an add and a remove
/// that did not know of each other the add wins. Removed elements leave nothing behind.
///
///     hearsay::replica alice, bob;
///     hearsay::or_set<std::string> here, there;
///     there.merge(here.add(alice, "apple"));
///     const auto gone = there.remove(bob, "apple");  // removes what bob has seen
///     here.add(alice, "apple");                      // an add that bob has not seen
///     here.merge(gone);                              // here.contains("apple")
///
/// Each add has a dot; a remove takes out the dots that it has observed (see causal for the rules and
/// their source). `T` has a total order (total_order), moves without throwing, and is hashable by std::hash
/// or boost::hash; to be printed it needs fmt. Below, n is the number of elements.
template <detail::hashable T>
class or_set : public causal<or_set<T>, detail::item_store<T>> {
  static_assert(total_order<T>,
                "the element type of an or_set has no total order: it needs operator<=> that returns "
                "std::strong_ordering (see hearsay/crdt/total_order.hpp)");
  using store = detail::item_store<T>;

 public:
  using value_type = T;
  using const_iterator = typename store::const_iterator;
  using iterator = const_iterator;

  /// Adds an element; strong guarantee. Adding what is there already renews it: it then survives a concurrent
  /// remove. Returns the delta. O(1). Throws std::overflow_error if the replica has no counter left.
  or_set add(replica& by, T element) {
    or_set delta;
    this->store_.replace(this->context_, by.id(), std::move(element), {}, delta.context_, delta.store_);
    return delta;
  }

  /// Removes an element; strong guarantee. Returns the delta, bottom if it was not there. O(1).
  or_set remove(replica&, const T& element) {
    or_set delta;
    this->store_.erase(element, delta.context_);
    return delta;
  }

  /// Removes all elements; strong guarantee. Returns the delta, bottom if there were none. O(n).
  or_set clear(replica&) {
    or_set delta;
    this->store_.clear(delta.context_);
    return delta;
  }

  /// O(1).
  bool contains(const T& element) const { return this->store_.contains(element); }
  /// O(1).
  std::size_t size() const noexcept { return this->store_.size(); }
  /// Whether there is no element. O(1).
  bool empty() const noexcept { return size() == 0; }

  /// The elements, each once, in no order that means anything. Iterators are valid until the set changes.
  const_iterator begin() const { return this->store_.begin(); }
  const_iterator end() const { return this->store_.end(); }

  fmt::appender print(fmt::appender out) const requires fmt::is_formattable<T>::value {
    return detail::print_sorted(out, *this);
  }
};

template <class T>
struct name_of<or_set<T>> {
  static std::string get() { return "or_set<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
