// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "hearsay/crdt/detail/dot_index.hpp"
#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/slot_table.hpp"
#include "hearsay/crdt/dot.hpp"

namespace hearsay::inline v0::detail {

/// The items of a dot_store that has many: in slots, found by key and by dot. The slots of one key are
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
    slot_number next = no_slot;  // the next slot of the same key
    [[no_unique_address]] Payload payload;
  };
  struct placed {
    slot_number at;
    slot_number head;  // the first slot of the key; if not `at`, then `at` is its first sibling
  };

  item_table() = default;
  item_table(const item_table& other)
      : slots_(other.slots_), keys_(other.keys_, slots_), dots_(other.dots_) {}
  item_table& operator=(const item_table&) = delete;

  std::size_t keys() const noexcept { return keys_.size(); }
  std::size_t items() const noexcept { return slots_.size(); }
  std::size_t heap() const noexcept { return slots_.heap() + keys_.heap() + dots_.heap(); }

  const slot& operator[](slot_number at) const noexcept { return slots_[at]; }
  dot which(slot_number at) const noexcept { return {dots_.by(slots_[at].lane), slots_[at].counter}; }

  bool contains(const Key& key) const { return keys_.contains(key); }
  /// The first slot of a key, or no_slot.
  slot_number find(const Key& key) const { return keys_.find(key); }
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
    const auto at = slots_.emplace(std::move(key), counter, lane, std::move(payload));
    bool indexed = false;
    try {
      dots_.insert(lane, counter, at);
      indexed = true;
      const auto [head, added] = keys_.insert(slots_, at);
      if (!added) {
        slots_[at].sibling = 1;
        slots_[at].next = std::exchange(slots_[head].next, at);
      }
      return {at, head};
    } catch (...) {
      if (indexed) dots_.erase(lane, counter);
      slots_.erase(at);
      throw;
    }
  }

  void drop(slot_number at) noexcept {
    auto& gone = slots_[at];
    dots_.erase(gone.lane, gone.counter);
    if (!gone.sibling) {
      keys_.replace(gone.key, gone.next);
      if (gone.next != no_slot) slots_[gone.next].sibling = 0;
    } else {
      auto before = keys_.find(gone.key);
      while (slots_[before].next != at) before = slots_[before].next;
      slots_[before].next = gone.next;
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
    dots_.erase(head.lane, head.counter);
    dots_.assign(item.lane, item.counter, kept.head);  // it moves there: the index by key stays as it is
    head.counter = item.counter;
    head.lane = item.lane;
    head.payload = std::move(item.payload);
    head.next = item.next;
    slots_.erase(kept.at);
    drop_siblings(kept.head);
  }

  dot_index::lane_number lane(replica_id by) const noexcept { return dots_.find_lane(by); }

  /// Of the counters 64 * number ... 64 * number + 63 in a lane, a bit for each that is alive.
  std::uint64_t live(dot_index::lane_number lane, std::uint64_t number) const noexcept {
    const auto* chunk = dots_.next_chunk(lane, number);
    return chunk != nullptr && chunk->number() == number ? chunk->live() : 0;
  }

  /// Calls `f(slot)` for the dots of `by` within the interval that are alive, ascending, until it returns
  /// false.
  template <class F>
  void for_each_live(replica_id by, interval within, F&& f) const {
    const auto lane = dots_.find_lane(by);
    for (const auto* chunk = dots_.next_chunk(lane, within.lo / 64);
         chunk != nullptr && chunk->number() <= within.hi / 64;
         chunk = dots_.next_chunk(lane, chunk->number() + 1)) {
      for (auto bits = chunk->live(within); bits != 0; bits &= bits - 1) {
        if (!f(slots_[chunk->slot(static_cast<unsigned>(std::countr_zero(bits)))])) return;
      }
    }
  }

  /// Drops the items with a dot of `by` within the interval, but for those that have their bit in
  /// `spared(number)`; calls `dropping(dot)` before each.
  template <class Spared, class Dropping>
  void drop_within(replica_id by, interval within, Spared&& spared, Dropping&& dropping) {
    const auto lane = dots_.find_lane(by);
    auto number = within.lo / 64;
    for (const auto* chunk = dots_.next_chunk(lane, number);
         chunk != nullptr && chunk->number() <= within.hi / 64; chunk = dots_.next_chunk(lane, number)) {
      number = chunk->number() + 1;
      std::array<slot_number, 64> dead;  // first gathered, since a drop may move the chunk
      std::size_t count = 0;
      for (auto bits = chunk->live(within) & ~spared(chunk->number()); bits != 0; bits &= bits - 1) {
        dead[count++] = chunk->slot(static_cast<unsigned>(std::countr_zero(bits)));
      }
      for (std::size_t i = 0; i < count; ++i) {
        dropping(which(dead[i]));
        drop(dead[i]);
      }
    }
  }

 private:
  slot_table<slot> slots_;
  key_index<Key, slot> keys_{slots_};
  dot_index dots_;
};

}  // namespace hearsay::inline v0::detail
