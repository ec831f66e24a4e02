// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <charconv>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/errors.hpp"

namespace hearsay::inline v0 {

/// The name of one writer: 64 random bits, never used again by another writer. It prints as 16 hexadecimal
/// digits, is such a string in text archives, and 8 bytes, highest first, in all others.
struct replica_id {
  std::uint64_t value = 0;

  /// A fresh id from the system's entropy; never 0. Throws what std::random_device throws.
  static replica_id random();

  friend auto operator<=>(const replica_id&, const replica_id&) = default;
  friend std::size_t hash_value(replica_id id) noexcept { return static_cast<std::size_t>(id.value); }

  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{:016x}", value); }

  template <class Archive>
  requires(cereal::traits::is_text_archive<Archive>::value) std::string save_minimal(const Archive&)
  const { return fmt::format("{:016x}", value); }

  template <class Archive>
  requires(cereal::traits::is_text_archive<Archive>::value) void load_minimal(const Archive&,
                                                                              const std::string& text) {
    std::uint64_t read = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read, 16);
    if (error != std::errc{} || end != text.data() + text.size() || text.size() != 16) {
      throw decode_error("replica id: not 16 hexadecimal digits");
    }
    value = read;
  }

  template <class Archive>
  requires(!cereal::traits::is_text_archive<Archive>::value) void save(Archive& archive) const {
    std::array<std::uint8_t, 8> raw{};
    for (std::size_t i = 0; i < raw.size(); ++i) raw[i] = static_cast<std::uint8_t>(value >> (56 - 8 * i));
    archive(raw);
  }

  template <class Archive>
  requires(!cereal::traits::is_text_archive<Archive>::value) void load(Archive& archive) {
    std::array<std::uint8_t, 8> raw{};
    archive(raw);
    value = 0;
    for (const auto byte : raw) value = value << 8 | byte;
  }
};

}  // namespace hearsay::inline v0

template <>
struct std::hash<hearsay::replica_id> {
  std::size_t operator()(hearsay::replica_id id) const noexcept { return hash_value(id); }
};
