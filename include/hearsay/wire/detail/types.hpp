// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cereal/cereal.hpp>
#include <concepts>
#include <cstddef>
#include <deque>
#include <forward_list>
#include <list>
#include <map>
#include <memory>
#include <queue>
#include <set>
#include <stack>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <valarray>
#include <vector>

#include "hearsay/wire/enum_range.hpp"

/// Which types hearsay's archives treat themselves, which they leave to cereal, and which they refuse.
namespace hearsay::inline v0::wire::detail {

template <class T, template <class...> class Template>
inline constexpr bool is_a = false;
template <class... Args, template <class...> class Template>
inline constexpr bool is_a<Template<Args...>, Template> = true;

/// One byte as it is; `bool` too, of which only 0 and 1 are valid.
template <class T>
concept byte_like = sizeof(T) == 1 && (std::integral<T> || std::same_as<T, std::byte>);

/// A varint, after zigzag if signed.
template <class T>
concept integer = std::integral<T> && sizeof(T) > 1 && sizeof(T) <= 8 && !std::same_as<T, wchar_t>;

template <class T>
concept scalar = byte_like<T> || integer<T> || ranged_enum<T>;

template <class T>
concept byte_string = is_a<T, std::basic_string> && sizeof(typename T::value_type) == 1;

/// What cereal takes for a value that needs no further serialization (`save_minimal`).
template <class T>
concept minimal = (std::is_arithmetic_v<T> && scalar<T>) || byte_string<T>;

template <class T>
concept byte_vector =
    is_a<T, std::vector> && byte_like<typename T::value_type> && !std::same_as<typename T::value_type, bool>;

template <class T>
inline constexpr bool is_byte_array = false;
template <class T, std::size_t N>
inline constexpr bool is_byte_array<std::array<T, N>> = byte_like<T> && !std::same_as<T, bool>;

template <class T>
concept ordered = is_a<T, std::set> || is_a<T, std::map>;

/// cereal's own wrappers that stand for something else.
template <class T>
concept wrapper = is_a<T, cereal::NameValuePair> || is_a<T, cereal::base_class>;

/// The value that a wrapper, const or not, stands for.
template <class T>
auto& unwrap(T& wrapped) {
  if constexpr (is_a<std::remove_const_t<T>, cereal::NameValuePair>) {
    return wrapped.value;
  } else {
    return *wrapped.base_ptr;
  }
}

/// Classes that one member function without a version saves, or loads. The archives call it themselves:
/// cereal does the same, but by pointers that it reads from memory, and the compiler does not know where they
/// lead.
template <class T, class Archive>
concept member_saved = cereal::traits::is_output_serializable<T, Archive>::value &&
    cereal::traits::has_member_save<T, Archive>::value;
template <class T, class Archive>
concept member_saved_minimal = cereal::traits::is_output_serializable<T, Archive>::value &&
    cereal::traits::has_member_save_minimal<T, Archive>::value;
template <class T, class Archive>
concept member_loaded = cereal::traits::is_input_serializable<T, Archive>::value &&
    cereal::traits::has_member_load<T, Archive>::value;

template <class T>
concept floating = std::is_floating_point_v<T>;

template <class T>
concept pointer = std::is_pointer_v<T> || std::is_member_pointer_v<T> || std::is_null_pointer_v<T> ||
    is_a<T, std::unique_ptr> || is_a<T, std::shared_ptr> || is_a<T, std::weak_ptr>;

template <class T>
concept unordered = is_a<T, std::unordered_map> || is_a<T, std::unordered_multimap> ||
    is_a<T, std::unordered_set> || is_a<T, std::unordered_multiset>;

template <class T>
concept unbounded = is_a<T, std::deque> || is_a<T, std::list> || is_a<T, std::forward_list> ||
    is_a<T, std::queue> || is_a<T, std::priority_queue> || is_a<T, std::stack> || is_a<T, std::valarray> ||
    is_a<T, std::multimap> || is_a<T, std::multiset>;

template <class T>
concept unportable = (std::integral<T> && !byte_like<T> && !integer<T>) ||
                     (is_a<T, std::basic_string> && !byte_string<T>);

template <class T>
concept untracked =
    is_a<T, cereal::virtual_base_class> || is_a<T, cereal::DeferredData> || is_a<T, cereal::BinaryData>;

template <class T>
concept unranged_enum = std::is_enum_v<T> && !byte_like<T> && !ranged_enum<T>;

/// True for what can be neither written nor read.
template <class T>
concept refused = floating<T> || pointer<T> || unordered<T> || unbounded<T> || unportable<T> ||
    untracked<T> || unranged_enum<T>;

/// Does not compile for a refused `T`, and says what to do about it.
template <class T>
constexpr void explain_refusal() {
  static_assert(!floating<T>,
                "hearsay::wire: floating point has no canonical bytes and no total order (NaN, -0). "
                "Store a scaled integer.");
  static_assert(!pointer<T>,
                "hearsay::wire: no pointers on the wire. Store the value itself, or a std::optional of it.");
  static_assert(!unordered<T>,
                "hearsay::wire: equal unordered containers have different orders, so no canonical bytes. "
                "Use std::map or std::set, or save the elements sorted.");
  static_assert(
      !unbounded<T>,
      "hearsay::wire: this container is not read within limits. Use std::vector, std::map or std::set.");
  static_assert(!unportable<T>,
                "hearsay::wire: this character or integer type is not the same on every machine. "
                "Use a type from <cstdint>, or std::string in UTF-8.");
  static_assert(
      !untracked<T>,
      "hearsay::wire: neither virtual_base_class nor defer nor binary_data; they go by addresses or by "
      "memory layout. Serialize the members, use base_class, or a std::vector<std::byte>.");
  static_assert(
      !unranged_enum<T>,
      "hearsay::wire: which values of this enum are valid? Specialize hearsay::wire::enum_range for it.");
}

}  // namespace hearsay::inline v0::wire::detail
