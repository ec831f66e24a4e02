// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/detail/dot_index.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/detail/slot_table.hpp"
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
      body_ = std::move(other.body_);
    }
    return *this;
  }

  /// Puts an item under `key` with the next dot of `by`, in place of all that are there, and describes that
  /// in `delta`, which must be bottom. O(1), for few replicas.
  void replace(replica_id by, Key key, Payload payload, dot_store& delta) {
    const auto fresh = context_.next(by);
    delta.one_.emplace(key, by, fresh, payload);
    delta.context_.insert({by, fresh});
    if (!body_ && one_ && one_->key == key) {
      delta.context_.insert(one_->which);
      context_.insert({by, fresh});
      one_->which = {by, fresh};
      one_->payload = std::move(payload);
      return;
    }
    const auto [placed, head] = place(std::move(key), by, fresh, std::move(payload));
    try {
      for (auto at = head; placed != head && at != no_slot; at = body_->slots[at].next) {
        if (at != placed) delta.context_.insert(body_->dot_at(at));
      }
      context_.insert({by, fresh});
    } catch (...) {
      drop(placed);
      throw;
    }
    if (placed != head) supersede(head, placed);
  }

  /// Takes out all items under `key` and describes that in `delta`, which must be bottom. O(1).
  void erase(const Key& key, dot_store& delta) {
    for_each_of(key, [&](slot_number, dot observed) { delta.context_.insert(observed); });
    if (delta.context_.empty()) return;
    const auto head = body_ ? body_->keys.find(key) : 0;
    drop_siblings(head);
    drop(head);
    tidy();
  }

  /// Takes out everything and describes that in `delta`, which must be bottom. O(n).
  void clear(dot_store& delta) {
    context_.for_each_interval([&](replica_id by, interval within) {
      for_each_live(by, within, [&](std::uint64_t counter, const Key&, const Payload&) {
        delta.context_.insert(dot{by, counter});
      });
    });
    one_.reset();
    body_.reset();
  }

  bool contains(const Key& key) const {
    return body_ ? body_->keys.find(key) != no_slot : one_ && one_->key == key;
  }

  /// How many keys there are.
  std::size_t size() const noexcept { return body_ ? body_->keys.size() : one_ ? 1 : 0; }
  /// How many items there are: at least one a key.
  std::size_t items() const noexcept { return body_ ? body_->slots.size() : one_ ? 1 : 0; }
  const causal_context& context() const noexcept { return context_; }
  bool is_bottom() const noexcept { return context_.empty(); }

  const_iterator begin() const { return {this, head_from(0)}; }
  const_iterator end() const { return {this, no_slot}; }

  /// Calls `f(dot, payload)` for every item under `key`.
  template <class F>
  void for_each_item(const Key& key, F&& f) const {
    for_each_of(
        key, [&](slot_number at, dot which) { f(which, body_ ? body_->slots[at].payload : one_->payload); });
  }

  /// Calls `f(counter, key, payload)` for the items with a dot of `by` within the interval, ascending. If `f`
  /// returns bool, false ends the walk. Costs what it finds, and O(log n).
  template <class F>
  void for_each_live(replica_id by, interval within, F&& f) const {
    const auto call = [&f](std::uint64_t counter, const Key& key, const Payload& payload) {
      if constexpr (std::is_void_v<decltype(f(counter, key, payload))>) {
        f(counter, key, payload);
        return true;
      } else {
        return f(counter, key, payload);
      }
    };
    if (!body_) {
      if (one_ && one_->which.by == by && within.contains(one_->which.counter)) {
        call(one_->which.counter, one_->key, one_->payload);
      }
      return;
    }
    const auto lane = body_->dots.find_lane(by);
    for (const auto* chunk = body_->dots.next_chunk(lane, within.lo / 64);
         chunk != nullptr && chunk->number() <= within.hi / 64;
         chunk = body_->dots.next_chunk(lane, chunk->number() + 1)) {
      for (auto bits = chunk->live(within); bits != 0; bits &= bits - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(bits));
        const auto& found = body_->slots[chunk->slot(i)];
        if (!call(found.counter, found.key, found.payload)) return;
      }
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
    const auto heap =
        body_ ? sizeof *body_ + body_->slots.heap() + body_->keys.heap() + body_->dots.heap() : 0;
    return {size(), items(), context_.replicas(), context_.intervals(),
            sizeof *this + context_.heap() + heap};
  }

  friend bool operator==(const dot_store& a, const dot_store& b) {
    if (a.items() != b.items() || !(a.context_ == b.context_)) return false;
    bool equal = true;
    a.for_each_in_order([&](dot which, const Key& key, const Payload& payload) {
      equal = false;
      b.for_each_live(
          which.by, {which.counter, which.counter},
          [&](std::uint64_t, const Key& k, const Payload& p) { equal = k == key && p == payload; });
      return equal;
    });
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
    const auto turns = alive_and_dead();
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
    std::vector<std::uint64_t> turns;
    std::uint64_t alive = 0;
    archive(cereal::make_nvp("context", fresh.context_));
    const auto load_turns = [&](auto& in, std::uint64_t size) {
      auto left = fresh.context_.dots();
      for (; size != 0; --size) {
        std::uint64_t turn = 0;
        in(turn);
        if (turn >= left || (turn == 0 && !turns.empty())) throw decode_error("dot store: not canonical");
        if (turns.size() % 2 == 0) alive += turn;
        left -= turn;
        turns.push_back(turn);
      }
      if (turns.size() % 2 == 0) alive += left;
    };
    const auto load_items = [&](auto& in, std::uint64_t size) {
      if (size != alive) throw decode_error("dot store: not as many items as dots alive");
      fresh.for_each_alive(turns, [&](dot which) { fresh.load_item(in, which); });
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

  struct slot {
    slot(Key&& k, std::uint64_t c, detail::dot_index::lane_number l, Payload&& p)
        : key(std::move(k)),
          counter(c),
          lane(l & detail::dot_index::no_lane),
          sibling(0),
          payload(std::move(p)) {}

    Key key;
    std::uint64_t counter;
    std::uint32_t lane : 31;
    std::uint32_t sibling : 1;   // not the first slot of its key
    slot_number next = no_slot;  // the next slot of the same key
    [[no_unique_address]] Payload payload;
  };

  struct body {
    detail::slot_table<slot> slots;
    detail::key_index<Key, slot> keys{slots};
    detail::dot_index dots;

    body() = default;
    body(const body& other) : slots(other.slots), keys(other.keys, slots), dots(other.dots) {}

    dot dot_at(slot_number at) const { return {dots.by(slots[at].lane), slots[at].counter}; }
  };

  // The one item of a small state counts as slot 0.
  const Key& key_at(slot_number at) const { return body_ ? body_->slots[at].key : one_->key; }
  slot_number head_from(slot_number from) const {
    if (!body_) return one_ && from == 0 ? 0 : no_slot;
    auto at = body_->slots.next_alive(from);
    while (at != no_slot && body_->slots[at].sibling) at = body_->slots.next_alive(at + 1);
    return at;
  }

  template <class F>
  void for_each_of(const Key& key, F&& f) const {
    if (!body_) {
      if (one_ && one_->key == key) f(slot_number{0}, one_->which);
      return;
    }
    for (auto at = body_->keys.find(key); at != no_slot; at = body_->slots[at].next) f(at, body_->dot_at(at));
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

  // Adds an item whose dot has none; strong guarantee. The dot still has to go into the context. Returns its
  // slot, and the first slot of the key, whose first sibling it is if they differ.
  std::pair<slot_number, slot_number> place(Key key, replica_id by, std::uint64_t counter, Payload payload) {
    if (body_) return place(*body_, std::move(key), by, counter, std::move(payload));
    if (!one_) {
      one_.emplace(std::move(key), by, counter, std::move(payload));
      return {0, 0};
    }
    detail::boxed<body> grown;
    place(grown.make(), one_->key, one_->which.by, one_->which.counter, one_->payload);
    const auto placed = place(*grown, std::move(key), by, counter, std::move(payload));
    body_ = std::move(grown);
    one_.reset();
    return placed;
  }

  static std::pair<slot_number, slot_number> place(body& in, Key key, replica_id by, std::uint64_t counter,
                                                   Payload payload) {
    const auto lane = in.dots.lane(by);
    const auto placed = in.slots.emplace(std::move(key), counter, lane, std::move(payload));
    bool indexed = false;
    try {
      in.dots.insert(lane, counter, placed);
      indexed = true;
      const auto [head, added] = in.keys.insert(in.slots, placed);
      if (!added) {
        in.slots[placed].sibling = 1;
        in.slots[placed].next = std::exchange(in.slots[head].next, placed);
      }
      return {placed, head};
    } catch (...) {
      if (indexed) in.dots.erase(lane, counter);
      in.slots.erase(placed);
      throw;
    }
  }

  void drop(slot_number at) noexcept {
    if (!body_) {
      one_.reset();
      return;
    }
    auto& [slots, keys, dots] = *body_;
    auto& gone = slots[at];
    dots.erase(gone.lane, gone.counter);
    if (!gone.sibling) {
      keys.replace(gone.key, gone.next);
      if (gone.next != no_slot) slots[gone.next].sibling = 0;
    } else {
      auto before = keys.find(gone.key);
      while (slots[before].next != at) before = slots[before].next;
      slots[before].next = gone.next;
    }
    slots.erase(at);
  }

  void drop_siblings(slot_number head) noexcept {
    while (body_ && body_->slots[head].next != no_slot) drop(body_->slots[head].next);
  }

  // Puts the item in slot `placed`, a sibling, in the place of all others of its key.
  void supersede(slot_number head, slot_number placed) noexcept {
    auto& [slots, keys, dots] = *body_;
    auto& old = slots[head];
    auto& renewed = slots[placed];
    dots.erase(old.lane, old.counter);
    dots.assign(renewed.lane, renewed.counter, head);
    old.counter = renewed.counter;
    old.lane = renewed.lane;
    old.payload = std::move(renewed.payload);
    old.next = renewed.next;
    slots.erase(placed);
    drop_siblings(head);
  }

  // What grew and is empty now gives its memory back.
  void tidy() noexcept {
    if (body_ && body_->slots.size() == 0) body_.reset();
  }

  void join(const dot_store& other, causal_context* news) {
    if (this == &other) return;
    if (is_bottom()) {
      if (news != nullptr) *news = other.context_;
      *this = other;
      return;
    }
    const auto unknown = other.context_.minus(context_);
    if (news != nullptr) *news = unknown;
    other.context_.for_each_interval([&](replica_id by, interval seen) { drop_dead(by, seen, other, news); });
    unknown.for_each_interval([&](replica_id by, interval fresh) {
      try {
        other.for_each_live(by, fresh, [&](std::uint64_t counter, const Key& key, const Payload& payload) {
          place(key, by, counter, payload);
        });
        context_.insert(by, fresh);
      } catch (...) {
        drop_dead(by, fresh, {}, nullptr);
        throw;
      }
    });
    tidy();
  }

  // Drops what is alive here with a dot of `by` within the interval, and not alive in `other`.
  void drop_dead(replica_id by, interval within, const dot_store& other, causal_context* dropped) {
    if (!body_) {
      if (!one_ || one_->which.by != by || !within.contains(one_->which.counter)) return;
      const auto counter = one_->which.counter;
      if ((other.live_bits(by, other.lane(by), counter / 64) >> counter % 64 & 1) != 0) return;
      if (dropped != nullptr) dropped->insert(one_->which);
      one_.reset();
      return;
    }
    const auto& dots = body_->dots;
    const auto lane = dots.find_lane(by);
    const auto lane_there = other.lane(by);
    auto number = within.lo / 64;
    for (const auto* chunk = dots.next_chunk(lane, number);
         chunk != nullptr && chunk->number() <= within.hi / 64; chunk = dots.next_chunk(lane, number)) {
      number = chunk->number() + 1;
      auto bits = chunk->live(within) & ~other.live_bits(by, lane_there, chunk->number());
      std::array<slot_number, 64> dead;  // dropping them invalidates the chunk
      std::size_t count = 0;
      for (; bits != 0; bits &= bits - 1)
        dead[count++] = chunk->slot(static_cast<unsigned>(std::countr_zero(bits)));
      for (std::size_t i = 0; i < count; ++i) {
        if (dropped != nullptr) dropped->insert(body_->dot_at(dead[i]));
        drop(dead[i]);
      }
    }
  }

  auto lane(replica_id by) const noexcept {
    return body_ ? body_->dots.find_lane(by) : detail::dot_index::no_lane;
  }

  // Which of the 64 counters of a chunk's number are alive.
  std::uint64_t live_bits(replica_id by, detail::dot_index::lane_number lane,
                          std::uint64_t number) const noexcept {
    if (body_) {
      const auto* chunk = body_->dots.next_chunk(lane, number);
      return chunk != nullptr && chunk->number() == number ? chunk->live() : 0;
    }
    const bool here = one_ && one_->which.by == by && one_->which.counter / 64 == number;
    return here ? std::uint64_t{1} << one_->which.counter % 64 : 0;
  }

  // By turns how many dots are alive and how many are dead, without the last such number.
  std::vector<std::uint64_t> alive_and_dead() const {
    std::vector<std::uint64_t> turns;
    bool alive = true;
    std::uint64_t length = 0;
    const auto extend = [&](bool with, std::uint64_t by) {
      if (by == 0) return;
      if (with != alive) turns.push_back(std::exchange(length, 0));
      alive = with;
      length += by;
    };
    context_.for_each_interval([&](replica_id by, interval within) {
      auto next = within.lo;
      for_each_live(by, within, [&](std::uint64_t counter, const Key&, const Payload&) {
        extend(false, counter - next);
        extend(true, 1);
        next = counter + 1;
      });
      extend(false, within.hi + 1 - next);
    });
    return turns;
  }

  // Calls f(dot) for each dot of the context that is alive by these turns.
  template <class F>
  void for_each_alive(const std::vector<std::uint64_t>& turns, F&& f) const {
    auto turn = turns.begin();
    bool alive = false;
    std::uint64_t left = 0;
    context_.for_each_interval([&](replica_id by, interval within) {
      for (auto length = within.hi - within.lo + 1; length != 0;) {
        while (left == 0) {
          left = turn == turns.end() ? std::numeric_limits<std::uint64_t>::max() : *turn++;
          alive = !alive;
        }
        const auto taken = std::min(left, length);
        for (std::uint64_t i = 0; alive && i < taken; ++i) f(dot{by, within.lo + i});
        within.lo += taken;
        length -= taken;
        left -= taken;
      }
    });
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
  std::optional<item> one_;   // the item of a state that has one and no body
  detail::boxed<body> body_;  // the items of all others
};

}  // namespace hearsay::inline v0
