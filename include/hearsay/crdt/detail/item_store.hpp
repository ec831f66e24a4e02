// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/detail/dot_slots.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/item_table.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/detail/slot_iterator.hpp"
#include "hearsay/crdt/detail/turns.hpp"
#include "hearsay/crdt/dot.hpp"

namespace hearsay::inline v0 {

/// No key, or no payload.
struct nothing {
  friend auto operator<=>(nothing, nothing) = default;
  friend std::size_t hash_value(nothing) { return 0; }
  template <class Archive>
  void serialize(Archive&) {}
};

namespace detail {

/// The store of a causal state whose dots are alive one by one: items, each a key, and maybe a payload, under
/// one dot. One key can have several items, from writers who did not know of each other.
///
/// At most one item is held in place; a delta whose key needs no heap allocates nothing. More are in slots,
/// with an index by key and one by dot. Hashing and comparing keys must not throw.
template <hashable Key, class Payload = nothing>
class item_store {
  static_assert(std::is_nothrow_move_constructible_v<Key> && std::is_nothrow_move_constructible_v<Payload> &&
                    std::is_nothrow_move_assignable_v<Payload>,
                "elements, keys and values have to be movable without exceptions");

  using table = item_table<Key, Payload>;
  static constexpr bool bare = std::is_empty_v<Key> && std::is_empty_v<Payload>;

 public:
  using index = dot_slots;                  // of a map of such stores
  static constexpr bool one_by_one = true;  // every item has one dot

  /// Iterates over the keys, each once, in no order that means anything.
  using const_iterator = slot_iterator<item_store, const Key&>;

  item_store() = default;
  item_store(const item_store&) = default;
  item_store(item_store&& other) noexcept { *this = std::move(other); }
  item_store& operator=(const item_store& other) {
    if (this != &other) *this = item_store(other);
    return *this;
  }
  item_store& operator=(item_store&& other) noexcept {
    if (this != &other) {
      one_.reset();
      if (other.one_) one_.emplace(std::move(*other.one_));
      other.one_.reset();
      table_ = std::move(other.table_);
    }
    return *this;
  }

  /// @name For the mutators and queries of the types
  /// `context` is that of the state, `seen` and `delta` are the context and the store of the delta, and
  /// empty. @{

  /// Puts an item under `key` with the next dot of `by`, in place of all that are there. O(1), for few
  /// replicas; strong guarantee.
  void replace(causal_context& context, replica_id by, Key key, Payload payload, causal_context& seen,
               item_store& delta) {
    const auto fresh = context.next(by);
    delta.one_.emplace(key, by, fresh, payload);
    seen.insert({by, fresh});
    if (!table_ && find(key) != no_slot) {
      seen.insert(one_->which);
      context.insert({by, fresh});
      one_->which = {by, fresh};
      one_->payload = std::move(payload);
      return;
    }
    const auto placed = place(std::move(key), by, fresh, std::move(payload));
    try {
      for (auto at = placed.head; at != no_slot; at = next(at)) {
        if (at != placed.at) seen.insert(dot_at(at));
      }
      context.insert({by, fresh});
    } catch (...) {
      drop(placed.at);
      throw;
    }
    if (table_) table_->keep_only(placed);
  }

  /// Takes out all items under `key`. O(1); strong guarantee.
  void erase(const Key& key, causal_context& seen) {
    const auto head = find(key);
    if (head == no_slot) return;
    for (auto at = head; at != no_slot; at = next(at)) seen.insert(dot_at(at));
    if (table_) table_->drop_siblings(head);
    drop(head);
    tidy();
  }

  /// Takes out everything. O(n); strong guarantee.
  void clear(causal_context& seen) {
    for_each_dot([&](replica_id by, interval run) { seen.insert(by, run); });
    one_.reset();
    table_.reset();
  }

  bool contains(const Key& key) const { return table_ ? table_->contains(key) : one_ && one_->key == key; }
  const_iterator begin() const { return {this, shown_from(0)}; }
  const_iterator end() const { return {this, no_slot}; }

  /// Calls `f(dot, payload)` for every item under `key`.
  template <class F>
  void for_each_under(const Key& key, F&& f) const {
    for (auto at = find(key); at != no_slot; at = next(at)) f(dot_at(at), payload_at(at));
  }
  /// @}

  /// @name What causal and or_map take of a store
  /// A leaf is one item, here by its slot. @{

