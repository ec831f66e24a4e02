// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <boost/container_hash/hash.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <new>
#include <numeric>
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

  /// Room for so many keys more.
  void reserve(std::size_t more) {
    // A table from which much was erased holds less than its size tells.
    for (auto room = size() + more; size() + more > refs_.max_load(); room *= 2) refs_.reserve(room);
  }

  /// Adds the slots `slot_of(0)` ... `slot_of(count - 1)`; `taken(slot, first)` for each whose key has one
  /// already. If the table is larger than a cache, in the order of the first bits of the hashes, which is
  /// that of the places in memory, so that it costs few cache misses. Does not throw if there is room.
  template <class SlotOf, class F>
  void insert_many(const table& slots, std::size_t count, SlotOf&& slot_of, F&& taken) {
    const auto insert_one = [&](const ref& fresh) {
      const auto [at, is_new] = refs_.insert(fresh);
      if (!is_new) taken(fresh.slot, at->slot);
    };
    if constexpr (packed) {
      const bool is_large = count >= 4096 && refs_.bucket_count() * sizeof(ref) > cache;
      if (const auto sorted = std::unique_ptr<ref[]>(is_large ? new (std::nothrow) ref[count] : nullptr)) {
        std::array<std::size_t, 257> begins{};
        const auto part = [](const Key& key) {
          return hash{}(key) >> (std::numeric_limits<std::size_t>::digits - 8);
        };
        for (std::size_t i = 0; i < count; ++i) ++begins[part(slots[slot_of(i)].key) + 1];
        std::partial_sum(begins.begin(), begins.end(), begins.begin());
        for (std::size_t i = 0; i < count; ++i) {
          const slot_number slot = slot_of(i);
          sorted[begins[part(slots[slot].key)]++] = make_ref(slots, slot);
        }
        std::for_each_n(sorted.get(), count, insert_one);
        return;
      }
    }
    for (std::size_t i = 0; i < count; ++i) insert_one(make_ref(slots, slot_of(i)));
  }

  /// Bytes on the heap, about: a byte of metadata an entry, and one more in 15.
  std::size_t heap() const noexcept {
    const auto room = refs_.bucket_count();
    return room * sizeof(ref) + room + room / 15;
  }

 private:
  static constexpr bool packed = std::is_trivially_copyable_v<Key> && sizeof(Key) <= 16;
  static constexpr std::size_t cache = 1 << 18;  // bytes

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
    using is_avalanching = void;
    std::size_t operator()(const auto& x) const {
      std::uint64_t h = key_hash<Key>{}(this->key(x));  // then the mixer xmx of J. Kagstrom
      h = (h ^ h >> 23) * 0xff51'afd7'ed55'8ccd;
      return static_cast<std::size_t>((h ^ h >> 23) >> (64 - std::numeric_limits<std::size_t>::digits));
    }
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
