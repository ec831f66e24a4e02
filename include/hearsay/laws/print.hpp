// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cereal/details/util.hpp>
#include <concepts>
#include <cstddef>
#include <iterator>
#include <ostream>
#include <span>
#include <sstream>
#include <string>

#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0::laws {

/// A value as a report shows it: by fmt, else by `<<`.
template <class T>
std::string print(const T& x) {
  if constexpr (fmt::is_formattable<T>::value) {
    return fmt::format("{}", x);
  } else if constexpr (requires(std::ostream & out) { out << x; }) {
    std::ostringstream out;
    out << x;
    return out.str();
  } else {
    return "(give the type a fmt::formatter or operator<< to see it here)";
  }
}

/// Bytes in hexadecimal digits.
inline std::string hex(std::span<const std::byte> bytes) {
  std::string out;
  for (const auto byte : bytes)
    fmt::format_to(std::back_inserter(out), "{:02x}", std::to_integer<unsigned>(byte));
  return out.empty() ? "(none)" : out;
}

/// A type as a report names it: by its stable name, else by the compiler's.
template <class T>
std::string print_type() {
  if constexpr (requires {
                  { type_name<T>() } -> std::convertible_to<std::string>;
                  name_of<T>::get();
                }) {
    return type_name<T>();
  } else {
    return cereal::util::demangledName<T>();
  }
}

}  // namespace hearsay::inline v0::laws
