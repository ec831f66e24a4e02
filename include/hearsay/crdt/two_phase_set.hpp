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

/// A set whose elements can be added, and removed for ever: what was removed does not come back, wherever and
/// whenever it is added. Right for what happens once, such as open tickets or valid invitations.
///
///     hearsay::replica alice, bob;
///     hearsay::two_phase_set<std::string> here, there;
///     there.merge(here.add(alice, "ticket 7"));
///     here.merge(there.remove(bob, "ticket 7"));
///     here.add(alice, "ticket 7");  // does nothing: !here.contains("ticket 7")
///
/// An element is not known, then present, then removed; merge takes the later of the two (the 2P-Set of
/// Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data Types", 2011). A
/// removed element keeps its memory, and its place in what is sent. Where elements come and go, take or_set.
///
/// `T` has a total order (total_order.hpp), is hashable by std::hash or boost::hash, and moves without
/// throwing. Below, n is the number of elements, removed ones included.
template <detail::hashable T>
class two_phase_set {
  static_assert(total_order<T>,
                "two_phase_set<T>: T has no total order: it needs operator<=> that returns "
                "std::strong_ordering, as a defaulted one does; store a floating-point number as an integer "
                "in a fixed unit");
  static_assert(std::is_nothrow_move_constructible_v<T>, "elements have to be movable without exceptions");
  using table = detail::growing_table<T, true>;

 public:
  using value_type = T;
  using const_iterator = typename table::const_iterator;
  using iterator = const_iterator;

  /// Adds an element; strong guarantee. Returns the delta, bottom if it is there already or was removed.
  /// O(1).
  two_phase_set add(replica&, T element) {
    two_phase_set delta;
    if (table_.find(element) != nullptr) return delta;
    delta.table_.add(element, false);
    table_.add(std::move(element), false);
    return delta;
  }

  /// Removes an element for ever; strong guarantee. Returns the delta, bottom if the element is not there:
  /// what has not been seen cannot be removed. O(1).
  two_phase_set remove(replica&, const T& element) {
    two_phase_set delta;
    const auto* found = table_.find(element);
    if (found == nullptr || found->marked) return delta;
    delta.table_.add(found->key, true);
    table_.mark(*found);
    return delta;
  }

  /// O(1).
  bool contains(const T& element) const {
    const auto* found = table_.find(element);
    return found != nullptr && !found->marked;
  }
  /// Whether the element was there once and never will be again. O(1).
  bool was_removed(const T& element) const {
    const auto* found = table_.find(element);
    return found != nullptr && found->marked;
  }
  /// How many elements are there, without the removed ones. O(1).
  std::size_t size() const noexcept { return table_.unmarked(); }
  /// Whether no element is there. O(1).
  bool empty() const noexcept { return size() == 0; }
  /// Whether nothing was ever added.
  bool is_bottom() const noexcept { return table_.entries() == 0; }

  /// The elements that are there, in no order that means anything. Iterators are valid until the set changes.
  const_iterator begin() const { return table_.begin(); }
  const_iterator end() const { return table_.end(); }

  /// What counts as a dot is an element, there or removed.
  hearsay::metrics metrics() const { return {size(), table_.entries(), 0, 0, sizeof *this + table_.heap()}; }

  /// Equal are sets with the same elements, and the same removed ones. O(n).
  friend bool operator==(const two_phase_set&, const two_phase_set&) = default;

  /// Joins `other` into this set. O(m) for m elements of `other`. If memory runs out, a part of `other` has
  /// been joined, as if only that had come.
  void merge(const two_phase_set& other) { table_.join(other.table_, nullptr); }

  /// Merges `delta` and returns what of it was news: the elements not known here, and those now removed.
  two_phase_set absorb(const two_phase_set& delta) {
    two_phase_set news;
    table_.join(delta.table_, &news.table_);
    return news;
  }

  /// The next part, in the order in which elements first came here; the cursor's first number counts them.
  two_phase_set part(cursor& at, std::size_t max_bytes) const {
    two_phase_set out;
    out.table_ = table_.part(at, max_bytes);
    return out;
  }

  fmt::appender print(fmt::appender out) const requires fmt::is_formattable<T>::value {
    return table_.print(out);
  }

  /// The elements that are there, ascending; then those removed, ascending.
  template <class Archive>
  void save(Archive& archive) const {
    table_.save(archive, "elements", false);
    table_.save(archive, "removed", true);
  }

  template <class Archive>
  void load(Archive& archive) {
    two_phase_set fresh;
    fresh.table_.load(archive, "elements", false);
    fresh.table_.load(archive, "removed", true);
    *this = std::move(fresh);
  }

 private:
  table table_;
};

template <class T>
struct name_of<two_phase_set<T>> {
  static std::string get() { return "two_phase_set<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
