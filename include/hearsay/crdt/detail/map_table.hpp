// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/slot_table.hpp"

namespace hearsay::inline v0::detail {

/// A key and what is under it.
template <class Key, class V>
struct map_entry {
  explicit map_entry(Key&& k) : key(std::move(k)) {}
  map_entry(Key&& k, auto&& make_value) : key(std::move(k)), value(make_value()) {}
  Key key;
  V value;
};

/// The entries of a map_store that has many: in slots, found by key and by dot. What is done to a value has
/// to be told to `dots` and `hash`.
template <class Key, class V, class Index>
struct map_table {
  slot_table<map_entry<Key, V>> slots;
  key_index<Key, map_entry<Key, V>> keys;
  Index dots;              // of the dots that are alive, the slot
  std::uint64_t hash = 0;  // the exclusive or of a hash of each entry

  std::size_t heap() const noexcept { return slots.heap() + keys.heap() + dots.heap(); }

  /// Adds a key that is not here, with an empty value; strong guarantee.
  slot_number insert(Key&& key) {
    const auto slot = slots.emplace(std::move(key));
    try {
      keys.insert(slots, slot);
    } catch (...) {
      slots.erase(slot);
      throw;
    }
    return slot;
  }

  /// Takes out a key with nothing under it any more that `dots` knows.
  void remove(slot_number slot) noexcept {
    keys.erase(slots[slot].key, slot);
    slots.erase(slot);
  }
};

/// Calls `call` in the end, however that comes.
template <class F>
struct at_end {
  explicit at_end(F f) : call(std::move(f)) {}
  at_end(const at_end&) = delete;
  at_end& operator=(const at_end&) = delete;
  ~at_end() { call(); }
  F call;
};

}  // namespace hearsay::inline v0::detail
