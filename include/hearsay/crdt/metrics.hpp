// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/cereal.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>

#include "hearsay/crdt/detail/print.hpp"

namespace hearsay::inline v0 {

/// How large a state is.
struct metrics {
  std::size_t items = 0;      ///< what a user would count: elements, live entries, one for a counter
  std::size_t dots = 0;       ///< stored units: live dots, entries with tombstones, counter entries
  std::size_t replicas = 0;   ///< writers that the state knows of
  std::size_t intervals = 0;  ///< intervals of the causal context; equal to `replicas` when it has no gap
  std::size_t bytes = 0;      ///< memory, without what elements keep on the heap themselves

  friend bool operator==(const metrics&, const metrics&) = default;

  metrics& operator+=(const metrics& other) {
    items += other.items;
    dots += other.dots;
    replicas += other.replicas;
    intervals += other.intervals;
    bytes += other.bytes;
    return *this;
  }

  fmt::appender print(fmt::appender out) const {
    return fmt::format_to(out, "items {}, dots {}, replicas {}, intervals {}, bytes {}", items, dots,
                          replicas, intervals, bytes);
  }
};

/// Where a walk over a state in parts stands. A default cursor is the beginning; what `first` and `second`
/// mean is each data type's own.
struct cursor {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  bool end = false;         ///< nothing is left
  std::uint64_t field = 0;  ///< for types made of others, see product; the others pass it on or ignore it

  friend auto operator<=>(const cursor&, const cursor&) = default;

  fmt::appender print(fmt::appender out) const {
    if (field != 0) out = fmt::format_to(out, "{}:", field);
    return fmt::format_to(out, "{}.{}{}", first, second, end ? " end" : "");
  }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(first), CEREAL_NVP(second), CEREAL_NVP(end), CEREAL_NVP(field));
  }
};

}  // namespace hearsay::inline v0
