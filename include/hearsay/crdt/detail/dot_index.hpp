// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "hearsay/crdt/detail/slot_table.hpp"
#include "hearsay/crdt/dot.hpp"

namespace hearsay::inline v0::detail {

/// Finds slots by dot. Each replica has a lane: an array, sorted by number, of chunks for 64 counters each,
/// with a bit per counter that is alive and the slots of these. Where most counters are alive that is about
/// 5 bytes a dot, and finding one is a subtraction.
class dot_index {
 public:
  using lane_number = std::uint32_t;
  static constexpr lane_number no_lane = std::numeric_limits<lane_number>::max() >> 1;

  /// Bit i: counter 64 * number + i is within the interval, which has one of these 64.
  static std::uint64_t bits(std::uint64_t number, interval within) noexcept {
    auto out = ~std::uint64_t{0};
    if (number == within.lo / 64) out &= ~std::uint64_t{0} << within.lo % 64;
    if (number == within.hi / 64) out &= ~std::uint64_t{0} >> (63 - within.hi % 64);
    return out;
  }

  /// The dots of one replica with counters 64 * number ... 64 * number + 63.
  class chunk {
   public:
    explicit chunk(std::uint64_t number) noexcept : number_(number) {}
    chunk(const chunk& other) : number_(other.number_), live_(other.live_), count_(other.count_) {
      resize(other.room_, other);
    }
    chunk(chunk&&) noexcept = default;
    chunk& operator=(chunk&&) noexcept = default;

    std::uint64_t number() const noexcept { return number_; }
    /// Bit i: counter 64 * number + i is alive.
    std::uint64_t live() const noexcept { return live_; }
    /// Those of them within the interval.
    std::uint64_t live(interval within) const noexcept { return live_ & bits(number_, within); }
    /// The slot of the counter with live bit `i`.
    slot_number slot(unsigned i) const noexcept { return slots_[position(i)]; }

    std::size_t heap() const noexcept { return room_ * sizeof(slot_number); }

   private:
    friend dot_index;

    // With room for all 64 each has its own place; with less they stand in order.
    std::size_t position(unsigned i) const noexcept {
      if (room_ == 64) return i;
      return live_ >> i == 0 ? count_
                             : static_cast<std::size_t>(std::popcount(live_ & ((std::uint64_t{1} << i) - 1)));
    }

    void reserve(std::size_t more) {
      const auto needed = count_ + more;
      if (needed > room_) resize(needed <= 4 ? 4 : needed <= 16 ? 16 : 64, *this);
    }

    // There is room.
    void insert(unsigned i, slot_number slot) noexcept {
      const auto at = position(i);
      if (room_ != 64) std::copy_backward(&slots_[at], &slots_[count_], &slots_[count_] + 1);
      slots_[at] = slot;
      live_ |= std::uint64_t{1} << i;
      ++count_;
    }

    void erase(unsigned i) noexcept {
      if (room_ != 64) {
        const auto at = position(i);
        std::copy(&slots_[at] + 1, &slots_[0] + count_, &slots_[at]);
      }
      live_ &= ~(std::uint64_t{1} << i);
      --count_;
      if (count_ == 0) {
        slots_.reset();
        room_ = 0;
      } else if (room_ > 4 && count_ * 8 <= room_) {
        try {
          resize(room_ / 4, *this);
        } catch (const std::bad_alloc&) {  // then it stays as large as it is
        }
      }
    }

    [[gnu::noinline]] void resize(std::uint8_t room, const chunk& from) {
      auto slots = std::make_unique_for_overwrite<slot_number[]>(room);
      std::size_t rank = 0;
      for (auto bits = live_; bits != 0; bits &= bits - 1, ++rank) {
        const auto i = static_cast<std::size_t>(std::countr_zero(bits));
        slots[room == 64 ? i : rank] = from.slots_[from.room_ == 64 ? i : rank];
      }
      slots_ = std::move(slots);
      room_ = room;
    }

    std::uint64_t number_;
    std::uint64_t live_ = 0;
    std::unique_ptr<slot_number[]> slots_;
    std::uint8_t count_ = 0;
    std::uint8_t room_ = 0;  // 0, 4, 16 or 64
  };

  /// The lane of a replica, made if it has none; strong guarantee. O(1) for the replica of the last call,
  /// else O(log n), and O(n) for a new one.
  lane_number lane(replica_id by) {
    if (lanes_.empty() || lanes_[last_].by != by) last_ = find_or_add(by);
    return last_;
  }

  /// The lane of a replica, or no_lane.
  lane_number find_lane(replica_id by) const noexcept {
    if (!lanes_.empty() && lanes_[last_].by == by) return last_;
    const auto at = std::ranges::lower_bound(order_, by, {}, &named::by);
    return at == order_.end() || at->by != by ? no_lane : at->lane;
  }

  replica_id by(lane_number lane) const noexcept { return lanes_[lane].by; }

  /// Adds a dot that is not in here; strong guarantee.
  void insert(lane_number lane, std::uint64_t counter, slot_number slot) {
    insert_many(lane, counter / 64, std::uint64_t{1} << counter % 64, [slot](unsigned) { return slot; });
  }

