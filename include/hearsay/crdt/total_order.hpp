// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace hearsay::inline v0 {

namespace detail {

/// Whether `T` is ordered, and hashed, by addresses: pointers, and what the standard library makes of them.
template <class T>
inline constexpr bool by_address = std::is_pointer_v<T>;
template <class T, class Deleter>
inline constexpr bool by_address<std::unique_ptr<T, Deleter>> = true;
template <class T>
inline constexpr bool by_address<std::shared_ptr<T>> = true;
template <class A, class B>
inline constexpr bool by_address<std::pair<A, B>> = by_address<A> || by_address<B>;
template <class... T>
inline constexpr bool by_address<std::tuple<T...>> = (by_address<T> || ...);
template <class... T>
inline constexpr bool by_address<std::variant<T...>> = (by_address<T> || ...);
template <class T>
inline constexpr bool by_address<std::optional<T>> = by_address<T>;
template <class T, std::size_t N>
inline constexpr bool by_address<std::array<T, N>> = by_address<T>;
template <class T, class Allocator>
inline constexpr bool by_address<std::vector<T, Allocator>> = by_address<T>;

/// Does not compile where it would be false, and says what to do about it.
template <class T>
struct same_in_every_process {
  static constexpr bool value = !by_address<T>;
  static_assert(value,
                "hearsay: pointers are compared by their addresses, which differ from process to "
                "process, so no pointer can be an element, a key or the value of a register. Store "
                "what it points to (std::string for text), or an id of that.");
};

}  // namespace detail

/// What can be an element, a key or the value of a register: a regular type whose `<=>` orders all its values
/// (std::strong_ordering; a defaulted one will do), so that equal values are the same everywhere, bytes
/// included. Floating point is out, also inside of pairs, vectors and optionals: NaN is not equal to itself,
/// and 0.0 and -0.0 are equal with different bytes. Store such a number as an integer in a fixed unit.
/// Pointers are out as well, smart ones too: addresses are ordered otherwise in every process. (Inside of a
/// struct they cannot be seen from here; encoding refuses them there.)
template <class T>
concept total_order = detail::same_in_every_process<T>::value && std::regular<T> &&
    std::three_way_comparable<T, std::strong_ordering>;

}  // namespace hearsay::inline v0
