// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace hearsay::inline v0 {

/// The stable name of a type: the same in every build, on every machine, since peers find out by it whether
/// they mean the same type. A user's type either has `static constexpr std::string_view crdt_name` or
/// specializes this.
template <class T>
struct name_of;

/// The stable name of `T`, for example `lww_map<string,u64>`.
template <class T>
std::string type_name() {
  return name_of<T>::get();
}

template <class T>
requires std::convertible_to<decltype(T::crdt_name), std::string_view>
struct name_of<T> {
  static std::string get() { return std::string(std::string_view(T::crdt_name)); }
};

template <std::integral T>
struct name_of<T> {
  static std::string get() { return (std::is_signed_v<T> ? "i" : "u") + std::to_string(8 * sizeof(T)); }
};

template <>
struct name_of<bool> {
  static std::string get() { return "bool"; }
};

template <>
struct name_of<std::string> {
  static std::string get() { return "string"; }
};

template <class A, class B>
struct name_of<std::pair<A, B>> {
  static std::string get() { return "pair<" + type_name<A>() + "," + type_name<B>() + ">"; }
};

template <class T>
struct name_of<std::vector<T>> {
  static std::string get() { return "vector<" + type_name<T>() + ">"; }
};

template <class T>
struct name_of<std::optional<T>> {
  static std::string get() { return "optional<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
