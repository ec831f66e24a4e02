// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace hearsay::inline v0::wire {

/// The longest varint: 64 bits in groups of 7.
inline constexpr std::size_t max_varint_bytes = 10;

/// Writes `value` as an LEB128 varint, as short as can be, to `at`, where `max_varint_bytes` have to be free.
/// Returns the end of what was written.
inline std::byte* put_varint(std::byte* at, std::uint64_t value) noexcept {
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<std::byte>(value | 0x80);
  *at++ = static_cast<std::byte>(value);
  return at;
}

/// Reads a varint from `[at, end)` into `value`. Returns the end of what was read; null, and `value` as it
/// was, if the bytes end before the varint, if it has more than 64 bits, or if it could have been shorter.
inline const std::byte* get_varint(const std::byte* at, const std::byte* end, std::uint64_t& value) noexcept {
  std::uint64_t result = 0;
  for (unsigned shift = 0; at != end && shift < 64; shift += 7) {
    const auto group = std::to_integer<std::uint64_t>(*at++);
    result |= (group & 0x7f) << shift;
    if (group >= 0x80) continue;
    if (shift != 0 && group == 0) return nullptr;
    if (shift == 63 && group > 1) return nullptr;
    value = result;
    return at;
  }
  return nullptr;
}

/// Maps signed numbers to unsigned ones so that those near zero stay small: 0, -1, 1, -2, … become 0, 1, 2,
/// 3, …
constexpr std::uint64_t zigzag(std::int64_t value) noexcept {
  return static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63);
}

/// The inverse of `zigzag`.
constexpr std::int64_t unzigzag(std::uint64_t value) noexcept {
  return static_cast<std::int64_t>(value >> 1 ^ (0 - (value & 1)));
}

}  // namespace hearsay::inline v0::wire
