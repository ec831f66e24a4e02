// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <type_traits>

namespace hearsay::inline v0::wire {

/// Which values of the enum `E` may stand on the wire: those from `first` to `last`, both included. Any other
/// value is refused, in reading and in writing. Has to be specialized for each enum:
///
///     enum class color : std::uint8_t { red, green, blue };
///     template <>
///     struct hearsay::wire::enum_range<color> {
///       static constexpr color first = color::red, last = color::blue;
///     };
template <class E>
struct enum_range;

namespace detail {

template <class E>
concept ranged_enum = std::is_enum_v<E> && requires {
  { enum_range<E>::first } -> std::convertible_to<E>;
  { enum_range<E>::last } -> std::convertible_to<E>;
};

template <ranged_enum E>
constexpr bool in_enum_range(std::underlying_type_t<E> value) {
  using number = std::underlying_type_t<E>;
  return static_cast<number>(enum_range<E>::first) <= value &&
         value <= static_cast<number>(enum_range<E>::last);
}

}  // namespace detail
}  // namespace hearsay::inline v0::wire
