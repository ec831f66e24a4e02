// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <boost/pfr/core.hpp>
#include <boost/pfr/tuple_size.hpp>
#include <concepts>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/concepts.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0::detail {

/// A type with timestamps in it.
template <class T>
concept stamped = requires(const T& x) {
  { x.newest() } -> std::convertible_to<timestamp>;
};

/// What changes a `T` and returns its delta.
template <class Change, class T>
concept change_of = std::invocable<Change, T&> && std::same_as<std::invoke_result_t<Change, T&>, T>;

/// A type with a stable name.
template <class T>
concept has_name = requires {
  name_of<T>::get();
};

/// A std::tuple, a std::pair, a std::array.
template <class T>
concept tuple_like = requires {
  std::tuple_size<T>::value;
};

template <class T>
constexpr std::size_t field_count() {
  if constexpr (tuple_like<T>) {
    return std::tuple_size_v<T>;
  } else {
    static_assert(std::is_aggregate_v<T>, "neither a plain aggregate nor a std::tuple or std::pair");
    return boost::pfr::tuple_size_v<T>;
  }
}

/// A field by its place, of an aggregate by Boost.PFR.
template <std::size_t I, class T>
constexpr auto& field(T& all) noexcept {
  if constexpr (tuple_like<std::remove_const_t<T>>) {
    return std::get<I>(all);
  } else {
    return boost::pfr::get<I>(all);
  }
}

template <std::size_t I, class T>
using field_type = std::remove_cvref_t<decltype(field<I>(std::declval<T&>()))>;

/// What there is to know about the types of the fields of `T`.
template <class T, class Places = std::make_index_sequence<field_count<T>()>>
struct fields;

template <class T, std::size_t... I>
struct fields<T, std::index_sequence<I...>> {
  static constexpr std::size_t count = sizeof...(I);
  static constexpr bool crdts = (crdt<field_type<I, T>> && ...);
  static constexpr bool printable = (fmt::is_formattable<field_type<I, T>>::value && ...);
  static constexpr bool named = (detail::has_name<field_type<I, T>> && ...);
  static constexpr std::size_t stamps = (std::size_t{stamped<field_type<I, T>>} + ... + 0);

  /// Calls `f(std::integral_constant<std::size_t, place>())` for each field.
  template <class F>
  static constexpr void for_each(F&& f) {
    (f(std::integral_constant<std::size_t, I>()), ...);
  }

  /// Calls it for the field at `place`.
  template <class F>
  static constexpr void at(std::size_t place, F&& f) {
    (void)((place == I && (f(std::integral_constant<std::size_t, I>()), true)) || ...);
  }

  /// Whether `f` says so of all fields, in order.
  template <class F>
  static constexpr bool all(F&& f) {
    return (f(std::integral_constant<std::size_t, I>()) && ...);
  }

  /// The names of the types, between commas.
  static std::string names() {
    std::string out;
    ((out += (I == 0 ? "" : ",") + type_name<field_type<I, T>>()), ...);
    return out;
  }
};

}  // namespace hearsay::inline v0::detail
