// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace hearsay::inline v0::wire {

/// The longest varint: 64 bits in groups of 7.
inline constexpr std::size_t max_varint_bytes = 10;

namespace detail {

/// The low 56 bits of `x` as groups of 7, one in each byte; and back.
constexpr std::uint64_t spread(std::uint64_t x) noexcept {
  x = (x & 0x00ff'ffff'f000'0000) << 4 | (x & 0x0fff'ffff);
  x = (x & 0x0fff'c000'0fff'c000) << 2 | (x & 0x0000'3fff'0000'3fff);
  return (x & 0x3f80'3f80'3f80'3f80) << 1 | (x & 0x007f'007f'007f'007f);
}
constexpr std::uint64_t gather(std::uint64_t x) noexcept {
  x = (x & 0x7f00'7f00'7f00'7f00) >> 1 | (x & 0x007f'007f'007f'007f);
  x = (x & 0x3fff'0000'3fff'0000) >> 2 | (x & 0x0000'3fff'0000'3fff);
  return (x & 0x0fff'ffff'0000'0000) >> 4 | (x & 0x0fff'ffff);
}
inline constexpr std::uint64_t high_bits = 0x8080'8080'8080'8080;

}  // namespace detail

/// Writes `value` as an LEB128 varint, as short as can be, to `at`, where `max_varint_bytes` have to be free.
/// Returns the end of what was written; the bytes after it may have changed.
inline std::byte* put_varint(std::byte* at, std::uint64_t value) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    if (value >= 0x80) {
      const auto length = (static_cast<unsigned>(std::bit_width(value)) + 6) / 7;
      const auto more = length > 8 ? detail::high_bits : detail::high_bits >> (72 - 8 * length);
      const std::uint64_t first = detail::spread(value) | more;
      std::memcpy(at, &first, 8);
      if (length <= 8) return at + length;
      at += 8;
      value >>= 56;
    }
  }
  for (; value >= 0x80; value >>= 7) *at++ = static_cast<std::byte>(value | 0x80);
  *at++ = static_cast<std::byte>(value);
  return at;
}

namespace detail {

// `get_varint` for more than one byte: apart, so that the rest is small enough to be inlined.
[[gnu::noinline]] inline const std::byte* get_long_varint(const std::byte* at, const std::byte* end,
                                                          std::uint64_t& value) noexcept {
  std::uint64_t result = 0;
  unsigned shift = 0;
  if constexpr (std::endian::native == std::endian::little) {
    if (end - at >= 8) {
      std::uint64_t first;
      std::memcpy(&first, at, 8);
      if (const auto last = ~first & detail::high_bits; last != 0) {
        const auto length = (static_cast<unsigned>(std::countr_zero(last)) + 1) / 8;
        result = detail::gather(first & (last ^ (last - 1)));
        if (result >> 7 * (length - 1) == 0) return nullptr;
        value = result;
        return at + length;
      }
      result = detail::gather(first);
      shift = 56;
      at += 8;
    }
  }
  for (; at != end && shift < 64; shift += 7) {
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

}  // namespace detail

/// Reads a varint from `[at, end)` into `value`. Returns the end of what was read; null, and `value` as it
/// was, if the bytes end before the varint, if it has more than 64 bits, or if it could have been shorter.
inline const std::byte* get_varint(const std::byte* at, const std::byte* end, std::uint64_t& value) noexcept {
  if (at == end || *at >= std::byte{0x80}) return detail::get_long_varint(at, end, value);
  value = std::to_integer<std::uint64_t>(*at);
  return at + 1;
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
