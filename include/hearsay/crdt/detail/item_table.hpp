// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/detail/dot_index.hpp"
#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/slot_table.hpp"
#include "hearsay/crdt/dot.hpp"
#include "hearsay/crdt/errors.hpp"

// From so many items on a state is merged as a whole, not part by part. The laws are tested with less.
#ifndef HEARSAY_LARGE_STATE
#define HEARSAY_LARGE_STATE 1024
#endif

namespace hearsay::inline v0::detail {

/// The item of a store that has one.
template <class Key, class Payload>
struct single_item {
  single_item(Key k, replica_id by, std::uint64_t counter, Payload p)
      : key(std::move(k)), which{by, counter}, payload(std::move(p)) {}

  Key key;
  dot which;
  [[no_unique_address]] Payload payload;
};

/// `f`, with true for what returns nothing.
template <class F>
auto going_on(F& f) {
  return [&f](auto&&... arguments) {
    if constexpr (std::is_void_v<decltype(f(arguments...))>) {
      f(arguments...);
      return true;
    } else {
      return f(arguments...);
    }
  };
}

/// Whether a payload, which need not be hashable, surely is.
template <class Payload>
concept hashed_payload = std::is_empty_v<Payload> || std::default_initializable<std::hash<Payload>> ||
    requires(const Payload& x) {
  { hash_value(x) } -> std::convertible_to<std::size_t>;
};

/// Of an item: its dot, and what can be hashed of its content.
template <class Payload>
std::uint64_t content_hash(dot which, std::uint64_t key_hash, const Payload& payload) {
  constexpr std::uint64_t odd = 0x9e37'79b9'7f4a'7c15;
  auto x = key_hash;
  if constexpr (!std::is_empty_v<Payload> && hashed_payload<Payload>)
    x = x * odd + detail::key_hash<Payload>{}(payload);
  return mix((x ^ which.by.value) + which.counter * odd);
}

[[noreturn]] inline void throw_collision(dot which) {
  throw collision_error(
      fmt::format("two different events are both named {}: the replica id is used twice", which));
}

/// The items of an item_store that has many: in slots, found by key and by dot. The slots of one key are
/// chained: the index by key knows the first, the others are its siblings.
template <class Key, class Payload>
class item_table {
 public:
  struct slot {
    slot(Key&& k, std::uint64_t c, dot_index::lane_number l, Payload&& p)
        : key(std::move(k)), counter(c), lane(l & dot_index::no_lane), sibling(0), payload(std::move(p)) {}

    Key key;
    std::uint64_t counter;
    std::uint32_t lane : 31;
    std::uint32_t sibling : 1;
    slot_number next = no_slot;  // the next slot of the same key,
    slot_number prev = no_slot;  // and the one before it
    [[no_unique_address]] Payload payload;
  };
  using index = key_index<Key, slot>;
  struct placed {
    slot_number at;
    slot_number head;  // the first slot of the key; if not `at`, then `at` is its first sibling
    std::uint64_t key_hash = 0;
  };

  /// Whether `hash` tells of all that is in here.
  static constexpr bool hashes_all = hashed_payload<Payload>;

  item_table() = default;
  item_table(const item_table&) = default;
  item_table& operator=(const item_table&) = delete;

  std::size_t keys() const noexcept { return keys_.size(); }
  std::size_t items() const noexcept { return slots_.size(); }
  std::size_t heap() const noexcept { return slots_.heap() + keys_.heap() + dots_.heap(); }

  const slot& operator[](slot_number at) const noexcept { return slots_[at]; }
  dot which(slot_number at) const noexcept { return {dots_.by(slots_[at].lane), slots_[at].counter}; }

  bool contains(const Key& key) const { return find(key) != no_slot; }
  /// The first slot of a key, or no_slot.
  slot_number find(const Key& key) const { return keys_.find(slots_, key); }
  /// The slot of a dot, or no_slot.
  slot_number find(dot which) const { return dots_.find(dots_.find_lane(which.by), which.counter); }
  /// The first slot from `at` on that is the first of its key, or no_slot.
  slot_number next_head(slot_number at) const noexcept {
    do {
      at = slots_.next_alive(at);
    } while (at != no_slot && slots_[at].sibling && ++at != no_slot);
    return at;
  }

