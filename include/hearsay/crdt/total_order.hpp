// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <compare>
#include <concepts>

namespace hearsay::inline v0 {

/// What can be an element, a key or the value of a register: a regular type whose `<=>` orders all its values
/// (std::strong_ordering; a defaulted one will do), so that equal values are the same everywhere, bytes
/// included. Floating point is out, also inside of pairs, vectors and optionals: NaN is not equal to itself,
/// and 0.0 and -0.0 are equal with different bytes. Store such a number as an integer in a fixed unit.
template <class T>
concept total_order = std::regular<T> && std::three_way_comparable<T, std::strong_ordering>;

}  // namespace hearsay::inline v0
