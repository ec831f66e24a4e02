// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/entry_table.hpp"
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

    bool live() const noexcept { return !marked; }
    const T& shown() const noexcept { return key; }
    bool alike(const entry& other) const noexcept { return live() == other.live(); }

    T key;
    [[no_unique_address]] std::conditional_t<Marks, bool, no_mark> marked;
  };

  using const_iterator = typename entry_table<T, entry>::const_iterator;

  std::size_t entries() const noexcept { return entries_.size(); }
  std::size_t unmarked() const noexcept { return entries_.live(); }
  std::size_t heap() const noexcept { return entries_.heap(); }

  /// The elements without a mark.
  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }

  /// The entry of an element, or null. O(1).
  const entry* find(const T& key) const { return entries_.find(key); }

  /// Adds an element that is not here yet; strong guarantee. O(1).
  void add(T key, bool mark) {
    const auto known = entries_.code_of(key);
    entries_.add(known, !mark, std::move(key), mark);
  }

  /// Gives the mark to an element of this table that has none. O(1).
  void mark(const entry& found) noexcept requires Marks {
    entries_.change(found, [](entry& e) { e.marked = true; });
  }

  /// Takes over what the other has; if `news` is given, adds to it what changed this table. O(m) for m
  /// elements of the other.
  void join(const growing_table& other, growing_table* news) {
    other.entries_.for_each([&](const entry& theirs) {
      const bool marks(theirs.marked);
      const auto known = entries_.code_of(theirs.key);
      const auto* mine = entries_.find(theirs.key, known);
      if (mine != nullptr && (mine->marked || !marks)) return;
      if (news != nullptr) news->add(theirs.key, marks);
      if (mine == nullptr) {
        entries_.add(known, !marks, T(theirs.key), marks);
      } else if constexpr (Marks) {
        mark(*mine);
      }
    });
  }

  friend bool operator==(const growing_table&, const growing_table&) = default;

  /// The next elements, by their numbers; the cursor's first number counts them. A mark may come to an
  /// element after the walk has passed it: that is then no part of what was there at the first.
  growing_table part(cursor& at, std::size_t max_bytes) const {
    growing_table out;
    size_counter size;
    while (!at.end && size.bytes() < std::max<std::size_t>(1, max_bytes)) {
      if (at.first < entries()) {
        const auto& next = entries_[static_cast<slot_number>(at.first++)];
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
    all.reserve(marked ? entries() - unmarked() : unmarked());
    entries_.for_each([&](const entry& e) {
      if (e.live() != marked) all.push_back(&e.key);
    });
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
        const bool ascends = i == 0 || entries_[static_cast<slot_number>(entries() - 1)].key < key;
        if (!ascends || (marked && find(key) != nullptr)) throw decode_error("set: not canonical");
        add(std::move(key), marked);
      }
    };
    archive(cereal::make_nvp(name, loaded_sequence{read}));
  }

 private:
  entry_table<T, entry> entries_;
};

}  // namespace hearsay::inline v0::detail
