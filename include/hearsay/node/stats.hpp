// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <hearsay/gossip/event.hpp>
#include <hearsay/wire/frame.hpp>

namespace hearsay::inline v0 {

/// What a node's transport did since the start. A frame that was "sent" was handed to ZeroMQ.
struct transport_counters {
  std::uint64_t frames_sent = 0;
  std::uint64_t bytes_sent = 0;
  std::uint64_t frames_received = 0;  ///< refused ones included
  std::uint64_t bytes_received = 0;

  std::uint64_t dropped_waiting = 0;    ///< to send: replaced by a newer frame before the connection stood
  std::uint64_t dropped_full = 0;       ///< to send: the connection took no more
  std::uint64_t dropped_oversized = 0;  ///< to send: longer than `gossip.wire.frame_bytes`
  std::uint64_t dropped_endpoint = 0;   ///< to send: to an endpoint that must not or cannot be dialled

  std::array<std::uint64_t, 7> refused{};  ///< received, by `wire::fault`; index 0 stays 0
  std::uint64_t multipart = 0;             ///< received: messages of more than one part
  std::uint64_t failed = 0;                ///< received: merging threw what is no `decode_error`

  std::uint64_t dials = 0;          ///< attempts to connect
  std::uint64_t connects = 0;       ///< that came to stand
  std::uint64_t dial_failures = 0;  ///< that did not
  std::uint64_t disconnects = 0;    ///< connections that stood and then broke
  std::uint64_t stalled = 0;        ///< connections closed since they took nothing for long
  std::uint64_t evicted = 0;        ///< connections closed for a place in the pool

  std::uint64_t accepted = 0;           ///< incoming connections
  std::uint64_t closed = 0;             ///< incoming connections that ended, for an oversized message too
  std::uint64_t handshakes_failed = 0;  ///< incoming connections that did not speak ZeroMQ

  /// The place of `fault` in `refused`.
  std::uint64_t refused_for(wire::fault fault) const { return refused[static_cast<std::size_t>(fault)]; }
};

/// A look at a node.
struct node_stats {
  hearsay::gossip::counters gossip;
  transport_counters transport;
  std::size_t peers = 0;            ///< nodes that said hello and were not forgotten
  std::size_t objects = 0;          ///< opened here, or only heard of
  std::size_t origins = 0;          ///< entries of the version vector
  std::uint64_t versions_hash = 0;  ///< equal on nodes that have merged the same batches
  std::size_t log_bytes = 0;
  std::size_t log_intervals = 0;
  bool transferring = false;  ///< whole objects are on their way here
};

}  // namespace hearsay::inline v0
