// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <hearsay/sim/link.hpp>
#include <hearsay/sim/topology.hpp>
#include <random>
#include <string>
#include <vector>

namespace bench {

using hearsay::sim::duration;
using hearsay::sim::instant;

/// A round; every latency is told in it.
inline constexpr duration round = std::chrono::seconds(1);
/// Whoever does not know everything by then never will.
inline constexpr duration patience = std::chrono::hours(1);

/// What happens to a cluster, whatever its protocol.
struct run {
  hearsay::sim::topology nodes;
  hearsay::sim::link links;
  std::size_t updates;     ///< of each node
  duration pause = round;  ///< between two of them
  std::uint64_t seed = 1;
};

/// Calls `at(since, node, number)` for each update: when, since the start, whose, and its number from 1. Each
/// node begins at a moment of its own.
template <class At>
void for_each_update(const run& what, At&& at) {
  std::mt19937_64 random(what.seed);
  const auto pause = static_cast<std::uint64_t>(what.pause.count());
  for (std::size_t node = 0; node < what.nodes.size(); ++node) {
    const duration phase(static_cast<std::int64_t>(random() % pause));
    for (std::size_t k = 0; k < what.updates; ++k) {
      at(phase + static_cast<std::int64_t>(k) * what.pause, node, k + 1);
    }
  }
}

/// A part of a run's traffic, or all of it.
struct traffic {
  std::uint64_t elements = 0;  ///< elements of a set, entries of a counter or map
  std::uint64_t payload = 0;   ///< bytes of states and deltas
  std::uint64_t digests = 0;   ///< bytes of version vectors, sequences, acknowledgements
  std::uint64_t other = 0;     ///< bytes of all else: envelopes, names, requests
  std::uint64_t messages = 0;

  traffic& operator+=(const traffic& more) {
    elements += more.elements;
    payload += more.payload;
    digests += more.digests;
    other += more.other;
    messages += more.messages;
    return *this;
  }
};

/// What a run was like.
struct result {
  traffic sent;
  traffic least;            ///< `elements` and `payload`: every update to every other node, exactly once
  std::size_t deliveries;   ///< updates, times the nodes that have to hear of each
  double p50 = 0, p99 = 0;  ///< rounds until a node knows an update
  std::size_t buffer = 0;   ///< the most bytes that a node kept for others, encoded
};

/// Who knows what, and how long that took.
class spread {
 public:
  explicit spread(const run& what)
      : nodes_(what.nodes.size()), updates_(what.updates), made_(nodes_), known_(nodes_ * nodes_) {
    latencies_.reserve(deliveries());
  }

  std::size_t deliveries() const { return nodes_ * (nodes_ - 1) * updates_; }
  bool complete() const { return latencies_.size() == deliveries(); }
  std::size_t missing() const { return deliveries() - latencies_.size(); }

  /// A node made its next update.
  void made(std::size_t node, instant now) { made_[node].push_back(now); }
  /// A node knows the updates of another up to this number. In all protocols here they arrive in order.
  void heard(std::size_t node, std::size_t origin, std::size_t number, instant now) {
    if (node == origin) return;
    for (auto& known = known_[node * nodes_ + origin]; known < number; ++known) {
      latencies_.push_back(std::chrono::duration<double>(now - made_[origin][known]) / round);
    }
  }

  /// Fills in what a result has of this.
  void report(result& to);

 private:
  std::size_t nodes_, updates_;
  std::vector<std::vector<instant>> made_;
  std::vector<std::size_t> known_;
  std::vector<double> latencies_;
};

/// The head of a table.
void head(const std::string& title, const result& like);
/// A row: `published` is what others have measured of the elements; 0: nothing was published.
void row(const std::string& protocol, const result& of, std::uint64_t published = 0);

}  // namespace bench
