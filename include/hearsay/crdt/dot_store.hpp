// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/item_table.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/detail/turns.hpp"
#include "hearsay/crdt/dot.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/metrics.hpp"

namespace hearsay::inline v0 {

/// No payload.
struct nothing {
  friend bool operator==(nothing, nothing) = default;
  template <class Archive>
  void serialize(Archive&) {}
};

/// What the observed-remove types are made of: a causal context, and items, each a key with the dot of the
/// event that put it there, and maybe a payload. The dots of the items, those *alive*, are a subset of the
/// context; the rest of the context is what has been seen and is dead. One key can have several items, from
/// writers who did not know of each other.
///
/// Merge (the optimized OR-set of Bieniusa et al., 2012, as the causal CRDT of Almeida, Shoker and Baquero,
/// 2018): an item stays unless the other side has seen its dot and holds it no longer. It costs what the
/// delta is long: an index by dot finds what a delta's context has killed.
///
/// A state with at most one item holds it in itself; a delta whose key needs no heap allocates nothing.
/// Larger states hold the items in slots, with an index by key and one by dot.
///
/// Mutators offer the strong guarantee. If memory runs out in a merge, a part of the other state has been
/// joined, as if only that had come. Hashing and comparing keys must not throw.
template <detail::hashable Key, class Payload = nothing>
class dot_store {
  static_assert(std::is_nothrow_move_constructible_v<Key> && std::is_nothrow_move_constructible_v<Payload> &&
                    std::is_nothrow_move_assignable_v<Payload>,
                "keys and payloads have to be movable without exceptions");
  static constexpr auto no_slot = detail::no_slot;
  using slot_number = detail::slot_number;

 public:
  /// Iterates over the keys, each once, in no order that means anything. A forward iterator, valid until the
  /// store changes.
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = Key;
    using difference_type = std::ptrdiff_t;
    using pointer = const Key*;
    using reference = const Key&;

