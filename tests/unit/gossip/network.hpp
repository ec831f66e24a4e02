// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hearsay/sim.hpp>

namespace test {

using namespace std::chrono_literals;
namespace gossip = hearsay::gossip;
using gossip::duration;
using gossip::instant;

/// A simulated cluster where everybody's seed is everybody.
class network : public hearsay::sim::cluster {
 public:
  using cluster::cluster;

  static gossip::options defaults(std::size_t nodes) {
    gossip::options options;
    for (std::size_t i = 0; i < nodes; ++i) options.seeds.push_back(name(i));
    return options;
  }
};

}  // namespace test
