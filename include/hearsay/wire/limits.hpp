// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <limits>

namespace hearsay::inline v0::wire {

/// How much may come out of bytes that somebody else wrote. Checked before anything is allocated.
struct limits {
  /// Bytes of a whole frame, its 24 bytes of envelope included.
  std::size_t frame_bytes = std::size_t{1} << 20;
  /// Bytes of one string.
  std::size_t string_bytes = std::size_t{1} << 16;
  /// Elements of one container; in a `std::vector` of bytes, every byte is one.
  std::size_t elements = std::size_t{1} << 20;
  /// How deep values may be nested. Containers and class types count, one each; numbers, enums and strings do
  /// not.
  std::size_t depth = 64;

  /// Limits that nothing exceeds: for writing, and never for bytes from elsewhere.
  static constexpr limits none() {
    constexpr std::size_t max = std::numeric_limits<std::size_t>::max();
    return {.frame_bytes = max, .string_bytes = max, .elements = max, .depth = max};
  }

  bool operator==(const limits&) const = default;
};

}  // namespace hearsay::inline v0::wire
