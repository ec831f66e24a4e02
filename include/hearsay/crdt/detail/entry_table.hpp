// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/slot_iterator.hpp"
#include "hearsay/crdt/detail/slot_table.hpp"

namespace hearsay::inline v0::detail {

/// Entries that never leave, found by their keys. They are numbered from 0 in the order in which they came
/// here, and keep their numbers. One entry alone is held in place, so that a delta allocates nothing but what
/// its key needs.
///
/// An `Entry` is made of a `Key&&` and what else `add` is given. It has the key as its member `key`, is
/// `live()` or not, is `shown()` by an iterator as a reference or a pair of them, and is `alike(other)` if
/// an entry with the same key has the same content.
template <hashable Key, class Entry>
class entry_table {
  using index = key_index<Key, Entry>;

 public:
  using code = typename index::code;

  /// Iterates over the live entries, in no order that means anything.
  using const_iterator = slot_iterator<entry_table, decltype(std::declval<const Entry&>().shown())>;

  entry_table() = default;
  entry_table(const entry_table&) = default;
  entry_table(entry_table&& other) noexcept { *this = std::move(other); }
  entry_table& operator=(const entry_table& other) {
    if (this != &other) *this = entry_table(other);
    return *this;
  }
  entry_table& operator=(entry_table&& other) noexcept {
    if (this != &other) {
      one_.reset();
      if (other.one_) one_.emplace(std::move(*other.one_));
      other.one_.reset();
      body_ = std::move(other.body_);
      live_ = std::exchange(other.live_, 0);
    }
    return *this;
  }

  std::size_t size() const noexcept { return body_ ? body_->slots.size() : one_ ? 1 : 0; }
  /// How many entries are live. O(1).
  std::size_t live() const noexcept { return live_; }
  /// Bytes on the heap, without what the entries have there.
  std::size_t heap() const noexcept {
    return body_ ? sizeof *body_ + body_->slots.heap() + body_->keys.heap() : 0;
  }

  const_iterator begin() const { return {this, shown_from(0)}; }
  const_iterator end() const { return {this, no_slot}; }

  const Entry& operator[](slot_number slot) const { return body_ ? body_->slots[slot] : *one_; }

  /// Calls `f(entry)` for all, live or not, by their numbers.
  template <class F>
  void for_each(F&& f) const {
    for (slot_number slot = 0; slot < size(); ++slot) f((*this)[slot]);
  }

  /// What the index calls a key: to be computed once for several calls, before which nothing is added. A
  /// table without an index needs none.
  code code_of(const Key& key) const { return body_ ? index::code_of(key) : code{}; }

  /// The entry of a key, or null. O(1).
  const Entry* find(const Key& key) const { return find(key, code_of(key)); }
  const Entry* find(const Key& key, code known) const {
    if (!body_) return one_ && one_->key == key ? &*one_ : nullptr;
    const auto found = body_->keys.find(body_->slots, key, known);
    return found == no_slot ? nullptr : &body_->slots[found];
  }

  /// Adds an entry, which will be `live()` as given, under a key that has none here; `known` is code_of(key).
  /// Strong guarantee. O(1).
  template <class... Content>
  void add(code known, bool live, Key&& key, Content&&... content) {
    if (body_) {
      body_->place(known, std::move(key), std::forward<Content>(content)...);
    } else if (!one_) {
      one_.emplace(std::move(key), std::forward<Content>(content)...);
    } else {
      boxed<body> grown;
      auto& [slots, keys] = grown.make();
      keys.insert(slots, slots.emplace(std::as_const(*one_)));
      known = index::code_of(key);
      grown->place(known, std::move(key), std::forward<Content>(content)...);
      body_ = std::move(grown);
      one_.reset();
    }
    live_ += live ? 1 : 0;
  }

  /// Changes an entry of this table by `f(Entry&)`, which leaves the key as it is and does not throw. O(1).
  template <class F>
  void change(const Entry& found, F&& f) noexcept {
    live_ -= found.live() ? 1 : 0;
    f(const_cast<Entry&>(found));
    live_ += found.live() ? 1 : 0;
  }

  /// Whether the same keys have entries that are alike. O(n).
  friend bool operator==(const entry_table& a, const entry_table& b) {
    if (a.size() != b.size() || a.live_ != b.live_) return false;
    for (slot_number slot = 0; slot < a.size(); ++slot) {
      const auto* other = b.find(a[slot].key);
      if (other == nullptr || !other->alike(a[slot])) return false;
    }
    return true;
  }

 private:
  struct body {
    slot_table<Entry> slots;  // entries never leave, so they are numbered from 0 without holes
    index keys;

    template <class... Content>
    void place(code known, Key&& key, Content&&... content) {
      const auto placed = slots.emplace(std::move(key), std::forward<Content>(content)...);
      try {
        keys.add(slots, placed, known);
      } catch (...) {
        slots.erase(placed);
        throw;
      }
    }
  };

  friend const_iterator;
  decltype(auto) shown(slot_number slot) const { return (*this)[slot].shown(); }
  slot_number shown_from(slot_number from) const {
    while (from < size() && !(*this)[from].live()) ++from;
    return from < size() ? from : no_slot;
  }

  // The one entry of a small table counts as slot 0.
  std::optional<Entry> one_;  // the entry of a table that has one and no body
  boxed<body> body_;          // the entries of all others
  std::size_t live_ = 0;
};

}  // namespace hearsay::inline v0::detail
