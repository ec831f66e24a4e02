// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/cereal.hpp>
#include <compare>
#include <cstdint>

#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/replica_id.hpp"

namespace hearsay::inline v0 {

/// The name of one event of one object: the `counter`-th of replica `by`. Counters start at 1 and never
/// repeat. Dots are ordered by replica, then by counter: "dot order".
struct dot {
  replica_id by;
  std::uint64_t counter = 0;

  friend auto operator<=>(const dot&, const dot&) = default;

  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}:{}", by, counter); }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(by), CEREAL_NVP(counter));
  }
};

/// The counters from `lo` to `hi`, both included.
struct interval {
  std::uint64_t lo = 0;
  std::uint64_t hi = 0;

  constexpr bool contains(std::uint64_t counter) const noexcept { return lo <= counter && counter <= hi; }

  friend auto operator<=>(const interval&, const interval&) = default;

  fmt::appender print(fmt::appender out) const {
    return lo == hi ? fmt::format_to(out, "{}", lo) : fmt::format_to(out, "{}-{}", lo, hi);
  }
};

}  // namespace hearsay::inline v0
