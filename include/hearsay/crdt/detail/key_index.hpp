// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <bit>
#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <concepts>
#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/detail/slot_table.hpp"

namespace hearsay::inline v0::detail {

/// std::hash where it is defined, else boost::hash, which a user's type extends by `hash_value`.
template <class Key>
using key_hash =
    std::conditional_t<std::default_initializable<std::hash<Key>>, std::hash<Key>, boost::hash<Key>>;

/// A value that can be a key.
template <class Key>
concept hashable = std::regular<Key> && requires(const Key& key) {
  { key_hash<Key>{}(key) } -> std::convertible_to<std::size_t>;
};

/// Finds slots of a slot_table by their member `key`. A small key is copied into the index, packed, so that a
/// lookup touches nothing else; of others the index holds only the slot's number.
template <hashable Key, class Slot>
class key_index {
 public:
  using table = slot_table<Slot>;

  explicit key_index(const table& slots) : refs_(0, hash{{&slots}}, equal{{&slots}}) {}

  /// The same keys at the same numbers, in a copy of the table.
  key_index(const key_index& other, const table& slots) : key_index(slots) {
    if constexpr (packed) {
      refs_ = other.refs_;
    } else {
      refs_.reserve(other.refs_.size());
      for (const auto& entry : other.refs_) refs_.insert(entry);
    }
  }

  std::size_t size() const noexcept { return refs_.size(); }

  bool contains(const Key& key) const { return refs_.contains(key); }

  /// The slot under this key, or no_slot.
  slot_number find(const Key& key) const {
    const auto found = refs_.find(key);
    return found == refs_.end() ? no_slot : found->slot;
  }

  /// Adds a slot by the key in it. If the key has one already, that one stays and is returned, with false.
  std::pair<slot_number, bool> insert(const table& slots, slot_number slot) {
    const auto [at, added] = refs_.insert(make_ref(slots, slot));
    return {added ? slot : at->slot, added};  // what was just stored may be far away: do not read it back
  }

  /// Puts another slot with the same key in the place of the one that is there; no_slot takes the key out.
  void replace(const Key& key, slot_number slot) {
    const auto found = refs_.find(key);
    if (slot == no_slot) {
      refs_.erase(found);
    } else {
      found->slot = slot;
    }
  }

  /// Takes a key out if it has this slot.
  void erase(const Key& key, slot_number slot) {
    const auto found = refs_.find(key);
    if (found != refs_.end() && found->slot == slot) refs_.erase(found);
  }

  /// Room for so many keys.
  void reserve(std::size_t keys) { refs_.reserve(keys); }

  /// Whether the index holds the keys themselves.
  static constexpr bool packed = std::is_trivially_copyable_v<Key> && sizeof(Key) <= 16;

  /// Calls `f(slot)` for the first slot of every key of `other`, and if that returns a slot of this table
  /// with the same key, inserts it; `g(slot, first)` for one whose key has one already. In the order of
  /// hashes: the keys come to their places in memory one after the other. Does not throw when there is room.
  template <class F, class G>
  void insert_from(const key_index& other, F&& f, G&& g) requires packed {
    std::array<ref, 64> chosen;  // gathered without a branch, which could not be predicted
    std::size_t count = 0;
    const auto insert_chosen = [&] {
      for (std::size_t i = 0; i < count; ++i) {
        const auto [at, added] = refs_.insert(chosen[i]);
        if (!added) g(chosen[i].slot, at->slot);
      }
      count = 0;
    };
    for (auto entry : other.refs_) {
      entry.slot = f(entry.slot);
      chosen[count] = entry;
      count += entry.slot != no_slot ? 1 : 0;
      if (count == chosen.size()) insert_chosen();
    }
    insert_chosen();
  }

  /// Bytes on the heap, about: a byte of metadata an entry, and one more in 15.
  std::size_t heap() const noexcept {
    const auto room = refs_.bucket_count();
    return room * sizeof(ref) + room + room / 15;
  }

 private:
  struct packed_ref {
    std::array<std::byte, sizeof(Key)> key;
    mutable slot_number slot;  // no part of what is hashed
  };
  struct bare_ref {
    mutable slot_number slot;
  };
  using ref = std::conditional_t<packed, packed_ref, bare_ref>;

  struct access {
    using is_transparent = void;
    const table* slots;

    decltype(auto) key(const ref& r) const noexcept {
      if constexpr (packed) {
        return std::bit_cast<Key>(r.key);
      } else {
        return ((*slots)[r.slot].key);
      }
    }
    const Key& key(const Key& k) const noexcept { return k; }
  };
  struct hash : access {
    std::size_t operator()(const auto& x) const { return key_hash<Key>{}(this->key(x)); }
  };
  struct equal : access {
    bool operator()(const auto& a, const auto& b) const { return this->key(a) == this->key(b); }
  };

  static ref make_ref(const table& slots, slot_number slot) {
    if constexpr (packed) {
      return {std::bit_cast<std::array<std::byte, sizeof(Key)>>(slots[slot].key), slot};
    } else {
      return {slot};
    }
  }

  boost::unordered_flat_set<ref, hash, equal> refs_;
};

}  // namespace hearsay::inline v0::detail
