// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <iterator>
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

/// An observed-remove set in which the remove wins: elements can be added and removed any number of times,
/// and of an add and a remove that did not know of each other the remove stays.
///
///     hearsay::replica alice, bob;
///     hearsay::rw_set<std::string> here, there;
///     there.merge(here.add(alice, "apple"));
///     const auto gone = there.remove(bob, "apple");
///     here.add(alice, "apple");  // an add that bob has not seen
///     here.merge(gone);          // !here.contains("apple")
///     here.add(alice, "apple");  // here.contains("apple"): it has seen the remove
///
/// Adds and removes alike leave a dot, with what it says, until somebody who has seen it says otherwise; an
/// element is in the set if all its dots are adds (RWORSet of Almeida, Shoker and Baquero, 2018). So a
/// removed element goes on taking memory, as one in the set does. `T` as in or_set. Below, n is the number of
/// elements in the set or removed.
template <detail::hashable T>
class rw_set : public causal<rw_set<T>, detail::item_store<T, bool>> {
  static_assert(total_order<T>,
                "the element type of an rw_set has no total order: it needs operator<=> that returns "
                "std::strong_ordering (see hearsay/crdt/total_order.hpp)");
  using store = detail::item_store<T, bool>;

 public:
  using value_type = T;

  /// Iterates over the elements in the set, each once, in no order that means anything. A forward iterator,
  /// valid until the set changes.
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    const_iterator() = default;
    reference operator*() const { return *at_; }
    pointer operator->() const { return &*at_; }
    const_iterator& operator++() {
      ++at_;
      skip();
      return *this;
    }
    const_iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) { return a.at_ == b.at_; }

   private:
    friend rw_set;
    const_iterator(const rw_set* set, typename store::const_iterator at) : set_(set), at_(at) { skip(); }
    void skip() {
      while (at_ != set_->store_.end() && !set_->contains(*at_)) ++at_;
    }

    const rw_set* set_ = nullptr;
    typename store::const_iterator at_;
  };
  using iterator = const_iterator;

  /// Adds an element; strong guarantee. Adding what is there already renews it. Returns the delta. O(1).
  /// Throws std::overflow_error if the replica has no counter left.
  rw_set add(replica& by, T element) { return say(by, std::move(element), true); }

  /// Removes an element; strong guarantee. Returns the delta, bottom if it is not in the set. O(1). Throws
  /// std::overflow_error if the replica has no counter left.
  rw_set remove(replica& by, const T& element) {
    return contains(element) ? say(by, element, false) : rw_set();
  }

  /// O(1), for few concurrent writers of one element.
  bool contains(const T& element) const {
    bool some = false, all = true;
    this->store_.for_each_under(element, [&](dot, bool added) {
      some = true;
      all = all && added;
    });
    return some && all;
  }
  /// O(n).
  std::size_t size() const { return static_cast<std::size_t>(std::distance(begin(), end())); }
  /// Whether there is no element. O(n).
  bool empty() const { return begin() == end(); }

  const_iterator begin() const { return {this, this->store_.begin()}; }
  const_iterator end() const { return {this, this->store_.end()}; }

  fmt::appender print(fmt::appender out) const requires fmt::is_formattable<T>::value {
    return detail::print_sorted(out, *this);
  }

 private:
  rw_set say(replica& by, T element, bool added) {
    rw_set delta;
    this->store_.replace(this->context_, by.id(), std::move(element), added, delta.context_, delta.store_);
    return delta;
  }
};

template <class T>
struct name_of<rw_set<T>> {
  static std::string get() { return "rw_set<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
