// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <hearsay/crdt.hpp>
#include <hearsay/membership.hpp>
#include <hearsay/sim.hpp>
#include <map>
#include <string>
#include <vector>

namespace test {

using namespace std::chrono_literals;
namespace gossip = hearsay::gossip;
namespace membership = hearsay::membership;
using gossip::duration;
using gossip::event_kind;
using gossip::instant;
using hearsay::replica_id;
using hearsay::membership::status;

/// A simulated cluster of members whose seed is node 0, with what its nodes reported.
class group : public hearsay::sim::cluster {
 public:
  explicit group(std::uint64_t seed, std::size_t nodes = 0,
                 const hearsay::sim::link& links = {.latency_max = 5ms},
                 const gossip::options& options = one())
      : cluster(seed, links) {
    for (std::size_t i = 0; i < nodes; ++i) add(options);
    check = [this](std::size_t i) { gather(i); };
  }

  static gossip::options one() {
    gossip::options options;
    options.seeds = {name(0)};
    options.members.emplace();
    return options;
  }

  /// What node i believes of a process; `left` for one that is unknown or forgotten.
  status belief(std::size_t i, replica_id who) const {
    const auto* found = (*this)[i].known_members().find(who);
    return found ? found->status : status::left;
  }
  /// Whether all nodes alive see just these processes.
  bool all_see(std::vector<replica_id> ids) const {
    std::ranges::sort(ids);
    for (std::size_t i = 0; i < size(); ++i) {
      if (!alive(i)) continue;
      const auto seen = (*this)[i].members();
      if (!std::ranges::equal(seen, ids, {}, [](const auto& each) { return each.first; })) return false;
      for (const auto& [who, one_of] : seen) {
        if (one_of.status != status::alive) return false;
      }
    }
    return true;
  }
  /// The processes that run.
  std::vector<replica_id> running() const {
    std::vector<replica_id> ids;
    for (std::size_t i = 0; i < size(); ++i) {
      if (alive(i)) ids.push_back((*this)[i].self().id());
    }
    return ids;
  }
  /// Runs until everybody sees everybody who runs; false if that takes longer than `most`.
  bool settle(duration most) {
    return run_until(now() + most, [this] { return all_see(running()); });
  }

  void gather(std::size_t i) {
    for (auto& each : (*this)[i].take_events()) {
      ++count[each.kind];
      events.push_back({i, std::move(each)});
    }
  }

  std::map<event_kind, std::size_t> count;
  std::vector<std::pair<std::size_t, gossip::event>> events;
};

}  // namespace test