  /// Adds an item whose dot has none; strong guarantee.
  placed place(Key key, replica_id by, std::uint64_t counter, Payload payload) {
    const auto lane = dots_.lane(by);
    const auto hash = index::hash_of(key);
    const auto at = slots_.emplace(std::move(key), counter, lane, std::move(payload));
    bool indexed = false;
    try {
      dots_.insert(lane, counter, at);
      indexed = true;
      const auto [head, added] = keys_.insert(slots_, at, index::code_in(hash));
      if (!added) make_sibling(at, head);
      hash_ ^= content_hash({by, counter}, hash, slots_[at].payload);
      return {at, head, hash};
    } catch (...) {
      if (indexed) dots_.erase(lane, counter);
      slots_.erase(at);
      throw;
    }
  }

  void drop(slot_number at) noexcept {
    auto& gone = slots_[at];
    const auto hash = index::hash_of(gone.key);
    hash_ ^= item_hash(at, hash);
    dots_.erase(gone.lane, gone.counter);
    if (!gone.sibling) {
      keys_.replace(slots_, gone.key, gone.next, index::code_in(hash));
      if (gone.next != no_slot) slots_[gone.next].sibling = 0;
    } else {
      slots_[gone.prev].next = gone.next;
      if (gone.next != no_slot) slots_[gone.next].prev = gone.prev;
    }
    slots_.erase(at);
  }

  void drop_siblings(slot_number head) noexcept {
    while (slots_[head].next != no_slot) drop(slots_[head].next);
  }

  /// Drops all items of a key but the one just placed, unless that is the only one.
  void keep_only(placed kept) noexcept {
    if (kept.at == kept.head) return;
    auto& head = slots_[kept.head];
    auto& item = slots_[kept.at];
    hash_ ^= item_hash(kept.head, kept.key_hash);
    dots_.erase(head.lane, head.counter);
    dots_.assign(item.lane, item.counter, kept.head);  // it moves there: the index by key stays as it is
    head.counter = item.counter;
    head.lane = item.lane;
    head.payload = std::move(item.payload);
    head.next = item.next;
    if (head.next != no_slot) slots_[head.next].prev = kept.head;
    slots_.erase(kept.at);
    drop_siblings(kept.head);
  }

  /// Of all items: the exclusive or of the content_hash of each. O(1).
  std::uint64_t hash() const noexcept { return hash_; }

  /// Calls `f(dot)` for all dots that are alive.
  template <class F>
  void for_each_dot(F&& f) const {
    for (auto at = slots_.next_alive(0); at != no_slot; at = slots_.next_alive(at + 1)) f(which(at));
  }

  /// Calls `f(counter, slot)` for the dots of `by` within the interval that are alive, ascending, until it
  /// returns false.
  template <class F>
  void for_each_live(replica_id by, interval within, F&& f) const {
    const auto lane = dots_.find_lane(by);
    for (const auto* chunk = dots_.next_chunk(lane, within.lo / 64);
         chunk != nullptr && chunk->number() <= within.hi / 64;
         chunk = dots_.next_chunk(lane, chunk->number() + 1)) {
      for (auto bits = chunk->live(within); bits != 0; bits &= bits - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(bits));
        if (!f(chunk->number() * 64 + i, chunk->slot(i))) return;
      }
    }
  }

