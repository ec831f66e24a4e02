// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <hearsay/membership/options.hpp>
#include <hearsay/wire/limits.hpp>
#include <optional>
#include <string>
#include <vector>

namespace hearsay::inline v0::gossip {

/// A point on the caller's monotonic clock. Only differences matter; the engine reads no clock itself.
using instant = std::chrono::nanoseconds;
using duration = std::chrono::nanoseconds;

/// Which way batches flow in a round that this node begins.
enum class mode : std::uint8_t {
  push,       ///< the peer may ask for what it lacks, and sends nothing
  pull,       ///< the peer sends what this node lacks, and asks for nothing
  push_pull,  ///< both
};

/// What an engine may be told. Every limit and every time stands here, with its default.
struct options {
  std::string cluster = "hearsay";   ///< nodes of another cluster are refused
  std::string endpoint{};            ///< where peers reach this node; the engine only passes it on
  std::vector<std::string> seeds{};  ///< endpoints to say hello to; an own endpoint among them does no harm

  gossip::mode mode = gossip::mode::push_pull;
  unsigned fanout = 1;  ///< peers drawn per round, one after the other; 1 to 3 make sense

  unsigned retries = 1;  ///< further peers in a round, as long as there is news and none answers

  duration round_min = std::chrono::milliseconds(10);   ///< least pause between rounds, news or not
  duration round_max = std::chrono::seconds(1);         ///< between rounds of an idle cluster
  duration flush_delay = std::chrono::milliseconds(3);  ///< from the first update to its batch
  duration first_rtt = std::chrono::milliseconds(25);   ///< round trip assumed until one was measured
  duration max_wait = std::chrono::milliseconds(500);   ///< longest wait for the answer to a digest
  duration hot_window{0};                               ///< an origin that changed within it is listed in
                                                        ///< digests; 0: (log2 origins + 4) * round_max
  duration hello_min = std::chrono::milliseconds(100);  ///< first retry of an unanswered hello
  duration hello_max = std::chrono::seconds(30);        ///< longest pause between hellos
  duration silence = std::chrono::seconds(10);          ///< a peer unheard for so long is greeted anew
  duration forget_peer = std::chrono::minutes(10);      ///< a peer that is no seed is dropped after this
  duration demotion = std::chrono::seconds(30);         ///< no rounds with a sender of malformed batches
  duration audit = std::chrono::seconds(10);            ///< pause between comparisons of states; 0: never
  duration max_clock_lead = std::chrono::seconds(60);   ///< stamps further in the future have to wait

  std::size_t flush_bytes = 256 * 1024;           ///< a batch is cut here; that much pending flushes at once
  std::size_t chunk_bytes = 256 * 1024;           ///< size of the parts in which whole objects are sent
  std::size_t log_bytes = std::size_t{64} << 20;  ///< batches kept for peers that lack them
  std::size_t unopened_bytes = std::size_t{64} << 20;  ///< deltas kept for objects nobody opened here
  std::size_t outbox_frames = 1024;  ///< frames waiting for the transport; the oldest go first
  std::size_t max_objects = 65'536;  ///< opened here or only heard of
  std::size_t max_name_bytes = 256;  ///< of an object, a type or an endpoint
  std::size_t max_origins = 65'536;  ///< entries of a version vector
  std::size_t max_peers = 256;       ///< who are no members; seeds always find room

  wire::limits wire{};  ///< of every frame and everything in it

  /// With it, nodes know all others from any seed, and watch each other; see membership/options.hpp. All
  /// nodes of a cluster have it or none.
  std::optional<membership::options> members{};
};

}  // namespace hearsay::inline v0::gossip
