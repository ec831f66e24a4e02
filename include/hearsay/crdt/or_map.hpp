// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt/causal.hpp"
#include "hearsay/crdt/detail/map_store.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/total_order.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// A map from keys to values that are causal types themselves: or_set, rw_set, mv_register, ew_flag, dw_flag,
/// resettable_counter, or again or_map, nested to any depth. An erase takes out what it has observed; an
/// update that did not know of it survives, without what was erased.
///
///     hearsay::replica alice, bob;
///     hearsay::or_map<std::string, hearsay::or_set<std::string>> here, there;
///     here.update(alice, "fruit", [&](auto& fruit) { return fruit.add(alice, "apple"); });
///     there.merge(here);
///     const auto gone = there.erase(bob, "fruit");
///     here.update(alice, "fruit", [&](auto& fruit) { return fruit.add(alice, "pear"); });
///     here.merge(gone);  // here.get("fruit") holds only the pear
///
/// A key is in the map as long as its value holds anything; what is empty leaves nothing behind. All values
/// share the causal context of the map (ORMap of Almeida, Shoker and Baquero, "Delta State Replicated Data
/// Types", 2018), so a value got from the map is good for reading; to merge or to change a copy of it would
/// mean nothing.
///
/// `K` has a total order (total_order), moves without throwing, and is hashable by std::hash or boost::hash.
/// Below, n is the number of keys.
template <detail::hashable K, detail::causal_type V>
class or_map : public causal<or_map<K, V>, detail::map_store<K, V>> {
  static_assert(total_order<K>,
                "the key type of an or_map has no total order: it needs operator<=> that returns "
                "std::strong_ordering (see hearsay/crdt/total_order.hpp)");

 public:
  using const_iterator = typename detail::map_store<K, V>::const_iterator;
  using iterator = const_iterator;

  /// Changes the value under a key by `f(value)`: one mutator of `V`, whose delta `f` returns. A key that is
  /// not there has an empty value. Returns the delta. O(1), and what the mutator costs. What `f` throws comes
  /// through, and if it has changed nothing, as hearsay's mutators have not when they throw, nothing is
  /// changed. `f` must not use the map, and if it calls several mutators it has to return their deltas
  /// merged: a delta that it drops breaks the map.
  template <class F>
  or_map update(replica&, K key, F&& f) {
    or_map delta;
    this->store_.edit(this->context_, std::move(key), false, f, delta.context_, delta.store_);
    return delta;
  }

  /// Erases a key and updates it, in one: the value is exactly what `f` makes of an empty one, but for
  /// concurrent updates. Returns the delta. O(m) for a value with m dots.
  template <class F>
  or_map put(replica&, K key, F&& f) {
    or_map delta;
    this->store_.edit(this->context_, std::move(key), true, f, delta.context_, delta.store_);
    return delta;
  }

  /// Erases a key; strong guarantee. Returns the delta, bottom if it was not there. O(m) for a value with m
  /// dots.
  or_map erase(replica&, const K& key) {
    or_map delta;
    this->store_.erase(key, delta.context_);
    return delta;
  }

  /// Erases all keys; strong guarantee. Returns the delta, bottom if there were none. O(n) and the dots.
  or_map clear(replica&) {
    or_map delta;
    this->store_.clear(delta.context_);
    return delta;
  }

  /// The value under a key, or null. Valid until the map changes. O(1).
  const V* get(const K& key) const { return this->store_.get(key); }
  /// O(1).
  bool contains(const K& key) const { return get(key) != nullptr; }
  /// How many keys there are. O(1).
  std::size_t size() const noexcept { return this->store_.size(); }
  /// Whether there is no key. O(1).
  bool empty() const noexcept { return size() == 0; }

  const_iterator begin() const { return this->store_.begin(); }
  const_iterator end() const { return this->store_.end(); }

  fmt::appender print(fmt::appender out) const
      requires(fmt::is_formattable<K>::value&& fmt::is_formattable<V>::value) {
    std::vector<std::pair<const K*, const V*>> entries;
    for (const auto& [key, value] : *this) entries.emplace_back(&key, &value);
    std::ranges::sort(entries, {}, [](const auto& e) -> const K& { return *e.first; });
    *out++ = '{';
    const char* comma = "";
    for (const auto& [key, value] : entries)
      out = fmt::format_to(out, "{}{}: {}", std::exchange(comma, ", "), *key, *value);
    *out++ = '}';
    return out;
  }
};

template <class K, class V>
struct name_of<or_map<K, V>> {
  static std::string get() { return "or_map<" + type_name<K>() + "," + type_name<V>() + ">"; }
};

}  // namespace hearsay::inline v0
