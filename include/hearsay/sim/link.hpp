// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>

#include "hearsay/gossip/options.hpp"

namespace hearsay::inline v0::sim {

using gossip::duration;
using gossip::instant;

/// What a link does to the frames on it, each direction by itself. Frames overtake each other where their
/// latencies differ.
struct link {
  duration latency_min = std::chrono::milliseconds(1);
  duration latency_max = std::chrono::milliseconds(1);  ///< drawn evenly between the two
  double loss = 0;                                      ///< the part of the frames that vanish
  double duplicate = 0;                                 ///< the part that arrives twice
  double straggle = 0;                                  ///< the part that takes 10 to 100 times as long
  std::uint64_t bytes_per_second = 0;                   ///< what it carries; 0: any amount at once
  std::uint64_t queue_bytes = 1 << 20;                  ///< what waits to be carried; more is lost
};

}  // namespace hearsay::inline v0::sim