  /// How many keys there are.
  std::size_t size() const noexcept { return table_ ? table_->keys() : one_ ? 1 : 0; }
  /// How many items there are: at least one a key.
  std::size_t items() const noexcept { return table_ ? table_->items() : one_ ? 1 : 0; }
  /// Whether it pays to look at the whole before the parts are merged one by one.
  bool is_large() const noexcept { return items() >= HEARSAY_LARGE_STATE; }
  std::size_t heap() const noexcept { return table_ ? sizeof *table_ + table_->heap() : 0; }

  /// Calls `f(interval, leaf)` for what is alive with a dot of `by` within the interval, ascending. If `f`
  /// returns bool, false ends the walk. Costs what it finds, and O(log n).
  template <class F>
  void for_each_item(replica_id by, interval within, F&& f) const {
    auto go_on = going_on(f);
    const auto call = [&](std::uint64_t counter, slot_number at) {
      return go_on(interval{counter, counter}, at);
    };
    if (table_) {
      table_->for_each_live(by, within, call);
    } else if (one_ && one_->which.by == by && within.contains(one_->which.counter)) {
      call(one_->which.counter, 0);
    }
  }

  /// Calls `f(replica_id, interval)` for all dots that are alive, in any order.
  template <class F>
  void for_each_dot(F&& f) const {
    const auto call = [&f](dot which) { f(which.by, interval{which.counter, which.counter}); };
    if (table_) return table_->for_each_dot(call);
    if (one_) call(one_->which);
  }

  /// Whether the leaf of another store, with these dots, is here too.
  bool holds(replica_id by, interval run, const item_store& of, slot_number leaf) const {
    const auto at = find(dot{by, run.lo});
    return at != no_slot && same_content(at, of, leaf);
  }

  /// Whether `hash` tells of everything: stores with equal ones hold the same, as far as 64 bits can tell.
  static constexpr bool hashes_all = table::hashes_all;
  /// Of all items. O(1).
  std::uint64_t hash() const {
    if (table_) return table_->hash();
    return one_ ? content_hash(one_->which, key_index<Key, typename table::slot>::hash_of(one_->key),
                               one_->payload)
                : 0;
  }

  /// Drops what is alive here with a dot of `by` within the interval, and not alive in `other`, after
  /// `dropping(interval)`. Throws collision_error where a dot has another content there.
  template <class Dropping>
  void retain(replica_id by, interval within, const item_store& other, Dropping&& dropping) {
    if (table_ && within.lo != within.hi) {
      table_->retain(by, within, other.table_ ? &*other.table_ : nullptr, other.one_ ? &*other.one_ : nullptr,
                     dropping);
      return;
    }
    if (!table_) {
      if (!one_ || one_->which.by != by || !within.contains(one_->which.counter)) return;
      within.lo = within.hi = one_->which.counter;
    }
    const auto mine = find(dot{by, within.lo});
    if (mine == no_slot) return;
    const auto theirs = other.find(dot{by, within.lo});
    if (theirs == no_slot) {
      dropping(within);
      drop(mine);
    } else if (!same_content(mine, other, theirs)) {
      throw_collision({by, within.lo});
    }
  }

  /// Takes over what `other` has with a dot of `by` within the interval, of which nothing is here. May fail
  /// half way.
  void adopt(replica_id by, interval within, const item_store& other) {
    other.for_each_item(by, within, [&](interval run, slot_number leaf) {
      place(other.key_at(leaf), by, run.lo, other.payload_at(leaf));
    });
  }
  /// The same for many dots.
  void adopt_all(const causal_context& among, const item_store& other) {
    if (table_ && other.table_) return table_->adopt_all(among, *other.table_);
    among.for_each_interval([&](replica_id by, interval within) { adopt(by, within, other); });
  }

  /// What grew and is empty now gives its memory back.
  void tidy() noexcept {
    if (table_ && table_->items() == 0) table_.reset();
  }

  /// What is kept while all items are saved, or loaded.
  struct saved {};
  struct loaded {};

  template <class Archive>
  void save_item(Archive& out, saved&, interval, slot_number leaf) const {
    if constexpr (bare) {
      out(false);  // so that every item has a byte, and bytes bound the items
    } else if constexpr (std::is_empty_v<Payload>) {
      out(key_at(leaf));
    } else if constexpr (std::is_empty_v<Key>) {
      out(payload_at(leaf));
    } else {
      out(saved_fields{[&](auto& fields) {
        fields(cereal::make_nvp("key", key_at(leaf)), cereal::make_nvp("payload", payload_at(leaf)));
      }});
    }
  }

