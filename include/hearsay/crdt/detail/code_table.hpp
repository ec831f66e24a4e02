// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <bit>
#include <boost/container/vector.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "hearsay/crdt/detail/slot_table.hpp"

namespace hearsay::inline v0::detail {

/// A hash table of slots by code, the first 32 bits of a hash. It holds nothing else: what a slot is the
/// caller knows, whose `is(slot)` says whether it is the one meant, and is asked of slots with the same code.
///
/// Buckets have 7 places and are at most 7/8 full together. What finds its bucket full goes into the next
/// one. Of each bucket there is a word: 7 bits of the code in each place, and a count of what passed it by,
/// so that a search knows when to stop, and erasing leaves nothing behind (the overflow counts of F14:
/// Bronson and Shi, 2019). The words, about a byte a slot, stay in a cache, and nothing else is read for a
/// code that is not there. Growing reads and writes memory in order.
class code_table {
 public:
  using code = std::uint32_t;

  std::size_t size() const noexcept { return size_; }
  /// Bytes on the heap.
  std::size_t heap() const noexcept { return words_.size() * sizeof(word) + refs_.size() * sizeof(ref); }

  /// The slot meant, or no_slot. O(1).
  slot_number find(code known, const auto& is) const {
    const auto at = locate(known, is);
    return at == none ? no_slot : refs_[at].slot;
  }

  /// Adds a slot, of which there is none with the same meaning. Strong guarantee. O(1), amortized.
  void insert(code known, slot_number slot) {
    reserve(1);
    place({known, slot});
    ++size_;
  }

  /// Puts another slot in the place of the one meant, if that is there; no_slot takes it out. O(1).
  void replace(code known, slot_number slot, const auto& is) {
    const auto at = locate(known, is);
    if (at == none) return;
    refs_[at].slot = slot;
    if (slot != no_slot) return;
    words_[at / places] &= ~(word{0xff} << at % places * 8);
    for (auto past = home(known); past != at / places; past = after(past)) {
      if (words_[past] < most_passed) words_[past] -= one_passed;
    }
    --size_;
  }

  /// Room for so many slots more. Strong guarantee.
  void reserve(std::size_t more) {
    if (size_ + more <= room(words_.size())) return;
    auto wide = words_.empty() ? 1 : 2 * words_.size();
    while (size_ + more > room(wide)) wide *= 2;
    code_table grown;
    grown.words_.resize(wide);
    grown.refs_.resize(wide * places, boost::container::default_init);
    for (std::size_t bucket = 0; bucket < words_.size(); ++bucket) {
      for (auto taken = words_[bucket] & all; taken != 0; taken &= taken - 1) {
        grown.place(refs_[place_of(bucket, taken)]);
      }
    }
    words_.swap(grown.words_);
    refs_.swap(grown.refs_);
  }

 private:
  using word = std::uint64_t;
  struct ref {
    code known;
    slot_number slot;
  };

  static constexpr std::size_t places = 7;
  static constexpr std::size_t none = ~std::size_t{0};
  static constexpr word one_passed = word{1} << 56;
  static constexpr word most_passed = word{255} << 56;  // this many or more: it is not counted any further

  static std::size_t room(std::size_t buckets) noexcept { return buckets * places * 7 / 8; }
  // Where the search for a code begins: the table is in the order of the codes, but for what was passed on.
  std::size_t home(code known) const noexcept {
    return static_cast<std::size_t>(std::uint64_t{known} * words_.size() >> 32);
  }
  std::size_t after(std::size_t bucket) const noexcept { return ++bucket == words_.size() ? 0 : bucket; }

  // What stands for a code in a word; a free place has 0.
  static word tag(code known) noexcept { return (known & 0x7f) | 0x80; }
  static constexpr word all = 0x0080'8080'8080'8080;  // of each place the highest bit: whether it is taken
  // Of each place with this tag the highest bit.
  static word with(word bucket, word tag) noexcept {
    constexpr word low = 0x007f'7f7f'7f7f'7f7f;
    const auto different = bucket ^ 0x0001'0101'0101'0101 * tag;
    return ~(((different & low) + low) | different) & all;
  }

  // The place of the lowest bit.
  static std::size_t place_of(std::size_t bucket, word bits) noexcept {
    return bucket * places + static_cast<std::size_t>(std::countr_zero(bits)) / 8;
  }

  // Has what is in a bucket come while its word is read.
  void fetch([[maybe_unused]] std::size_t bucket) const noexcept {
#if defined(__GNUC__)
    __builtin_prefetch(refs_.data() + bucket * places);
    __builtin_prefetch(refs_.data() + bucket * places + places - 1);
#endif
  }

  // The place of the slot meant, or none.
  std::size_t locate(code known, const auto& is) const {
    if (size_ == 0) return none;
    auto bucket = home(known);
    fetch(bucket);
    for (auto left = words_.size(); left != 0; --left) {
      const auto in = words_[bucket];
      for (auto same = with(in, tag(known)); same != 0; same &= same - 1) {
        const auto at = place_of(bucket, same);
        if (refs_[at].known == known && is(refs_[at].slot)) return at;
      }
      if (in < one_passed) break;
      bucket = after(bucket);
    }
    return none;
  }

  void place(ref added) noexcept {
    auto bucket = home(added.known);
    for (; (words_[bucket] & all) == all; bucket = after(bucket)) {
      if (words_[bucket] < most_passed) words_[bucket] += one_passed;
    }
    const auto free = ~words_[bucket] & all;
    words_[bucket] |= tag(added.known) << (std::countr_zero(free) - 7);
    refs_[place_of(bucket, free)] = added;
  }

  std::vector<word> words_;             // one a bucket: 7 tags, and in the highest byte what passed by
  boost::container::vector<ref> refs_;  // 7 a bucket
  std::size_t size_ = 0;
};

}  // namespace hearsay::inline v0::detail
