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
#include <numeric>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/detail/code_table.hpp"
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

/// Spreads the bits of a number: the mixer xmx of J. Kagstrom.
inline std::uint64_t mix(std::uint64_t h) noexcept {
  h = (h ^ h >> 23) * 0xff51'afd7'ed55'8ccd;
  return h ^ h >> 23;
}

/// Finds slots of a slot_table by their member `key`. A small key is copied into the index, packed, so that a
/// lookup touches nothing else; of others the index holds the slot's number and a code, 32 bits of the hash,
/// so that it grows, is copied and passes over other keys without touching them (code_table). The table is
/// given to every call.
template <hashable Key, class Slot>
class key_index {
  static constexpr bool packed = std::is_trivially_copyable_v<Key> && sizeof(Key) <= 16;
  static constexpr std::size_t cache = 1 << 18;  // bytes

 public:
  using table = slot_table<Slot>;
  using code = code_table::code;

 private:
  struct ref {
    std::array<std::byte, sizeof(Key)> key;
    mutable slot_number slot;  // no part of what is hashed
  };

 public:
  static std::uint64_t hash_of(const Key& key) { return mix(key_hash<Key>{}(key)); }
  /// What is found of a key without comparing: to be computed once for several calls.
  static code code_of(const Key& key) { return packed ? 0 : code_in(hash_of(key)); }
  static code code_in(std::uint64_t hash) noexcept { return static_cast<code>(hash >> 32); }

  std::size_t size() const noexcept { return refs_.size(); }

  /// The slot under this key, or no_slot.
  slot_number find(const table& slots, const Key& key) const { return find(slots, key, code_of(key)); }
  slot_number find(const table& slots, const Key& key, code known) const {
    if constexpr (packed) {
      const auto found = refs_.find(key);
      return found == refs_.end() ? no_slot : found->slot;
    } else {
      return refs_.find(known, is(slots, key));
    }
  }

  /// Adds a slot by the key in it. If the key has one already, that one stays and is returned, with false.
  std::pair<slot_number, bool> insert(const table& slots, slot_number slot) {
    return insert(slots, slot, code_of(slots[slot].key));
  }
  std::pair<slot_number, bool> insert(const table& slots, slot_number slot, code known) {
    const Key& key = slots[slot].key;
    if constexpr (packed) {
      const auto [at, added] = refs_.insert(make_ref(key, slot));
      return {added ? slot : at->slot, added};  // what was just stored may be far away: do not read it back
    } else {
      if (const auto first = find(slots, key, known); first != no_slot) return {first, false};
      refs_.insert(known, slot);
      return {slot, true};
    }
  }
  /// Adds a slot whose key has none.
  void add(const table& slots, slot_number slot, code known) {
    if constexpr (packed) {
      refs_.insert(make_ref(slots[slot].key, slot));
    } else {
      refs_.insert(known, slot);
    }
  }

  /// Puts another slot with the same key in the place of the one that is there; no_slot takes the key out.
  void replace([[maybe_unused]] const table& slots, const Key& key, slot_number slot, code known) {
    if constexpr (packed) {
      const auto found = refs_.find(key);
      if (slot == no_slot) {
        refs_.erase(found);
      } else {
        found->slot = slot;
      }
    } else {
      refs_.replace(known, slot, is(slots, key));
    }
  }

  /// Takes a key out if it has this slot.
  void erase(const Key& key, slot_number slot) {
    if constexpr (packed) {
      const auto found = refs_.find(key);
      if (found != refs_.end() && found->slot == slot) refs_.erase(found);
    } else {
      refs_.replace(code_of(key), no_slot, [slot](slot_number at) { return at == slot; });
    }
  }

  /// Room for so many keys more.
  void reserve(std::size_t more) {
    if constexpr (packed) {
      // A table from which much was erased holds less than its size tells.
      for (auto room = size() + more; size() + more > refs_.max_load(); room *= 2) refs_.reserve(room);
    } else {
      refs_.reserve(more);
    }
  }

  /// Adds slots together: all are in the index when this is gone, and `taken(slot, first)` was called for
  /// each whose key had one already. If the index is larger than a cache, they go in by the first bits of the
  /// hashes, which is the order of the places in memory, so that it costs few cache misses.
  template <class Taken>
  class filling {
   public:
    /// Makes room for `count` slots, so that adding them does not throw.
    filling(key_index& index, const table& slots, std::size_t count, Taken taken)
        : to_(index), slots_(slots), taken_(taken) {
      to_.reserve(count);
      if (packed && count >= 4096 && to_.heap() > cache) {
        late_ = std::make_unique_for_overwrite<ref[]>(count);
        sorted_ = std::make_unique_for_overwrite<ref[]>(count);
      }
    }
    filling(const filling&) = delete;
    filling& operator=(const filling&) = delete;
    ~filling() {
      if constexpr (packed) {
        if (size_ == 0) return;
        constexpr int bits = 10;
        const auto part = [](const ref& r) {
          return hash{}(r) >> (std::numeric_limits<std::size_t>::digits - bits);
        };
        std::array<std::uint32_t, (1 << bits) + 1> begins{};
        std::for_each_n(&late_[0], size_, [&](const ref& r) { ++begins[part(r) + 1]; });
        std::partial_sum(begins.begin(), begins.end(), begins.begin());
        std::for_each_n(&late_[0], size_, [&](const ref& r) { sorted_[begins[part(r)]++] = r; });
        std::for_each_n(&sorted_[0], size_, [&](const ref& r) {
          const auto [at, added] = to_.refs_.insert(r);
          if (!added) taken_(r.slot, at->slot);
        });
      }
    }

    void add(slot_number slot, code known) noexcept {
      if constexpr (packed) {
        if (late_) {
          late_[size_++] = make_ref(slots_[slot].key, slot);
          return;
        }
      }
      if (const auto [first, added] = to_.insert(slots_, slot, known); !added) taken_(slot, first);
    }

   private:
    key_index& to_;
    const table& slots_;
    Taken taken_;
    std::unique_ptr<ref[]> late_;    // those added,
    std::unique_ptr<ref[]> sorted_;  // and room to sort them
    std::size_t size_ = 0;
  };

  /// Bytes on the heap, about.
  std::size_t heap() const noexcept {
    if constexpr (packed) {
      const auto room = refs_.bucket_count();
      return room * sizeof(ref) + room + room / 15;  // a byte of metadata an entry, and one more in 15
    } else {
      return refs_.heap();
    }
  }

 private:
  struct hash {
    using is_avalanching = void;
    using is_transparent = void;
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>(mix(key_hash<Key>{}(key)) >>
                                      (64 - std::numeric_limits<std::size_t>::digits));
    }
    std::size_t operator()(const ref& r) const { return (*this)(std::bit_cast<Key>(r.key)); }
  };
  struct equal {
    using is_transparent = void;
    bool operator()(const Key& a, const ref& b) const { return a == std::bit_cast<Key>(b.key); }
    bool operator()(const ref& a, const ref& b) const { return (*this)(std::bit_cast<Key>(a.key), b); }
  };
  static ref make_ref(const Key& key, slot_number slot) {
    return {std::bit_cast<std::array<std::byte, sizeof(Key)>>(key), slot};
  }
  // Whether a slot has this key.
  static auto is(const table& slots, const Key& key) {
    return [&](slot_number slot) { return slots[slot].key == key; };
  }

  std::conditional_t<packed, boost::unordered_flat_set<ref, hash, equal>, code_table> refs_;
};

}  // namespace hearsay::inline v0::detail