  /// Reads the item with the first of these dots, and returns the last dot that it has.
  template <class Archive>
  std::uint64_t load_item(Archive& in, loaded&, replica_id by, interval run) {
    auto [key, payload] = read_item(in);
    place(std::move(key), by, run.lo, std::move(payload));
    return run.lo;
  }

  /// Reads the items of all dots alive, `count`, into an empty store. Each takes a byte of what is read.
  template <class Archive>
  void load_all(Archive& in, std::size_t count, const turns& alive, const causal_context& context) {
    if (count > 1) {
      auto& items = table_.make();
      auto keys = items.fill_keys(count);
      alive.for_each_alive(context, [&](replica_id by, interval run) {
        items.append(keys, by, run, [&] { return read_item(in); });
      });
    } else {
      alive.for_each_alive(context, [&](replica_id by, interval run) {
        auto [key, payload] = read_item(in);
        one_.emplace(std::move(key), by, run.lo, std::move(payload));
      });
    }
  }

  void measure(size_counter& size, slot_number leaf) const { size(key_at(leaf), payload_at(leaf)); }
  /// @}

 private:
  template <class Archive>
  static std::pair<Key, Payload> read_item(Archive& in) {
    Key key{};
    Payload payload{};
    if constexpr (bare) {
      bool byte = false;
      in(byte);
      if (byte) throw decode_error("causal state: not canonical");
    } else if constexpr (std::is_empty_v<Payload>) {
      in(key);
    } else if constexpr (std::is_empty_v<Key>) {
      in(payload);
    } else {
      in(loaded_fields{
          [&](auto& fields) { fields(cereal::make_nvp("key", key), cereal::make_nvp("payload", payload)); }});
    }
    return {std::move(key), std::move(payload)};
  }

  // The one item of a small store counts as slot 0.
  slot_number find(const Key& key) const {
    if (table_) return table_->find(key);
    return one_ && one_->key == key ? 0 : no_slot;
  }
  slot_number find(dot which) const {
    if (table_) return table_->find(which);
    return one_ && one_->which == which ? 0 : no_slot;
  }
  slot_number next(slot_number at) const noexcept { return table_ ? (*table_)[at].next : no_slot; }
  const Key& key_at(slot_number at) const noexcept { return table_ ? (*table_)[at].key : one_->key; }
  const Payload& payload_at(slot_number at) const noexcept {
    return table_ ? (*table_)[at].payload : one_->payload;
  }
  dot dot_at(slot_number at) const noexcept { return table_ ? table_->which(at) : one_->which; }
  friend const_iterator;
  const Key& shown(slot_number at) const noexcept { return key_at(at); }
  slot_number shown_from(slot_number at) const noexcept {
    if (table_) return table_->next_head(at);
    return one_ && at == 0 ? 0 : no_slot;
  }
  bool same_content(slot_number mine, const item_store& other, slot_number theirs) const {
    return key_at(mine) == other.key_at(theirs) && payload_at(mine) == other.payload_at(theirs);
  }

  // Adds an item whose dot has none; strong guarantee. The dot still has to go into the context.
  typename table::placed place(Key key, replica_id by, std::uint64_t counter, Payload payload) {
    if (table_) return table_->place(std::move(key), by, counter, std::move(payload));
    return place_in_small(std::move(key), by, counter, std::move(payload));
  }
  [[gnu::noinline]] typename table::placed place_in_small(Key key, replica_id by, std::uint64_t counter,
                                                          Payload payload) {
    if (!one_) {
      one_.emplace(std::move(key), by, counter, std::move(payload));
      return {0, 0};
    }
    boxed<table> grown;
    grown.make().place(one_->key, one_->which.by, one_->which.counter, one_->payload);
    const auto placed = grown->place(std::move(key), by, counter, std::move(payload));
    table_ = std::move(grown);
    one_.reset();
    return placed;
  }

  void drop(slot_number at) noexcept {
    if (table_) {
      table_->drop(at);
    } else {
      one_.reset();
    }
  }

  std::optional<single_item<Key, Payload>> one_;  // the item of a store that has one and no table
  boxed<table> table_;                            // the items of all others
};

}  // namespace detail
}  // namespace hearsay::inline v0
