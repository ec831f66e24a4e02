// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "hearsay/crdt/bytes.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/wire/limits.hpp"

namespace hearsay::inline v0::wire {

/// The version of everything in `docs/wire.md`. Frames of another version are not looked into.
inline constexpr std::uint8_t wire_version = 1;

/// What a frame adds to its body, in bytes: 16 before and 8 after.
inline constexpr std::size_t frame_overhead = 24;

/// XXH3 with 64 bits, seed 0 (https://github.com/Cyan4973/xxHash). Finds accidents, not forgeries.
std::uint64_t hash(std::span<const std::byte> data) noexcept;
std::uint64_t hash(std::string_view data) noexcept;

/// What frames carry of the name of their cluster: the low half of its `hash`.
std::uint32_t cluster_tag(std::string_view cluster_id) noexcept;

/// A message between nodes, without its envelope.
struct frame {
  std::uint8_t kind = 0;            ///< what the body is; its meaning is the protocol's
  replica_id sender;                ///< who says to have sent it: nothing here proves it
  std::span<const std::byte> body;  ///< points into the bytes that were opened
};

/// Why a frame was refused.
enum class fault : std::uint8_t {
  none,
  too_short,  ///< shorter than an envelope
  too_large,  ///< longer than `limits::frame_bytes`
  magic,      ///< does not begin like a frame
  version,    ///< of another wire version
  cluster,    ///< of another cluster
  checksum,   ///< changed on the way
};

/// The name of a fault, as written above.
std::string_view to_string(fault) noexcept;

/// Puts `body` into an envelope. O(body). Throws only `std::bad_alloc`.
bytes seal(std::uint8_t kind, std::uint32_t cluster, replica_id sender, std::span<const std::byte> body);

/// Opens an envelope, and never throws. Unless the fault is `none`, the frame is empty. What comes first in
/// `fault` is reported first. O(data).
std::pair<frame, fault> open(std::span<const std::byte> data, std::uint32_t cluster,
                             const limits& most = {}) noexcept;

}  // namespace hearsay::inline v0::wire
