// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cereal/cereal.hpp>
#include <concepts>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt/dot_store.hpp"
#include "hearsay/crdt/replica.hpp"
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
/// Each add has a dot; a remove takes out the dots that it has observed (see dot_store for the rules and
/// their source). `T` is regular, moves without throwing, and is hashable by std::hash or boost::hash; to be
/// printed it needs fmt, and for a printout in ascending order `<`. Below, n is the number of elements.
template <detail::hashable T>
class or_set {
 public:
  using value_type = T;
  using const_iterator = typename dot_store<T>::const_iterator;
  using iterator = const_iterator;

  /// Adds an element; strong guarantee. Adding what is there already renews it: it then survives a concurrent
  /// remove. Returns the delta. O(1). Throws std::overflow_error if the replica has no counter left.
  or_set add(replica& by, T element) {
    or_set delta;
    store_.replace(by.id(), std::move(element), {}, delta.store_);
    return delta;
  }

  /// Removes an element; strong guarantee. Returns the delta, bottom if it was not there. O(1).
  or_set remove(replica&, const T& element) {
    or_set delta;
    store_.erase(element, delta.store_);
    return delta;
  }

  /// Removes all elements; strong guarantee. Returns the delta, bottom if there were none. O(n).
  or_set clear(replica&) {
    or_set delta;
    store_.clear(delta.store_);
    return delta;
  }

  /// O(1).
  bool contains(const T& element) const { return store_.contains(element); }
  /// O(1).
  std::size_t size() const noexcept { return store_.size(); }
  /// Whether there is no element. O(1).
  bool empty() const noexcept { return size() == 0; }
  /// Whether nothing was ever added or removed.
  bool is_bottom() const noexcept { return store_.is_bottom(); }

  /// The elements, each once, in no order that means anything. Iterators are valid until the set changes.
  const_iterator begin() const { return store_.begin(); }
  const_iterator end() const { return store_.end(); }

  /// The dots of all adds that this set has seen.
  const causal_context& context() const noexcept { return store_.context(); }

  /// What the holder of a context lacks: the adds that it has not seen, with their elements or as removed. (A
  /// context does not tell what is alive, so removes of what the holder has seen are not part of it.) Costs
  /// what it returns, and O(r log r) for r replicas.
  or_set missing_from(const causal_context& seen) const {
    or_set out;
    out.store_ = store_.restrict(context().minus(seen));
    return out;
  }

  hearsay::metrics metrics() const { return store_.metrics(); }

  /// Equal are sets with the same elements from the same adds, which have seen the same removes. O(n).
  friend bool operator==(const or_set&, const or_set&) = default;

  /// Joins `other` into this set. Costs what `other` is long, not what this set is long. If memory runs out,
  /// a part of `other` has been joined, as if only that had come.
  void merge(const or_set& other) { store_.merge(other.store_); }

  /// Merges `delta` and returns what of it was news: adds not seen before, and removes of what was here.
  or_set absorb(const or_set& delta) {
    or_set news;
    news.store_ = store_.absorb(delta.store_);
    return news;
  }

  /// The next part, in dot order; the cursor holds the replica and the counter of the dot to go on from.
  or_set part(cursor& at, std::size_t max_bytes) const {
    or_set out;
    out.store_ = store_.part(at, max_bytes);
    return out;
  }

  fmt::appender print(fmt::appender out) const requires fmt::is_formattable<T>::value {
    std::vector<const T*> elements;
    elements.reserve(size());
    for (const auto& element : *this) elements.push_back(&element);
    if constexpr (std::totally_ordered<T>)
      std::ranges::sort(elements, {}, [](const T* e) -> const T& { return *e; });
    *out++ = '{';
    const char* comma = "";
    for (const auto* element : elements)
      out = fmt::format_to(out, "{}{}", std::exchange(comma, ", "), *element);
    *out++ = '}';
    return out;
  }

  template <class Archive>
  void save(Archive& archive) const {
    store_.save(archive);
  }
  template <class Archive>
  void load(Archive& archive) {
    store_.load(archive);
  }

 private:
  dot_store<T> store_;
};

template <class T>
struct name_of<or_set<T>> {
  static std::string get() { return "or_set<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
