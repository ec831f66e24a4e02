// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <random>
#include <set>

#include "hearsay/sim/cluster.hpp"

namespace hearsay::inline v0::sim {

/// Which faults a storm has, each by how many times a minute it begins, and how far they go.
struct storm_options {
  double cuts =
      4;  ///< of a group: halves, a minority, one alone; or of one direction; or a ring of majorities
  double clogs = 4;        ///< of one direction, whose frames then come late and all at once
  double heals = 6;        ///< all cuts and clogs end
  double pauses = 3;       ///< a node stands still for up to 5 s
  double crashes = 3;      ///< a node ends, and comes back within 10 s
  double memory = 0.5;     ///< the part of them that come back with what they had
  double joins = 1;        ///< a node is added
  double leaves = 0.5;     ///< a node ends for good
  double jumps = 2;        ///< a clock is set, up to `clock_error` off, and drifts
  double weathers = 3;     ///< latency, loss and duplicates of all links change
  double loss = 0.4;       ///< at most
  double duplicate = 0.2;  ///< at most
  duration latency = std::chrono::milliseconds(200);  ///< at most
  duration clock_error = std::chrono::seconds(25);    ///< at most, either way
  std::size_t most_nodes = 24;                        ///< with those that joined
};

/// What happens to a cluster before it must be in order again, in two phases, after the simulator of
/// TigerBeetle: first anything may fail, and only safety is asked for; then a core of the nodes heals, while
/// all others stay cut off, and it has to become equal.
///
///     hearsay::sim::storm weather(all, seed, options_of_a_node);
///     weather.rage(60s, [&](std::size_t i) { ... an update at node i ... });
///     weather.settle();
///     all.run_until(all.now() + 60s, [&] { return all.equal(&weather.core()); });
///
/// A pure function of the seed.
class storm {
 public:
  /// Nodes that join or start again get these options. The cluster must outlive it, and it the runs of the
  /// cluster: what it has begun ends later.
  storm(cluster& all, std::uint64_t seed, gossip::options nodes, const storm_options& options = {});

  /// For `span`, anything may fail; `work(i)` is called some `rate` times a second, each time for a node that
  /// is alive. May be called again.
  void rage(duration span, const std::function<void(std::size_t i)>& work, double rate = 20);

  /// Picks a core, more than half of the nodes, brings back those of it that are down, and ends all faults
  /// within it: links are good, clocks right. No frame passes between the core and all others any more, until
  /// `cluster::heal`.
  void settle();
  const std::set<std::size_t>& core() const noexcept { return core_; }

  /// How often each fault began.
  struct counts {
    std::uint64_t cuts = 0, clogs = 0, heals = 0, pauses = 0, crashes = 0, memories = 0, joins = 0,
                  leaves = 0, jumps = 0, weathers = 0;
  };
  const counts& faults() const noexcept { return faults_; }

 private:
  std::uint64_t below(std::uint64_t n) { return random_() % n; }
  double part() { return static_cast<double>(random_() >> 11) * 0x1p-53; }
  duration within(duration most) {
    return duration(static_cast<std::int64_t>(part() * static_cast<double>(most.count())));
  }
  std::set<std::size_t> group(std::size_t size);
  /// A node that is alive and moves, if there is one.
  std::size_t pick();
  void cut();
  void crash(std::size_t i);
  void back(std::size_t i, bool memory);

  cluster& all_;
  std::mt19937_64 random_;
  gossip::options nodes_;
  storm_options options_;
  std::set<std::size_t> gone_;  // for good
  std::set<std::size_t> core_;
  counts faults_;
};

}  // namespace hearsay::inline v0::sim
