// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace hearsay::inline v0::detail {

/// Numbers a slot; `no_slot` is none.
using slot_number = std::uint32_t;
inline constexpr slot_number no_slot = std::numeric_limits<slot_number>::max();

/// Values in numbered slots. They lie in blocks of 8, 8, 16, 32, 64, 128 and from there on 256 values, so
/// nothing moves when the table grows, and there is little slack. An erased slot is used again first.
template <class T>
class slot_table {
 public:
  slot_table() = default;

  /// Every value keeps its number.
  slot_table(const slot_table& other) : slot_table() {  // so that the destructor cleans up if a copy throws
    for (slot_number i = 0; i < other.used_; ++i) {
      if (i == room_) grow();
      if (other.alive(i)) {
        ::new (at(i)) T(other[i]);
        alive_[i / 64] |= bit(i);
        ++size_;
      } else {
        std::memcpy(at(i), other.at(i), sizeof(slot_number));  // the next free one
      }
      ++used_;
    }
    free_ = other.free_;
  }
  slot_table& operator=(const slot_table&) = delete;

  ~slot_table() {
    if constexpr (!std::is_trivially_destructible_v<T>) {
      for (auto i = next_alive(0); i != no_slot; i = next_alive(i + 1)) std::destroy_at(&(*this)[i]);
    }
  }

  T& operator[](slot_number i) noexcept { return *std::launder(static_cast<T*>(at(i))); }
  const T& operator[](slot_number i) const noexcept { return *std::launder(static_cast<const T*>(at(i))); }

  /// How many values there are.
  std::size_t size() const noexcept { return size_; }
  /// All slots that have a value are below this one.
  slot_number end() const noexcept { return used_; }

  /// Makes a value in a free slot; strong guarantee. O(1).
  template <class... Args>
  slot_number emplace(Args&&... args) {
    if (free_ != no_slot) return emplace_again(std::forward<Args>(args)...);
    if (used_ == room_) grow();
    ::new (at(used_)) T(std::forward<Args>(args)...);
    alive_[used_ / 64] |= bit(used_);
    ++size_;
    return used_++;
  }

  /// O(1).
  void erase(slot_number slot) noexcept {
    std::destroy_at(&(*this)[slot]);
    alive_[slot / 64] &= ~bit(slot);
    --size_;
    std::memcpy(at(slot), &free_, sizeof free_);
    free_ = slot;
  }

  /// The first slot from `from` on that has a value, or no_slot.
  slot_number next_alive(slot_number from) const noexcept {
    std::size_t word = from / 64;
    if (from >= used_) return no_slot;
    auto found = alive_[word] & (~std::uint64_t{0} << from % 64);
    while (found == 0) {
      if (++word == alive_.size()) return no_slot;
      found = alive_[word];
    }
    return static_cast<slot_number>(word * 64) + static_cast<slot_number>(std::countr_zero(found));
  }

  /// Bytes on the heap.
  std::size_t heap() const noexcept {
    std::size_t slots = 0;
    for (std::size_t block = 0; block < blocks_.size(); ++block) slots += block_size(block);
    return slots * sizeof(T) + blocks_.capacity() * sizeof(blocks_[0]) +
           alive_.capacity() * sizeof(alive_[0]);
  }

 private:
  static_assert(sizeof(T) >= sizeof(slot_number));
  struct alignas(T) raw {
    std::array<std::byte, sizeof(T)> bytes;
  };

  static constexpr slot_number full_block = 256;
  static constexpr std::size_t small_blocks = 6;

  static constexpr std::size_t block_size(std::size_t block) noexcept {
    return block == 0 ? 8 : block < small_blocks ? std::size_t{4} << block : full_block;
  }
  static constexpr std::uint64_t bit(slot_number i) noexcept { return std::uint64_t{1} << i % 64; }
  bool alive(slot_number i) const noexcept { return (alive_[i / 64] & bit(i)) != 0; }

  static constexpr std::pair<std::size_t, std::size_t> place(slot_number i) noexcept {
    if (i >= full_block) return {i / full_block + small_blocks - 1, i % full_block};
    const auto block = static_cast<std::size_t>(std::bit_width(i / 8));
    return {block, block == 0 ? i : i - (std::size_t{4} << block)};
  }
  void* at(slot_number i) noexcept {
    const auto [block, offset] = place(i);
    return &blocks_[block][offset];
  }
  const void* at(slot_number i) const noexcept {
    const auto [block, offset] = place(i);
    return &blocks_[block][offset];
  }

  template <class... Args>
  [[gnu::noinline]] slot_number emplace_again(Args&&... args) {
    const auto slot = free_;
    slot_number next_free;
    std::memcpy(&next_free, at(slot), sizeof next_free);
    try {
      ::new (at(slot)) T(std::forward<Args>(args)...);
    } catch (...) {
      std::memcpy(at(slot), &next_free, sizeof next_free);
      throw;
    }
    free_ = next_free;
    alive_[slot / 64] |= bit(slot);
    ++size_;
    return slot;
  }

  // Room for one more block.
  [[gnu::noinline]] void grow() {
    const auto size = block_size(blocks_.size());
    if (size > no_slot - room_) throw std::length_error("hearsay: more than 2^32 - 256 items in one state");
    alive_.resize((room_ + size + 63) / 64);
    blocks_.push_back(std::make_unique_for_overwrite<raw[]>(size));
    room_ += static_cast<slot_number>(size);
  }

  std::vector<std::unique_ptr<raw[]>> blocks_;
  std::vector<std::uint64_t> alive_;  // one bit a slot
  std::size_t size_ = 0;
  slot_number room_ = 0;        // slots in all blocks
  slot_number used_ = 0;        // slots from here on have never been used
  slot_number free_ = no_slot;  // the erased slots: each holds the number of the next one
};

}  // namespace hearsay::inline v0::detail
