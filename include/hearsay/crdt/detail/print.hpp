// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <concepts>
#include <ostream>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hearsay::inline v0 {
namespace detail {

/// A type that writes itself with a member `print`; it gets fmt and `<<` from here.
template <class T>
concept printable = requires(const T& x, fmt::appender out) {
  { x.print(out) } -> std::same_as<fmt::appender>;
};

/// Writes the elements of a range in braces, ascending.
template <class Range>
fmt::appender print_sorted(fmt::appender out, const Range& range) {
  using element = typename Range::value_type;
  std::vector<const element*> elements;
  for (const auto& each : range) elements.push_back(&each);
  std::ranges::sort(elements, {}, [](const element* e) -> const element& { return *e; });
  *out++ = '{';
  const char* comma = "";
  for (const auto* each : elements) out = fmt::format_to(out, "{}{}", std::exchange(comma, ", "), *each);
  *out++ = '}';
  return out;
}

}  // namespace detail

/// Writes `x` to a stream, as fmt does.
template <detail::printable T>
std::ostream& operator<<(std::ostream& out, const T& x) {
  return out << fmt::to_string(x);
}

}  // namespace hearsay::inline v0

// Sets and maps print themselves, not as the ranges that they also are.
template <hearsay::detail::printable T>
struct fmt::is_range<T, char> : std::false_type {};

/// The format specification is that of a string: width, alignment, fill, precision.
template <hearsay::detail::printable T>
struct fmt::formatter<T> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const T& x, Context& context) const {
    fmt::memory_buffer text;
    x.print(fmt::appender(text));
    return fmt::formatter<std::string_view>::format({text.data(), text.size()}, context);
  }
};