  /// Drops the items with a dot of `by` within the interval that are neither in `table` nor `one`, each of
  /// which may be null; calls `dropping(interval)` before each. Throws collision_error where a dot has
  /// another content there.
  template <class Dropping>
  void retain(replica_id by, interval within, const item_table* table, const single_item<Key, Payload>* one,
              Dropping&& dropping) {
    const auto lane = dots_.find_lane(by);
    const auto their_lane = table != nullptr ? table->dots_.find_lane(by) : dot_index::no_lane;
    auto number = within.lo / 64;
    for (const auto* chunk = dots_.next_chunk(lane, number);
         chunk != nullptr && chunk->number() <= within.hi / 64; chunk = dots_.next_chunk(lane, number)) {
      number = chunk->number() + 1;
      const auto* theirs = table != nullptr ? table->dots_.find_chunk(their_lane, chunk->number()) : nullptr;
      std::uint64_t alive_there = theirs != nullptr ? theirs->live() : 0;
      if (one != nullptr && one->which.by == by && one->which.counter / 64 == chunk->number()) {
        alive_there |= std::uint64_t{1} << one->which.counter % 64;
      }
      const auto alive_here = chunk->live(within);
      for (auto bits = alive_here & alive_there; bits != 0; bits &= bits - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(bits));
        const auto& mine = slots_[chunk->slot(i)];
        const auto same = [&](const auto& other) {
          return mine.key == other.key && mine.payload == other.payload;
        };
        if (theirs != nullptr ? !same(table->slots_[theirs->slot(i)]) : !same(*one)) {
          throw_collision({by, mine.counter});
        }
      }
      std::array<slot_number, 64> dead;  // first gathered, since a drop may move the chunk
      std::size_t count = 0;
      for (auto bits = alive_here & ~alive_there; bits != 0; bits &= bits - 1) {
        dead[count++] = chunk->slot(static_cast<unsigned>(std::countr_zero(bits)));
      }
      for (std::size_t i = 0; i < count; ++i) {
        dropping(interval{slots_[dead[i]].counter, slots_[dead[i]].counter});
        drop(dead[i]);
      }
    }
  }

  /// Adds the items of `other` that have a dot in `among`, of which nothing is here. May fail half way.
  void adopt_all(const causal_context& among, const item_table& other) {
    std::size_t count = 0;
    other.for_each_among(among, [&](replica_id, std::uint64_t, std::uint64_t bits, const auto&) {
      count += static_cast<std::size_t>(std::popcount(bits));
    });
    auto keys = fill_keys(count);
    other.for_each_among(among,
                         [&](replica_id by, std::uint64_t number, std::uint64_t bits, const auto& chunk) {
                           append(keys, by, number, bits, [&](unsigned i) {
                             const auto& item = other.slots_[chunk.slot(i)];
                             return std::pair(item.key, item.payload);
                           });
                         });
  }

  /// For append: all that was appended is known by key when this is gone. Makes room for so many keys.
  auto fill_keys(std::size_t count) {
    const auto taken = [this](slot_number at, slot_number head) { make_sibling(at, head); };
    return typename index::template filling<decltype(taken)>(keys_, slots_, count, taken);
  }

  /// Adds items with the dots of `by` within the interval, of which nothing is here; `next()` makes the key
  /// and the payload of each.
  template <class Next>
  void append(auto& keys, replica_id by, interval dots, Next&& next) {
    for (auto number = dots.lo / 64; number <= dots.hi / 64; ++number) {
      append(keys, by, number, dot_index::bits(number, dots), [&](unsigned) { return next(); });
    }
  }

 private:
  // Calls f(replica_id, number, bits, chunk) for the chunks that have dots in `among`.
  template <class F>
  void for_each_among(const causal_context& among, F&& f) const {
    among.for_each_interval([&](replica_id by, interval within) {
      const auto lane = dots_.find_lane(by);
      for (const auto* chunk = dots_.next_chunk(lane, within.lo / 64);
           chunk != nullptr && chunk->number() <= within.hi / 64;
           chunk = dots_.next_chunk(lane, chunk->number() + 1)) {
        if (const auto bits = chunk->live(within)) f(by, chunk->number(), bits, *chunk);
      }
    });
  }

  // Adds items with the dots 64 * number + i for all bits i; `item(i)` has the key and the payload.
  template <class Item>
  void append(auto& keys, replica_id by, std::uint64_t number, std::uint64_t bits, Item&& item) {
    const auto lane = dots_.lane(by);
    dots_.insert_many(lane, number, bits, [&](unsigned i) {
      auto [key, payload] = item(i);
      const auto hash = index::hash_of(key);
      const auto content = content_hash({by, number * 64 + i}, hash, payload);
      const auto at = slots_.emplace(std::move(key), number * 64 + i, lane, std::move(payload));
      hash_ ^= content;
      keys.add(at, index::code_in(hash));
      return at;
    });
  }

  std::uint64_t item_hash(slot_number at, std::uint64_t key_hash) const {
    return content_hash(which(at), key_hash, slots_[at].payload);
  }

  void make_sibling(slot_number at, slot_number head) noexcept {
    slots_[at].sibling = 1;
    slots_[at].prev = head;
    slots_[at].next = std::exchange(slots_[head].next, at);
    if (slots_[at].next != no_slot) slots_[slots_[at].next].prev = at;
  }

  slot_table<slot> slots_;
  index keys_;
  dot_index dots_;
  std::uint64_t hash_ = 0;
};

}  // namespace hearsay::inline v0::detail
