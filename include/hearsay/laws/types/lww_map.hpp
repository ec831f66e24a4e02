// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/crdt/lww_map.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"

namespace hearsay::inline v0::laws {

/// Under a key is what the latest write to it put there. A write is later than what its writer saw under the
/// key, than its writer's earlier writes, and than older wall clocks; of two at the same time, that of the
/// higher replica is the later.
template <class K, class V>
struct model<lww_map<K, V>> {
  struct op {
    bool erases;
    K key;
    V value;
  };

  static op draw(source& c) {
    const bool erases = c.weighted(std::array<std::uint64_t, 2>{5, 2}) != 0;
    auto key = c.item<K>();
    return {erases, std::move(key), erases ? V{} : c.item<V>()};
  }

  static std::map<K, V> expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::vector<std::uint64_t> times(all.size());  // 0: nothing was written
    const auto latest = [&](const operation_set& known, const K& key) {
      auto best = all.size();
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (!known.test(i) || times[i] == 0 || all[i].what.key != key) continue;
        const auto when = [&](std::size_t j) { return std::pair(times[j], all[j].replica); };
        if (best == all.size() || when(best) < when(i)) best = i;
      }
      return best;
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto overwritten = latest(all[i].saw, all[i].what.key);
      const bool there = overwritten != all.size() && !all[overwritten].what.erases;
      if (all[i].what.erases && !there) continue;
      auto time = all[i].wall << 16;
      if (overwritten != all.size()) time = std::max(time, times[overwritten] + 1);
      for (std::size_t j = 0; j < i; ++j) {
        if (all[j].replica == all[i].replica) time = std::max(time, times[j] + 1);
      }
      times[i] = time;
    }
    std::map<K, V> entries;
    for (const auto& one : all) {
      const auto winner = latest(seen, one.what.key);
      if (winner != all.size() && !all[winner].what.erases)
        entries.emplace(one.what.key, all[winner].what.value);
    }
    return entries;
  }

  static std::map<K, V> value(const lww_map<K, V>& x) {
    std::map<K, V> entries;
    for (const auto& [key, value] : x) entries.emplace(key, value);
    return entries;
  }
};

template <class K, class V>
struct mutate<lww_map<K, V>> {
  static lww_map<K, V> apply(lww_map<K, V>& x, replica& me, source& c) {
    auto op = model<lww_map<K, V>>::draw(c);
    if (c.wordy() && op.erases) c.note("erase({})", print(op.key));
    if (c.wordy() && !op.erases) c.note("put({}, {})", print(op.key), print(op.value));
    return op.erases ? x.erase(me, op.key) : x.put(me, std::move(op.key), std::move(op.value));
  }
};

}  // namespace hearsay::inline v0::laws
