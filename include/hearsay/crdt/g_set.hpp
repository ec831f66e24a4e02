// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <string>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/detail/growing_table.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/total_order.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// A set that only grows: elements can be added, and stay.
///
///     hearsay::replica alice, bob;
///     hearsay::g_set<std::string> here, there;
///     there.merge(here.add(alice, "apple"));
///     here.merge(there.add(bob, "pear"));
///     here == there;  // {apple, pear}
///
/// Merge is the union (the G-Set of Shapiro et al., "A comprehensive study of Convergent and Commutative
/// Replicated Data Types", 2011). It keeps nothing but the elements, and does not know who added them.
///
/// `T` has a total order (total_order.hpp), is hashable by std::hash or boost::hash, and moves without
/// throwing. Below, n is the number of elements.
template <detail::hashable T>
class g_set {
  static_assert(
      total_order<T>,
      "g_set<T>: T has no total order: it needs operator<=> that returns std::strong_ordering, as a "
      "defaulted one does; store a floating-point number as an integer in a fixed unit");
  static_assert(std::is_nothrow_move_constructible_v<T>, "elements have to be movable without exceptions");
  using table = detail::growing_table<T, false>;

 public:
  using value_type = T;
  using const_iterator = typename table::const_iterator;
  using iterator = const_iterator;

  /// Adds an element; strong guarantee. Returns the delta, bottom if it is there already. O(1).
  g_set add(replica&, T element) {
    g_set delta;
    if (contains(element)) return delta;
    delta.table_.add(element, false);
    table_.add(std::move(element), false);
    return delta;
  }

  /// O(1).
  bool contains(const T& element) const { return table_.find(element) != nullptr; }
  /// O(1).
  std::size_t size() const noexcept { return table_.entries(); }
  /// Whether there is no element. O(1).
  bool empty() const noexcept { return size() == 0; }
  bool is_bottom() const noexcept { return empty(); }

  /// The elements, in no order that means anything. Iterators are valid until the set changes.
  const_iterator begin() const { return table_.begin(); }
  const_iterator end() const { return table_.end(); }

  hearsay::metrics metrics() const { return {size(), size(), 0, 0, sizeof *this + table_.heap()}; }

  /// O(n).
  friend bool operator==(const g_set&, const g_set&) = default;

  /// Joins `other` into this set. O(m) for m elements of `other`. If memory runs out, a part of `other` has
  /// been joined, as if only that had come.
  void merge(const g_set& other) { table_.join(other.table_, nullptr); }

  /// Merges `delta` and returns what of it was news: the elements that were not here.
  g_set absorb(const g_set& delta) {
    g_set news;
    table_.join(delta.table_, &news.table_);
    return news;
  }

  /// The next part, in the order in which elements first came here; the cursor's first number counts them.
  g_set part(cursor& at, std::size_t max_bytes) const {
    g_set out;
    out.table_ = table_.part(at, max_bytes);
    return out;
  }

  fmt::appender print(fmt::appender out) const requires fmt::is_formattable<T>::value {
    return table_.print(out);
  }

  /// The elements, ascending.
  template <class Archive>
  void save(Archive& archive) const {
    table_.save(archive, "elements", false);
  }

  template <class Archive>
  void load(Archive& archive) {
    g_set fresh;
    fresh.table_.load(archive, "elements", false);
    *this = std::move(fresh);
  }

 private:
  table table_;
};

template <class T>
struct name_of<g_set<T>> {
  static std::string get() { return "g_set<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
