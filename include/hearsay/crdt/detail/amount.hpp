// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <type_traits>

namespace hearsay::inline v0::detail {

/// What a counter is to count by: a value of any integer type, none below zero.
struct amount {
  std::uint64_t value;

  /// Throws std::invalid_argument for a negative number; does not compile for what is no integer.
  template <class T>
  constexpr amount(T given) : value(static_cast<std::uint64_t>(given)) {
    static_assert(
        std::integral<T> && !std::same_as<T, bool> && sizeof(T) <= sizeof(std::uint64_t),
        "hearsay: counters count in integers, so that sums are the same everywhere. For fractions count in a "
        "smaller fixed unit: cents, milliseconds.");
    if constexpr (std::is_signed_v<T>) {
      if (given < 0) throw std::invalid_argument("hearsay: a counter was to count by a negative amount");
    }
  }
};

}  // namespace hearsay::inline v0::detail
