// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/detail/slot_table.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/metrics.hpp"

namespace hearsay::inline v0::detail {

/// The elements of a set that forgets none. They are numbered from 0 in the order in which they came here,
/// and keep their numbers. With `Marks`, an element may get a mark, for ever. The join of two tables has the
/// elements and the marks of both. One element alone is held in place.
template <hashable T, bool Marks>
class growing_table {
  struct no_mark {
    constexpr explicit no_mark(bool) noexcept {}
    constexpr explicit operator bool() const noexcept { return false; }
  };

 public:
  struct alignas(std::max(alignof(T), alignof(slot_number))) entry {
    entry(T&& k, bool m) : key(std::move(k)), marked(m) {}

    T key;
    [[no_unique_address]] std::conditional_t<Marks, bool, no_mark> marked;
  };

  /// Iterates over the elements without a mark.
  class const_iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    const_iterator() = default;
    reference operator*() const { return table_->at(slot_).key; }
    pointer operator->() const { return &**this; }
    const_iterator& operator++() {
      slot_ = table_->unmarked_from(slot_ + 1);
      return *this;
    }
    const_iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) { return a.slot_ == b.slot_; }

   private:
    friend growing_table;
    const_iterator(const growing_table* table, slot_number slot) : table_(table), slot_(slot) {}

    const growing_table* table_ = nullptr;
    slot_number slot_ = no_slot;
  };

  growing_table() = default;
  growing_table(const growing_table&) = default;
  growing_table(growing_table&& other) noexcept { *this = std::move(other); }
  growing_table& operator=(const growing_table& other) {
    if (this != &other) *this = growing_table(other);
    return *this;
  }
  growing_table& operator=(growing_table&& other) noexcept {
    if (this != &other) {
      one_.reset();
      if (other.one_) one_.emplace(std::move(*other.one_));
      other.one_.reset();
      body_ = std::move(other.body_);
      marked_ = std::exchange(other.marked_, 0);
    }
    return *this;
  }

  std::size_t entries() const noexcept { return body_ ? body_->slots.size() : one_ ? 1 : 0; }
  std::size_t unmarked() const noexcept { return entries() - marked_; }
  std::size_t heap() const noexcept {
    return body_ ? sizeof *body_ + body_->slots.heap() + body_->keys.heap() : 0;
  }

  const_iterator begin() const { return {this, unmarked_from(0)}; }
  const_iterator end() const { return {this, no_slot}; }

  /// The entry of an element, or null. O(1).
  const entry* find(const T& key) const {
    if (!body_) return one_ && one_->key == key ? &*one_ : nullptr;
    const auto found = body_->keys.find(body_->slots, key);
    return found == no_slot ? nullptr : &body_->slots[found];
  }

  /// Adds an element that is not here yet; strong guarantee. O(1).
  void add(T key, bool mark) {
    if (body_) {
      body_->place(std::move(key), mark);
    } else if (!one_) {
      one_.emplace(std::move(key), mark);
    } else {
      boxed<body> grown;
      grown.make().place(T(one_->key), bool(one_->marked));
      grown->place(std::move(key), mark);
      body_ = std::move(grown);
      one_.reset();
    }
    marked_ += mark ? 1 : 0;
  }

  /// Gives the mark to an element of this table that has none. O(1).
  void mark(const entry& found) noexcept requires Marks {
    const_cast<entry&>(found).marked = true;
    ++marked_;
  }

  /// Takes over what the other has; if `news` is given, adds to it what changed this table. O(m) for m
  /// elements of the other.
  void join(const growing_table& other, growing_table* news) {
    for (slot_number slot = 0; slot < other.entries(); ++slot) {
      const auto& theirs = other.at(slot);
      const bool marks(theirs.marked);
      const auto* mine = find(theirs.key);
      if (mine != nullptr && (mine->marked || !marks)) continue;
      if (news != nullptr) news->add(theirs.key, marks);
      if (mine == nullptr) {
        add(theirs.key, marks);
      } else if constexpr (Marks) {
        mark(*mine);
      }
    }
  }

  friend bool operator==(const growing_table& a, const growing_table& b) {
    if (a.entries() != b.entries() || a.marked_ != b.marked_) return false;
    for (slot_number slot = 0; slot < a.entries(); ++slot) {
      const auto* other = b.find(a.at(slot).key);
      if (other == nullptr || bool(other->marked) != bool(a.at(slot).marked)) return false;
    }
    return true;
  }

  /// The next elements, by their numbers; the cursor's first number counts them. A mark may come to an
  /// element after the walk has passed it: that is then no part of what was there at the first.
  growing_table part(cursor& at, std::size_t max_bytes) const {
    growing_table out;
    size_counter size;
    while (!at.end && size.bytes() < std::max<std::size_t>(1, max_bytes)) {
      if (at.first < entries()) {
        const auto& next = this->at(static_cast<slot_number>(at.first++));
        out.add(next.key, bool(next.marked));
        size(next.key);
      }
      at.end = at.first >= entries();
    }
    return out;
  }

  /// The elements with or without the mark, ascending. O(n log n).
  std::vector<const T*> sorted(bool marked) const {
    std::vector<const T*> all;
    all.reserve(marked ? marked_ : unmarked());
    for (slot_number slot = 0; slot < entries(); ++slot) {
      if (bool(at(slot).marked) == marked) all.push_back(&at(slot).key);
    }
    std::ranges::sort(all, {}, [](const T* key) -> const T& { return *key; });
    return all;
  }

  /// Prints the elements without the mark, ascending.
  fmt::appender print(fmt::appender out) const {
    *out++ = '{';
    const char* comma = "";
    for (const auto* key : sorted(false)) out = fmt::format_to(out, "{}{}", std::exchange(comma, ", "), *key);
    *out++ = '}';
    return out;
  }

  /// Saves the elements with or without the mark as one sequence, ascending.
  template <class Archive>
  void save(Archive& archive, const char* name, bool marked) const {
    const auto all = sorted(marked);
    const auto write = [&](auto& out) {
      for (const auto* key : all) out(*key);
    };
    archive(cereal::make_nvp(name, saved_sequence{all.size(), write}));
  }

  /// Adds the elements of such a sequence, which have to ascend and to be new here.
  template <class Archive>
  void load(Archive& archive, const char* name, bool marked) {
    const auto read = [&](auto& in, std::uint64_t size) {
      for (std::uint64_t i = 0; i < size; ++i) {
        T key{};
        in(key);
        const bool ascends = i == 0 || at(static_cast<slot_number>(entries() - 1)).key < key;
        if (!ascends || (marked && find(key) != nullptr)) throw decode_error("set: not canonical");
        add(std::move(key), marked);
      }
    };
    archive(cereal::make_nvp(name, loaded_sequence{read}));
  }

 private:
  struct body {
    slot_table<entry> slots;  // entries never leave, so they are numbered from 0 without holes
    key_index<T, entry> keys;

    void place(T&& key, bool mark) {
      const auto placed = slots.emplace(std::move(key), mark);
      try {
        keys.insert(slots, placed);
      } catch (...) {
        slots.erase(placed);
        throw;
      }
    }
  };

  // The one entry of a small table counts as slot 0.
  const entry& at(slot_number slot) const { return body_ ? body_->slots[slot] : *one_; }
  slot_number unmarked_from(slot_number from) const {
    while (from < entries() && at(from).marked) ++from;
    return from < entries() ? from : no_slot;
  }

  std::optional<entry> one_;  // the entry of a table that has one and no body
  boxed<body> body_;          // the entries of all others
  std::size_t marked_ = 0;
};

}  // namespace hearsay::inline v0::detail
