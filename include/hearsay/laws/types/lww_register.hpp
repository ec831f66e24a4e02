// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/crdt/lww_register.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"

namespace hearsay::inline v0::laws {

/// What the latest write put there, in a vector; an empty one if there was none. A write is later than what
/// its writer saw, than its writer's earlier writes, and than older wall clocks; of two at the same time,
/// that of the higher replica is the later.
template <class T>
struct model<lww_register<T>> {
  struct op {
    T value;
  };

  static op draw(source& c) { return {c.item<T>()}; }

  static std::vector<T> expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::vector<std::uint64_t> times;
    for (std::size_t i = 0; i < all.size(); ++i) {
      auto time = all[i].wall << 16;
      for (std::size_t j = 0; j < i; ++j) {
        if (all[i].saw.test(j) || all[j].replica == all[i].replica) time = std::max(time, times[j] + 1);
      }
      times.push_back(time);
    }
    auto latest = all.size();
    const auto when = [&](std::size_t i) { return std::pair(times[i], all[i].replica); };
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (seen.test(i) && (latest == all.size() || when(latest) < when(i))) latest = i;
    }
    if (latest == all.size()) return {};
    return {all[latest].what.value};
  }

  static std::vector<T> value(const lww_register<T>& x) {
    if (x.get() == nullptr) return {};
    return {*x.get()};
  }
};

template <class T>
struct mutate<lww_register<T>> {
  static lww_register<T> apply(lww_register<T>& x, replica& me, source& c) {
    auto op = model<lww_register<T>>::draw(c);
    if (c.wordy()) c.note("set({})", print(op.value));
    return x.set(me, std::move(op.value));
  }
};

}  // namespace hearsay::inline v0::laws