  /// Adds the dots 64 * number + i for all bits i, of which none is in here, with the slots `slot_of(i)`. If
  /// that throws, those before it are in here.
  template <class SlotOf>
  void insert_many(lane_number lane, std::uint64_t number, std::uint64_t bits, SlotOf&& slot_of) {
    auto& [by, chunks, dead] = lanes_[lane];
    const auto at = seek(chunks, number);
    if (at == chunks.size() || chunks[at].number() != number) {
      chunks.emplace(chunks.begin() + static_cast<std::ptrdiff_t>(at), number);
      ++dead;
    }
    auto& holder = chunks[at];
    holder.reserve(static_cast<std::size_t>(std::popcount(bits)));
    for (; bits != 0; bits &= bits - 1) {
      const auto i = static_cast<unsigned>(std::countr_zero(bits));
      holder.insert(i, slot_of(i));
      if (holder.count_ == 1) --dead;
    }
  }

  /// Gives a dot that is in here another slot.
  void assign(lane_number lane, std::uint64_t counter, slot_number slot) noexcept {
    auto& chunks = lanes_[lane].chunks;
    auto& holder = chunks[seek(chunks, counter / 64)];
    holder.slots_[holder.position(static_cast<unsigned>(counter % 64))] = slot;
  }

  /// Takes out a dot that is in here.
  void erase(lane_number lane, std::uint64_t counter) noexcept {
    auto& [by, chunks, dead] = lanes_[lane];
    auto& holder = chunks[seek(chunks, counter / 64)];
    holder.erase(static_cast<unsigned>(counter % 64));
    // Chunks without a live dot leave in bulk, at less than one move a dot, and soon enough not to slow a
    // walk.
    if (holder.live() == 0 && ++dead > 8 + chunks.size() / 64) {
      std::erase_if(chunks, [](const auto& c) { return c.live() == 0; });
      dead = 0;
    }
  }

  /// The slot of a dot, or no_slot. O(log n), and O(1) where most counters are alive.
  slot_number find(lane_number lane, std::uint64_t counter) const noexcept {
    const auto* found = find_chunk(lane, counter / 64);
    const auto i = static_cast<unsigned>(counter % 64);
    return found != nullptr && (found->live() >> i & 1) != 0 ? found->slot(i) : no_slot;
  }

  /// The first chunk with a live dot whose number is `number` or higher, or null. Also takes no_lane. As
  /// find.
  const chunk* next_chunk(lane_number lane, std::uint64_t number) const noexcept {
    if (lane == no_lane) return nullptr;
    const auto& chunks = lanes_[lane].chunks;
    auto at = seek(chunks, number);
    while (at < chunks.size() && chunks[at].live() == 0) ++at;
    return at < chunks.size() ? &chunks[at] : nullptr;
  }

  /// The chunk with this number if it has a live dot, or null. As find.
  const chunk* find_chunk(lane_number lane, std::uint64_t number) const noexcept {
    const auto* found = next_chunk(lane, number);
    return found != nullptr && found->number() == number ? found : nullptr;
  }

  /// Bytes on the heap.
  std::size_t heap() const noexcept {
    auto sum = order_.capacity() * sizeof(named) + lanes_.capacity() * sizeof(lane_type);
    for (const auto& lane : lanes_) {
      sum += lane.chunks.capacity() * sizeof(chunk);
      for (const auto& c : lane.chunks) sum += c.heap();
    }
    return sum;
  }

 private:
  struct lane_type {
    replica_id by;
    std::vector<chunk> chunks;  // by ascending number
    std::size_t dead;           // how many of them have no live dot
  };
  struct named {
    replica_id by;
    lane_number lane;
  };

  [[gnu::noinline]] lane_number find_or_add(replica_id by) {
    const auto at = std::ranges::lower_bound(order_, by, {}, &named::by);
    if (at != order_.end() && at->by == by) return at->lane;
    const auto added = static_cast<lane_number>(lanes_.size());
    lanes_.push_back({by, {}, 0});
    try {
      order_.insert(at, {by, added});
    } catch (...) {
      lanes_.pop_back();
      throw;
    }
    return added;
  }

  // Where the first chunk is whose number is not below. The numbers ascend, so the distance from either end
  // bounds the place; without holes to one.
  static std::size_t seek(const std::vector<chunk>& chunks, std::uint64_t number) noexcept {
    if (chunks.empty() || chunks.back().number() < number) return chunks.size();
    const auto last = chunks.size() - 1;
    if (chunks.back().number() == number) return last;
    const auto front = chunks.front().number();
    if (number <= front) return 0;
    const auto low = last - std::min<std::uint64_t>(last, chunks.back().number() - number);
    const auto high = std::min<std::uint64_t>(last, number - front);
    const auto begin = chunks.begin();
    const auto at =
        std::ranges::lower_bound(begin + static_cast<std::ptrdiff_t>(low),
                                 begin + static_cast<std::ptrdiff_t>(high), number, {}, &chunk::number);
    return static_cast<std::size_t>(at - begin);
  }

  std::vector<lane_type> lanes_;  // in the order of arrival
  std::vector<named> order_;      // by ascending id
  lane_number last_ = 0;
};

}  // namespace hearsay::inline v0::detail
