// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <hearsay/crdt/bytes.hpp>
#include <hearsay/crdt/replica.hpp>
#include <hearsay/gossip/message.hpp>
#include <string>

namespace hearsay::inline v0::gossip {

/// A frame on its way to a peer.
struct outgoing {
  std::string endpoint;
  bytes frame;
};

/// What an event is about.
enum class event_kind : std::uint8_t {
  peer_joined,       ///< a peer said hello for the first time, or another process does at its endpoint
  object_heard,      ///< an object that nobody opened here
  type_conflict,     ///< `object` is open here as one type and elsewhere as another; `text` names both
  refused,           ///< a frame whose body cannot be read; its sender is demoted for a while
  future_stamp,      ///< a batch has to wait until its stamps are no longer far in the future
  no_room,           ///< a batch has to wait, or a peer is not taken: a limit would be passed
  too_large,         ///< an update passes the limits of the wire and stays on this node
  identity_taken,    ///< others know later batches of this node's identity than it made
  listener_failed,   ///< a listener threw; `text` is what
  id_collision,      ///< two live replicas use one id: what one of them wrote cannot be merged here
  other_cluster,     ///< a frame of a cluster of another name came, and there are `options::members`; told
                     ///< once a minute at most
  seed_silent,       ///< a seed has not answered several greetings; it is greeted on
  member_joined,     ///< a member is here, or here again; of this and the rest `object` is its name
  member_suspected,  ///< a member does not answer somebody
  member_cleared,    ///< it was alive all the same
  member_changed,    ///< a member told other tags
  member_died,       ///< a member is believed dead
  member_left,       ///< a member went on its own account
  member_refused,    ///< a member's, or this node's, name or address belongs to an older one; see `text`
};

/// Something that the program, or whoever reads its log, may want to know.
struct event {
  event_kind kind;
  replica_id peer;     ///< from whom, where there is one
  std::string object;  ///< about which, where there is one
  std::string text;    ///< in words
};

/// What an engine did since it was made.
struct counters {
  std::array<std::uint64_t, kinds> frames_in{};  ///< by `gossip::kind`
  std::array<std::uint64_t, kinds> frames_out{};
  std::array<std::uint64_t, kinds> bytes_in{};
  std::array<std::uint64_t, kinds> bytes_out{};
  std::uint64_t payload_in = 0;  ///< bytes of batch bodies and chunks, repeated ones included
  std::uint64_t payload_out = 0;
  std::uint64_t flushed = 0;         ///< own batches
  std::uint64_t flushed_bytes = 0;   ///< and their bodies
  std::uint64_t merged = 0;          ///< batch intervals that brought something
  std::uint64_t repeated = 0;        ///< batch intervals that were known already
  std::uint64_t gaps = 0;            ///< batch intervals left for later, since their predecessors are missing
  std::uint64_t future = 0;          ///< batches and chunks left for later for a stamp too far in the future
  std::uint64_t no_room = 0;         ///< batches and chunks left for later for a limit
  std::uint64_t rounds = 0;          ///< digests sent
  std::uint64_t equal = 0;           ///< digests received that equal this node's
  std::uint64_t mismatches = 0;      ///< digests answered by the whole version vector
  std::uint64_t unequal = 0;         ///< digests of an equal version vector, but of other states
  std::uint64_t offers = 0;          ///< offers made to peers behind the log
  std::uint64_t transfers = 0;       ///< transfers of whole objects completed here
  std::uint64_t collisions = 0;      ///< deltas not merged, or in part, since a replica id is in use twice
  std::uint64_t refused = 0;         ///< frames that fail their checks
  std::uint64_t unknown_sender = 0;  ///< frames of who said no hello, or for members where there are none
  std::uint64_t dropped_frames = 0;  ///< outgoing, since nobody fetched them
};

}  // namespace hearsay::inline v0::gossip
