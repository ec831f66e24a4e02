// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "hearsay/sim/cluster.hpp"

namespace hearsay::inline v0::sim {

/// The protocol broke a promise. The text says which, where and when.
class violation : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

/// Checks, after every step of every node of a cluster, what must never be otherwise:
///
/// - a version vector never falls, and where it has `n` for an origin, the batches 1 to n of that origin are
///   part of the objects: a state may run ahead of its vector, never behind it;
/// - equal vectors with nothing pending and no transfer under way mean equal states, byte for byte, unless a
///   chunk has brought one of them ahead;
/// - no batch is numbered twice, and no dot names two things;
/// - no buffer is above its limit.
///
///     hearsay::sim::cluster all(seed);
///     hearsay::sim::invariants watched(all);
///     all.add(hearsay::sim::ring(8));
///     all.run_for(std::chrono::minutes(1));  // throws violation
///
/// It knows no more than the engines tell, so it works with objects of any type. A check costs what the
/// batches hold that are new to a node, and the states that they change: meant for tens of nodes, not for
/// thousands.
class invariants {
 public:
  /// Takes its place in `all.check`, before what is there. The cluster must outlive it, and be told to nobody
  /// else.
  explicit invariants(cluster& all);
  invariants(const invariants&) = delete;
  invariants& operator=(const invariants&) = delete;
  ~invariants() { all_.check = std::move(before_); }

  /// Node i, now. Throws violation. Called by the cluster; after a crash or a restart nothing need be told.
  void check(std::size_t i);

  /// How much was checked: a run that checked nothing proves nothing.
  struct counts {
    std::uint64_t batches = 0;   ///< recorded where they were made
    std::uint64_t holdings = 0;  ///< that a node whose vector has a batch has its deltas
    std::uint64_t equals = 0;    ///< that two nodes of equal vectors have equal states
    std::uint64_t ahead = 0;     ///< that they had not, since a chunk had brought one of them ahead
  };
  const counts& checked() const noexcept { return counts_; }

 private:
  struct recorded {
    std::uint64_t lo = 0;
    std::uint64_t hi = 0;
    gossip::batch contents{};
  };
  struct seen {
    replica_id id{};                                 // of the process
    std::map<replica_id, std::uint64_t> versions{};  // as checked
    std::uint64_t chunks = 0;                        // that it has got so far
    bool ahead = false;                              // since one came
  };
  struct equal_state {
    std::uint64_t states;
    std::size_t node;
    bool ahead;
  };

  [[noreturn]] void fail(std::size_t i, const std::string& what) const;
  void record(std::size_t i, std::uint64_t known);
  void check_holds(std::size_t i, const gossip::object_delta& delta);
  void check_equal(std::size_t i);
  void check_limits(std::size_t i) const;

  cluster& all_;
  std::function<void(std::size_t)> before_;
  std::map<replica_id, std::vector<recorded>> batches_;  // ascending
  std::vector<seen> nodes_;
  std::map<std::uint64_t, equal_state> states_;  // by the hash of the vector
  counts counts_;
};

}  // namespace hearsay::inline v0::sim
