// SPDX-License-Identifier: BSL-1.0
#define XXH_INLINE_ALL
#include "hearsay/wire/frame.hpp"

#include <xxhash.h>

#include <algorithm>

namespace hearsay::inline v0::wire {
namespace {

constexpr std::byte magic[] = {std::byte{'h'}, std::byte{'s'}};
constexpr std::size_t header_bytes = 16;
constexpr std::size_t checksum_bytes = frame_overhead - header_bytes;

std::byte* put_little_endian(std::byte* at, std::uint64_t value, std::size_t width) {
  for (; width > 0; --width, value >>= 8) *at++ = static_cast<std::byte>(value);
  return at;
}

std::byte* put_big_endian(std::byte* at, std::uint64_t value) {
  for (unsigned shift = 64; shift > 0;) *at++ = static_cast<std::byte>(value >> (shift -= 8));
  return at;
}

std::uint64_t get_little_endian(std::span<const std::byte> from) {
  std::uint64_t value = 0;
  for (std::size_t i = from.size(); i > 0;) value = value << 8 | std::to_integer<std::uint64_t>(from[--i]);
  return value;
}

std::uint64_t get_big_endian(std::span<const std::byte> from) {
  std::uint64_t value = 0;
  for (const std::byte each : from) value = value << 8 | std::to_integer<std::uint64_t>(each);
  return value;
}

}  // namespace

std::uint64_t hash(std::span<const std::byte> data) noexcept { return XXH3_64bits(data.data(), data.size()); }

std::uint64_t hash(std::string_view data) noexcept { return XXH3_64bits(data.data(), data.size()); }

std::uint32_t cluster_tag(std::string_view cluster_id) noexcept {
  return static_cast<std::uint32_t>(hash(cluster_id));
}

std::string_view to_string(fault reason) noexcept {
  constexpr std::string_view names[] = {"none",    "too_short", "too_large", "magic",
                                        "version", "cluster",   "checksum"};
  const auto index = static_cast<std::size_t>(reason);
  return index < std::size(names) ? names[index] : "?";
}

bytes seal(std::uint8_t kind, std::uint32_t cluster, replica_id sender, std::span<const std::byte> body) {
  bytes sealed(frame_overhead + body.size());
  std::byte* at = std::ranges::copy(magic, sealed.data()).out;
  *at++ = std::byte{wire_version};
  *at++ = std::byte{kind};
  at = put_little_endian(at, cluster, 4);
  at = put_big_endian(at, sender.value);
  at = std::ranges::copy(body, at).out;
  put_little_endian(at, hash(std::span(sealed).first(header_bytes + body.size())), checksum_bytes);
  return sealed;
}

std::pair<frame, fault> open(std::span<const std::byte> data, std::uint32_t cluster,
                             const limits& most) noexcept {
  const auto refuse = [](fault reason) { return std::pair(frame{}, reason); };
  if (data.size() < frame_overhead) return refuse(fault::too_short);
  if (data.size() > most.frame_bytes) return refuse(fault::too_large);
  if (!std::ranges::equal(data.first(std::size(magic)), magic)) return refuse(fault::magic);
  if (data[2] != std::byte{wire_version}) return refuse(fault::version);
  if (get_little_endian(data.subspan(4, 4)) != cluster) return refuse(fault::cluster);
  const auto checked = data.first(data.size() - checksum_bytes);
  if (get_little_endian(data.last(checksum_bytes)) != hash(checked)) return refuse(fault::checksum);
  return {frame{.kind = std::to_integer<std::uint8_t>(data[3]),
                .sender = {get_big_endian(data.subspan(8, 8))},
                .body = checked.subspan(header_bytes)},
          fault::none};
}

}  // namespace hearsay::inline v0::wire
