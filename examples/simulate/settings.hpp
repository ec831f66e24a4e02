// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <hearsay/gossip/options.hpp>
#include <string>
#include <string_view>

namespace simulate {

/// What the command line says; the defaults are those that `--help` shows.
struct settings {
  std::string scenario;
  std::string output = "hearsay-sim.html";
  std::string title;  ///< heading of the report; empty: the scenario's
  std::uint64_t seed = 1;
  std::size_t nodes = 0;  ///< 0: as many as the scenario likes
  hearsay::gossip::mode mode = hearsay::gossip::mode::push_pull;
  unsigned fanout = 1;
  unsigned retries = 0;  ///< none, so that a round is `fanout` contacts, as in the theory
  std::string topology = "auto";
  std::size_t links = 20;     ///< of a node in the topology `random`
  double loss = 0;            ///< the part of the frames that vanish
  double latency_ms = 40;     ///< at most; at least a quarter of it
  double limit = 200;         ///< rounds after which a run is given up
  std::size_t runs = 5;       ///< of each point of `curves`, with seeds one after the other
  std::size_t frames = 3000;  ///< drawn at most: so many that bring news, and so many others
  std::string progress = "auto";
};

constexpr std::string_view name_of(hearsay::gossip::mode mode) {
  switch (mode) {
    case hearsay::gossip::mode::push:
      return "push";
    case hearsay::gossip::mode::pull:
      return "pull";
    default:
      return "push_pull";
  }
}

}  // namespace simulate