    const_iterator() = default;
    reference operator*() const { return store_->key_at(slot_); }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      slot_ = store_->head_from(slot_ + 1);
      return *this;
    }
    const_iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) { return a.slot_ == b.slot_; }

   private:
    friend dot_store;
    const_iterator(const dot_store* store, slot_number slot) : store_(store), slot_(slot) {}

    const dot_store* store_ = nullptr;
    slot_number slot_ = no_slot;
  };

  dot_store() = default;
  dot_store(const dot_store&) = default;
  dot_store(dot_store&& other) noexcept { *this = std::move(other); }
  dot_store& operator=(const dot_store& other) {
    if (this != &other) *this = dot_store(other);
    return *this;
  }
  dot_store& operator=(dot_store&& other) noexcept {
    if (this != &other) {
      context_ = std::move(other.context_);
      one_.reset();
      if (other.one_) one_.emplace(std::move(*other.one_));
      other.one_.reset();
      table_ = std::move(other.table_);
    }
    return *this;
  }

  /// Puts an item under `key` with the next dot of `by`, in place of all that are there, and describes that
  /// in `delta`, which must be bottom. O(1), for few replicas.
  void replace(replica_id by, Key key, Payload payload, dot_store& delta) {
    const auto fresh = context_.next(by);
    delta.one_.emplace(key, by, fresh, payload);
    delta.context_.insert({by, fresh});
    if (!table_ && find(key) != no_slot) {
      delta.context_.insert(one_->which);
      context_.insert({by, fresh});
      one_->which = {by, fresh};
      one_->payload = std::move(payload);
      return;
    }
    const auto placed = place(std::move(key), by, fresh, std::move(payload));
    try {
      for (auto at = placed.head; at != no_slot; at = next(at)) {
        if (at != placed.at) delta.context_.insert(dot_at(at));
      }
      context_.insert({by, fresh});
    } catch (...) {
      drop(placed.at);
      throw;
    }
    if (table_) table_->keep_only(placed);
  }

  /// Takes out all items under `key` and describes that in `delta`, which must be bottom. O(1).
  void erase(const Key& key, dot_store& delta) {
    const auto head = find(key);
    if (head == no_slot) return;
    for (auto at = head; at != no_slot; at = next(at)) delta.context_.insert(dot_at(at));
    if (table_) table_->drop_siblings(head);
    drop(head);
    tidy();
  }

  /// Takes out everything and describes that in `delta`, which must be bottom. O(n).
  void clear(dot_store& delta) {
    for_each_in_order([&](dot which, const Key&, const Payload&) { delta.context_.insert(which); });
    one_.reset();
    table_.reset();
  }

  bool contains(const Key& key) const { return table_ ? table_->contains(key) : one_ && one_->key == key; }

  /// How many keys there are.
  std::size_t size() const noexcept { return table_ ? table_->keys() : one_ ? 1 : 0; }
  /// How many items there are: at least one a key.
  std::size_t items() const noexcept { return table_ ? table_->items() : one_ ? 1 : 0; }
  const causal_context& context() const noexcept { return context_; }
  bool is_bottom() const noexcept { return context_.empty(); }

  const_iterator begin() const { return {this, head_from(0)}; }
  const_iterator end() const { return {this, no_slot}; }

  /// Calls `f(dot, payload)` for every item under `key`.
  template <class F>
  void for_each_item(const Key& key, F&& f) const {
    for (auto at = find(key); at != no_slot; at = next(at)) {
      f(dot_at(at), table_ ? (*table_)[at].payload : one_->payload);
    }
  }

  /// Calls `f(counter, key, payload)` for the items with a dot of `by` within the interval, ascending. If `f`
  /// returns bool, false ends the walk. Costs what it finds, and O(log n).
  template <class F>
  void for_each_live(replica_id by, interval within, F&& f) const {
    const auto call = [&f](std::uint64_t counter, const auto& found) {
      if constexpr (std::is_void_v<decltype(f(counter, found.key, found.payload))>) {
        f(counter, found.key, found.payload);
        return true;
      } else {
        return f(counter, found.key, found.payload);
      }
    };
    if (table_) {
      table_->for_each_live(by, within, [&](const auto& slot) { return call(slot.counter, slot); });
    } else if (one_ && one_->which.by == by && within.contains(one_->which.counter)) {
      call(one_->which.counter, *one_);
    }
  }

  /// The part of this state that is about the dots `among`: those of them in the context, and their items.
  /// Costs what it returns, and O(log n) an interval.
  dot_store restrict(const causal_context& among) const {
    dot_store out;
    out.context_ = context_.intersection(among);
    out.context_.for_each_interval([&](replica_id by, interval within) {
      for_each_live(by, within, [&](std::uint64_t counter, const Key& key, const Payload& payload) {
        out.place(key, by, counter, payload);
      });
    });
    return out;
  }

  /// The next part, in dot order; the cursor holds the dot to go on from.
  dot_store part(cursor& at, std::size_t max_bytes) const {
    constexpr std::size_t interval_bytes = 12;  // an id, or two long varints
    dot_store out;
    detail::size_counter size;
    dot from{{at.first}, at.second};
    for (std::size_t intervals = 0; !at.end; ++intervals) {
      const auto found = context_.next_interval(from);
      at.end = !found;
      if (!found || (intervals != 0 && size.bytes() + intervals * interval_bytes >= max_bytes)) break;
      const auto by = found->by;
      auto within = found->counters;
      if (by == from.by) within.lo = std::max(within.lo, from.counter);
      for_each_live(by, within, [&](std::uint64_t counter, const Key& key, const Payload& payload) {
        out.place(key, by, counter, payload);
        size(key, payload);
        if (size.bytes() >= max_bytes) within.hi = counter;
        return size.bytes() < max_bytes;
      });
      out.context_.insert(by, within);
      const bool last_counter = within.hi == std::numeric_limits<std::uint64_t>::max();
      from = last_counter ? dot{{by.value + 1}, 0} : dot{by, within.hi + 1};
      at.end = from.by < by;  // the last dot of all
    }
    at.end = at.end || !context_.next_interval(from);
    at.first = from.by.value;
    at.second = from.counter;
    return out;
  }

  hearsay::metrics metrics() const {
    const auto heap = table_ ? sizeof *table_ + table_->heap() : 0;
    return {size(), items(), context_.replicas(), context_.intervals(),
            sizeof *this + context_.heap() + heap};
  }

  friend bool operator==(const dot_store& a, const dot_store& b) {
    bool equal = a.items() == b.items() && a.context_ == b.context_;
    if (equal) {
      a.for_each_in_order([&](dot which, const Key& key, const Payload& payload) {
        equal = equal && b.holds(which, key, payload);
        return equal;
      });
    }
    return equal;
  }

  /// Joins `other` into this state. O(m) for a delta of length m: its items, and its dots' intervals.
  void merge(const dot_store& other) { join(other, nullptr); }

  /// Merges `delta` and returns the news: its part about the dots that were unknown here, or alive here and
  /// dead there.
  dot_store absorb(const dot_store& delta) {
    causal_context news;
    join(delta, &news);
    return delta.restrict(news);
  }

  /// The context; then, over its dots in dot order and by turns, how many are alive and how many are dead,
  /// without the last such number; then the items that are alive, in dot order.
  template <class Archive>
  void save(Archive& archive) const {
    const auto turns = alive_and_dead().lengths();
    const auto save_turns = [&](auto& out) {
      for (const auto turn : turns) out(turn);
    };
    const auto save_items = [&](auto& out) {
      for_each_in_order([&](dot, const Key& key, const Payload& payload) {
        if constexpr (std::is_empty_v<Payload>) {
          out(key);
        } else {
          out(detail::saved_fields{[&](auto& fields) {
            fields(cereal::make_nvp("key", key), cereal::make_nvp("payload", payload));
          }});
        }
      });
    };
    archive(cereal::make_nvp("context", context_));
    archive(cereal::make_nvp("alive_dead", detail::saved_sequence{turns.size(), save_turns}));
    archive(cereal::make_nvp("items", detail::saved_sequence{items(), save_items}));
  }

  template <class Archive>
  void load(Archive& archive) {
    dot_store fresh;
    archive(cereal::make_nvp("context", fresh.context_));
    const auto dots = fresh.context_.dots();
    detail::turns turns;
    const auto load_turns = [&](auto& in, std::uint64_t size) {
      for (; size != 0; --size) {
        std::uint64_t turn = 0;
        in(turn);
        turns.read(turn, dots);
      }
    };
    const auto load_items = [&](auto& in, std::uint64_t size) {
      if (size != turns.alive(dots)) throw decode_error("dot store: not as many items as dots alive");
      turns.for_each_alive(fresh.context_, [&](dot which) { fresh.load_item(in, which); });
    };
    archive(cereal::make_nvp("alive_dead", detail::loaded_sequence{load_turns}));
    archive(cereal::make_nvp("items", detail::loaded_sequence{load_items}));
    *this = std::move(fresh);
  }

 private:
  struct item {
    item(Key k, replica_id by, std::uint64_t counter, Payload p)
        : key(std::move(k)), which{by, counter}, payload(std::move(p)) {}

    Key key;
    dot which;
    [[no_unique_address]] Payload payload;
  };

  using table = detail::item_table<Key, Payload>;

  // The one item of a small state counts as slot 0.
  slot_number find(const Key& key) const {
    if (table_) return table_->find(key);
    return one_ && one_->key == key ? 0 : no_slot;
  }
  slot_number next(slot_number at) const noexcept { return table_ ? (*table_)[at].next : no_slot; }
  const Key& key_at(slot_number at) const noexcept { return table_ ? (*table_)[at].key : one_->key; }
  dot dot_at(slot_number at) const noexcept { return table_ ? table_->which(at) : one_->which; }
  slot_number head_from(slot_number at) const noexcept {
    if (table_) return table_->next_head(at);
    return one_ && at == 0 ? 0 : no_slot;
  }

  bool holds(dot which, const Key& key, const Payload& payload) const {
    if (!table_) return one_ && one_->which == which && one_->key == key && one_->payload == payload;
    const auto at = table_->find(which);
    return at != no_slot && (*table_)[at].key == key && (*table_)[at].payload == payload;
  }

  // Calls f(dot, key, payload) for every item, in dot order.
  template <class F>
  void for_each_in_order(F&& f) const {
    context_.for_each_interval([&](replica_id by, interval within) {
      for_each_live(by, within, [&](std::uint64_t counter, const Key& key, const Payload& payload) {
        return f(dot{by, counter}, key, payload);
      });
    });
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
    detail::boxed<table> grown;
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

  // What grew and is empty now gives its memory back.
  void tidy() noexcept {
    if (table_ && table_->items() == 0) table_.reset();
  }

  void join(const dot_store& other, causal_context* news) {
    if (this == &other) return;
    if (is_bottom()) {
      if (news != nullptr) *news = other.context_;
      *this = other;
      return;
    }
    other.context_.for_each_interval([&](replica_id by, interval seen) {
      context_.for_each_piece(by, seen, [&](interval piece, bool known) {
        if (known) {
          drop_dead(by, piece, other, news);
        } else {
          if (news != nullptr) news->insert(by, piece);
          adopt(by, piece, other);
        }
      });
    });
    tidy();
  }

  // Takes over what `other` has of dots that are unknown here: all, or if that fails nothing.
  void adopt(replica_id by, interval unknown, const dot_store& other) {
    try {
      other.for_each_live(by, unknown, [&](std::uint64_t counter, const Key& key, const Payload& payload) {
        place(key, by, counter, payload);
      });
      context_.insert(by, unknown);
    } catch (...) {
      drop_dead(by, unknown, {}, nullptr);
      throw;
    }
  }

  // Drops what is alive here with a dot of `by` within the interval, and not alive in `other`.
  void drop_dead(replica_id by, interval within, const dot_store& other, causal_context* dropped) {
    const auto lane = other.table_ ? other.table_->lane(by) : detail::dot_index::no_lane;
    const auto alive_there = [&](std::uint64_t number) -> std::uint64_t {
      if (other.table_) return other.table_->live(lane, number);
      const auto& one = other.one_;
      const bool here = one && one->which.by == by && one->which.counter / 64 == number;
      return here ? std::uint64_t{1} << one->which.counter % 64 : 0;
    };
    const auto dropping = [&](dot which) {
      if (dropped != nullptr) dropped->insert(which);
    };
    if (table_) {
      table_->drop_within(by, within, alive_there, dropping);
    } else if (one_ && one_->which.by == by && within.contains(one_->which.counter)) {
      const auto counter = one_->which.counter;
      if ((alive_there(counter / 64) >> counter % 64 & 1) != 0) return;
      dropping(one_->which);
      one_.reset();
    }
  }

  detail::turns alive_and_dead() const {
    detail::turns turns;
    context_.for_each_interval([&](replica_id by, interval within) {
      auto next_counter = within.lo;
      for_each_live(by, within, [&](std::uint64_t counter, const Key&, const Payload&) {
        turns.extend(false, counter - next_counter);
        turns.extend(true, 1);
        next_counter = counter + 1;
      });
      turns.extend(false, within.hi + 1 - next_counter);
    });
    return turns;
  }

  template <class Archive>
  void load_item(Archive& in, dot which) {
    Key key{};
    Payload payload{};
    if constexpr (std::is_empty_v<Payload>) {
      in(key);
    } else {
      in(detail::loaded_fields{
          [&](auto& fields) { fields(cereal::make_nvp("key", key), cereal::make_nvp("payload", payload)); }});
    }
    place(std::move(key), which.by, which.counter, std::move(payload));
  }

  causal_context context_;
  std::optional<item> one_;     // the item of a state that has one and no table
  detail::boxed<table> table_;  // the items of all others
};

}  // namespace hearsay::inline v0
