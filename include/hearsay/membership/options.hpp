// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "hearsay/membership/member.hpp"

namespace hearsay::inline v0::membership {

/// A point on the caller's monotonic clock, and a span of it; the same types as gossip's.
using instant = std::chrono::nanoseconds;
using duration = std::chrono::nanoseconds;

/// How a member shows itself, and how it watches the others. The times are for a local network; see
/// `docs/membership.md` for what each is good for.
struct options {
  std::string name;  ///< of this node, the same after a restart; empty: its endpoint
  tag_map tags{};    ///< metadata that it shows, up to `max_tags_bytes`

  duration probe_interval = std::chrono::milliseconds(1200);  ///< between probes of the next on the ring
  unsigned strangers = 5;  ///< with each so many of them, one of any other member
  duration direct_timeout = std::chrono::milliseconds(150);  ///< for an answer before others are asked to try
  duration probe_timeout = std::chrono::milliseconds(500);   ///< for an answer at all, before it is suspected
  unsigned indirect = 3;  ///< others that are asked to try, at a time, beside who reached that member
                          ///< before and who answered this node last

  duration suspicion_min = std::chrono::milliseconds(200);  ///< with all confirmations, in up to 10 members;
                                                            ///< times log10 of their number
  unsigned suspicion_spread = 6;                            ///< times the same, without any confirmation
  unsigned confirmations = 3;  ///< by others, that bring a suspicion to its shortest
  unsigned confirmers = 5;     ///< neighbours on the ring who probe a suspect at once
  unsigned max_health = 8;     ///< a struggling node is up to that many times slower, and once more
  duration late = std::chrono::milliseconds(50);  ///< a timer later than this says that this node stood still
  bool lifeguard =
      true;  ///< false: no local health, fixed suspicions, suspects are not told; to compare with

  duration retry_min = std::chrono::seconds(1);     ///< between greetings of members believed dead, at first;
                                                    ///< times a sixteenth of the members, if that is more
  duration retry = std::chrono::seconds(30);        ///< the same in the end: it grows to a 64th of the time
                                                    ///< since somebody died, up to this
  duration forget = std::chrono::hours(24);         ///< since the last word of one who is dead or left; it is
                                                    ///< renewed four times in that time by one who is here
  duration fold = std::chrono::minutes(1);          ///< from then to when nothing but its data is left of it:
                                                    ///< twice that at most
  duration keep_removals = std::chrono::hours(6);   ///< of a forgotten member's elements, since the last one
                                                    ///< went: for who was away, and is back before that
  duration report_after = std::chrono::seconds(2);  ///< a name or address that is taken for that long

  std::size_t max_peers = 4096;   ///< members that rounds of gossip begin with
  std::size_t max_probes = 64;    ///< at a time
  std::size_t max_relayed = 256;  ///< probes on behalf of others, at a time

  std::size_t handover = 2;                          ///< members that have all, before this one goes
  duration leave_timeout = std::chrono::seconds(5);  ///< at most that long
};

}  // namespace hearsay::inline v0::membership
