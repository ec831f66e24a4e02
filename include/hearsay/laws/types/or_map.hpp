// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/crdt/or_map.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"
#include "hearsay/laws/types/observed.hpp"

namespace hearsay::inline v0::laws {

/// Under each key is what the value's own model makes of the marks there; an erase takes them all away, and a
/// put does, before it changes an empty value.
template <class K, class V>
struct model<or_map<K, V>> {
  using inner = model<V>;
  enum kind : std::size_t { update, put, erase, clear };
  struct op {
    std::size_t what;
    K key;
    std::optional<typename inner::op> change;
  };
  using mark = std::pair<K, typename inner::mark>;

  static op draw(source& c) {
    constexpr std::array<kind, 4> kinds{update, erase, put, clear};
    constexpr std::array<std::uint64_t, 4> weights{8, 2, 2, 1};
    // Of one key, put and clear are much the same as erase: a small world can do without.
    const std::size_t what = kinds[c.weighted(std::span(weights).first(c.elements() == 1 ? 2 : 4))];
    op x{what, what == clear ? K{} : c.item<K>(), {}};
    if (what == update || what == put) x.change = inner::draw(c);
    return x;
  }

  static auto expected(std::span<const issued<op>> all, const operation_set& seen) {
    return observed<model>(all, seen);
  }
  static auto value(const or_map<K, V>& x) {
    std::map<K, decltype(inner::value(std::declval<V>()))> entries;
    for (const auto& [key, value] : x) entries.emplace(key, inner::value(value));
    return entries;
  }

  static std::vector<typename inner::mark> under(const K& key, const std::vector<mark>& marks) {
    std::vector<typename inner::mark> found;
    for (const auto& m : marks) {
      if (m.first == key) found.push_back(m.second);
    }
    return found;
  }

  static std::optional<std::vector<mark>> leaves(const op& x, const std::vector<mark>& there) {
    const auto old = under(x.key, there);
    std::optional<std::vector<typename inner::mark>> fresh;
    if (x.change) fresh = inner::leaves(*x.change, x.what == put ? decltype(old){} : old);
    const bool takes_some = x.what == clear ? !there.empty() : x.what != update && !old.empty();
    if (!fresh && !takes_some) return std::nullopt;
    std::vector<mark> marks;
    if (fresh) {
      for (const auto& m : *fresh) marks.emplace_back(x.key, m);
    }
    return marks;
  }
  static bool takes(const op& x, const mark& m) {
    if (x.what == clear) return true;
    return x.key == m.first && (x.what != update || inner::takes(*x.change, m.second));
  }
  static auto result(const std::vector<mark>& left) {
    std::map<K, decltype(inner::result({}))> entries;
    for (const auto& m : left) {
      if (!entries.contains(m.first)) entries.emplace(m.first, inner::result(under(m.first, left)));
    }
    return entries;
  }
};

template <class K, class V>
struct mutate<or_map<K, V>> {
  using as = model<or_map<K, V>>;

  static or_map<K, V> apply(or_map<K, V>& x, replica& me, source& c) { return apply(x, me, c, as::draw(c)); }
  static or_map<K, V> apply(or_map<K, V>& x, replica& me, source& c, const typename as::op& op) {
    if (op.what == as::clear) {
      c.note("clear()");
      return x.clear(me);
    }
    constexpr std::array names{"update", "put", "erase"};
    if (c.wordy()) c.note("{}({}) ", names[op.what], print(op.key));
    if (op.what == as::erase) return x.erase(me, op.key);
    const auto change = [&](V& value) { return mutate<V>::apply(value, me, c, *op.change); };
    return op.what == as::put ? x.put(me, op.key, change) : x.update(me, op.key, change);
  }
};

}  // namespace hearsay::inline v0::laws
