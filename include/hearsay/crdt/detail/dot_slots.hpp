// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "hearsay/crdt/detail/dot_index.hpp"
#include "hearsay/crdt/dot.hpp"

namespace hearsay::inline v0::detail {

/// Which slot a dot belongs to, for dots that are alive one by one. The same as run_table<slot_number>, which
/// is for dots that come in long runs.
class dot_slots {
 public:
  /// Adds dots that are not in here. May fail half way.
  void insert(replica_id by, interval dots, slot_number slot) {
    const auto lane = dots_.lane(by);
    for (auto counter = dots.lo; counter - 1 != dots.hi; ++counter) dots_.insert(lane, counter, slot);
  }

  /// Takes out dots, of which some may not be in here.
  void erase(replica_id by, interval dots) noexcept {
    const auto lane = dots_.find_lane(by);
    for (auto number = dots.lo / 64;;) {
      const auto* chunk = dots_.next_chunk(lane, number);
      if (chunk == nullptr || chunk->number() > dots.hi / 64) return;
      number = chunk->number() + 1;
      const auto first = chunk->number() * 64;
      for (auto bits = chunk->live(dots); bits != 0; bits &= bits - 1) {
        dots_.erase(lane, first + static_cast<unsigned>(std::countr_zero(bits)));
      }
    }
  }

  /// Calls `f(interval, slot)` for the dots of `by` within the interval, ascending, until it returns false.
  template <class F>
  void for_each(replica_id by, interval within, F&& f) const {
    const auto lane = dots_.find_lane(by);
    for (const auto* chunk = dots_.next_chunk(lane, within.lo / 64);
         chunk != nullptr && chunk->number() <= within.hi / 64;
         chunk = dots_.next_chunk(lane, chunk->number() + 1)) {
      for (auto bits = chunk->live(within); bits != 0; bits &= bits - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(bits));
        const auto counter = chunk->number() * 64 + i;
        if (!f(interval{counter, counter}, chunk->slot(i))) return;
      }
    }
  }

  /// The slot of a dot, or no_slot.
  slot_number find(dot which) const noexcept { return dots_.find(dots_.find_lane(which.by), which.counter); }

  std::size_t heap() const noexcept { return dots_.heap(); }

 private:
  dot_index dots_;
};

}  // namespace hearsay::inline v0::detail
