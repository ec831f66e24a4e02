// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "hearsay/laws/source.hpp"

namespace hearsay::inline v0::laws {

/// How `source::item<T>()` draws a value of T. Give it for your own element types:
///
///     template <>
///     struct hearsay::laws::alphabet<colour> {
///       static colour draw(source& c) { return c.one_of(std::array{colour::red, colour::green}); }
///     };
///
/// The first value should be the plainest. Provided for integers, bool, std::string, std::pair,
/// std::optional.
template <class T>
struct alphabet {
  static_assert(sizeof(T) == 0, "specialize hearsay::laws::alphabet for this type: static T draw(source&)");
};

/// 0, 1, the largest, the smallest, 2, 3, 4 …, as many as `source::elements` allows.
template <std::integral T>
struct alphabet<T> {
  static T draw(source& c) {
    if constexpr (std::same_as<T, bool>) {
      return c.flip();
    } else {
      using limits = std::numeric_limits<T>;
      constexpr std::array<T, 4> first{T{0}, T{1}, limits::max(),
                                       limits::min() == 0 ? T{limits::max() / 2 + 1} : limits::min()};
      const auto index = c.below(c.elements());
      return index < first.size() ? first[index] : static_cast<T>(index - 2);
    }
  }
};

/// "a", "b", a string too long for any small-string buffer, the empty one, "c", "d" …
template <>
struct alphabet<std::string> {
  static std::string draw(source& c) {
    switch (const auto index = c.below(c.elements())) {
      case 0:
        return "a";
      case 1:
        return "b";
      case 2:
        return "a string that no small buffer holds";
      case 3:
        return {};
      default:
        return std::string((index - 2) / 26 + 1, static_cast<char>('a' + (index - 2) % 26));
    }
  }
};

template <class First, class Second>
struct alphabet<std::pair<First, Second>> {
  static std::pair<First, Second> draw(source& c) {
    auto first = c.item<First>();
    return {std::move(first), c.item<Second>()};
  }
};

template <class T>
struct alphabet<std::optional<T>> {
  static std::optional<T> draw(source& c) {
    if (c.flip()) return c.item<T>();
    return std::nullopt;
  }
};

}  // namespace hearsay::inline v0::laws
