// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "hearsay/gossip.hpp"
#include "hearsay/sim/link.hpp"
#include "hearsay/sim/topology.hpp"

namespace hearsay::inline v0::sim {

/// A cluster of engines in one thread: virtual time, and between the nodes a network that delays, loses,
/// repeats, reorders and cuts. What happens is a pure function of the seed, the options and the calls.
///
///     hearsay::sim::cluster all(seed, {.loss = 0.1});
///     all.add(hearsay::sim::ring(20));
///     auto visits = all[0].open<hearsay::g_counter>("visits");
///     all[0].update(visits, [](auto& c, auto& me) { return c.increment(me); }, all.now());
///     all.run_until(all.now() + std::chrono::seconds(60), [&] { return all.quiet(); });
///
/// Node i has the endpoint `name(i)`. Nodes are numbered in the order in which they were added.
class cluster {
 public:
  explicit cluster(std::uint64_t seed, const link& links = {}) : links_(links), random_(seed) {}
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;

  /// @name Nodes
  /// @{

  /// The endpoint of node i.
  static std::string name(std::size_t i) { return std::string("n").append(std::to_string(i)); }
  /// Adds a node; its endpoint is set, its seeds are left as they are.
  gossip::engine& add(gossip::options options);
  /// Adds a node for each of the topology, with its neighbours as seeds, and nobody else to talk to.
  void add(const topology& nodes, const gossip::options& options = {});
  /// Ends node i. Frames that it has not sent are gone.
  void crash(std::size_t i);
  /// Puts a new process at the endpoint of node i, with a new identity and no memory.
  gossip::engine& restart(std::size_t i, gossip::options options);
  /// The process comes back with the identity, the objects and the batches that node i had when it crashed,
  /// as if they had been on disk. The handles of its objects are still good.
  gossip::engine& restart_with_memory(std::size_t i, gossip::options options);
  /// Node i stands still, as a process that is stopped: what is sent to it waits, up to 1024 frames, and
  /// comes a millisecond after it goes on, when its timers have run.
  void pause(std::size_t i) { nodes_[i].paused = true; }
  /// Node i goes on.
  void resume(std::size_t i);

  std::size_t size() const noexcept { return nodes_.size(); }
  /// Whether there is an engine: not between `crash` and `restart`.
  bool alive(std::size_t i) const { return nodes_[i].engine != nullptr; }
  /// Whether it stands still.
  bool paused(std::size_t i) const { return nodes_[i].paused; }
  gossip::engine& operator[](std::size_t i) { return *nodes_[i].engine; }
  const gossip::engine& operator[](std::size_t i) const { return *nodes_[i].engine; }
  /// @}

  /// @name Links
  /// @{

  /// All links that were not set by themselves, from now on.
  void set(const link& links) { links_ = links; }
  /// The link from one node to another, in that direction.
  void set(std::size_t from, std::size_t to, const link& one) { own_links_[{from, to}] = one; }
  /// Frames between the group and all others are lost, until `heal`. A second cut replaces the first.
  void cut(std::set<std::size_t> group) { group_ = std::move(group); }
  /// Frames in this direction are lost, until `heal`.
  void cut(std::size_t from, std::size_t to) { blocked_[{from, to}] = false; }
  /// Every node reaches only those of the `reach` before and after it on a ring, until `heal`: with a bit
  /// more than a quarter of the nodes everybody sees a majority, and no two the same.
  void cut_to_majorities(std::size_t reach);
  /// Frames in this direction wait, until `release` or `heal`.
  void clog(std::size_t from, std::size_t to) { blocked_[{from, to}] = true; }
  /// Ends a clog or a cut in this direction; what waited is on its way now.
  void release(std::size_t from, std::size_t to);
  /// Ends all cuts, and releases what is clogged.
  void heal();
  /// @}

  /// @name Time
  /// @{

  /// The virtual time, from 0 on.
  instant now() const noexcept { return now_; }
  /// The wall clock of a node: it is set off, in milliseconds, and runs fast, in millionths. Both may be
  /// changed at any time.
  struct clock_error {
    std::int64_t offset = 0;
    std::int64_t drift = 0;
  };
  clock_error& clock_of(std::size_t i) { return *nodes_[i].clock; }

  /// Calls `action()` at that time, or at once if it has passed, while the cluster runs.
  void at(instant when, std::function<void()> action);
  /// Runs for so long, in virtual time.
  void run_for(duration span) {
    run_until(now_ + span, [] { return false; });
  }
  /// Runs until `done()`, which is asked after every step, at most to `limit`; returns whether it was done.
  bool run_until(instant limit, const std::function<bool()>& done);
  /// @}

  /// Called after every step of node i.
  std::function<void(std::size_t i)> check;
  /// Sees every frame that arrives.
  std::function<void(std::size_t from, std::size_t to, const bytes& frame)> spy;

  /// Whether all nodes alive, of those in the group if one is given, have merged the same batches and have
  /// nothing left to tell. O(n).
  bool quiet(const std::set<std::size_t>* group = nullptr) const;
  /// Whether besides all objects are open everywhere, and their states equal, byte for byte. O(n), and the
  /// states that changed.
  bool equal(const std::set<std::size_t>* group = nullptr) const;

  /// What the network did.
  struct traffic {
    std::uint64_t sent = 0;  ///< frames given to it
    std::uint64_t sent_bytes = 0;
    std::uint64_t delivered = 0;  ///< frames that an engine took
    std::uint64_t lost = 0;       ///< by the loss of a link, or since a queue was full
    std::uint64_t cut = 0;        ///< since a cut was in the way, or nobody at the other end
    std::uint64_t duplicated = 0;
    std::uint64_t clogged = 0;  ///< kept behind a clog or for a node that stood still
  };
  const traffic& frames() const noexcept { return frames_; }
  /// What all engines did, those that ended included. O(n).
  gossip::counters totals() const;

 private:
  struct node {
    std::unique_ptr<gossip::engine> engine;
    std::unique_ptr<gossip::engine> crashed{};  // what a disk would keep of it
    std::shared_ptr<clock_error> clock = std::make_shared<clock_error>();
    instant tick{-1};  // for when it is in line
    bool paused = false;
    std::vector<std::pair<std::size_t, bytes>> waiting{};  // while paused: from whom, what
  };
  enum class what : std::uint8_t { frame, tick, action };
  struct step {
    instant at;
    std::uint64_t number;
    what kind;
    std::size_t from;  // of an action: its number
    std::size_t to;
    bytes frame{};
    bool operator<(const step& other) const {
      return std::tie(at, number) > std::tie(other.at, other.number);
    }
  };

  clock::time_source wall_of(std::size_t i) const;
  gossip::engine& start(std::size_t i, std::unique_ptr<gossip::engine> engine);
  bool apart(std::size_t a, std::size_t b) const {
    return !group_.empty() && group_.contains(a) != group_.contains(b);
  }
  bool chance(double p) { return p > 0 && static_cast<double>(random_() % 1'000'000) < p * 1e6; }
  void send(std::size_t from, std::size_t to, bytes frame);
  void deliver(std::size_t from, std::size_t to, const bytes& frame);
  void drain(std::size_t i);
  void push(instant when, what kind, std::size_t from, std::size_t to, bytes frame = {});

  using direction = std::pair<std::size_t, std::size_t>;

  link links_;
  std::map<direction, link> own_links_;
  std::map<direction, instant> busy_;                // until when a link of limited capacity is
  std::set<std::size_t> group_;                      // cut from all others
  std::map<direction, bool> blocked_;                // and whether its frames wait
  std::map<direction, std::vector<bytes>> clogged_;  // what waits
  std::mt19937_64 random_;
  instant now_{0};
  std::uint64_t number_ = 0;
  std::vector<step> steps_;  // a heap, the next at the front
  std::map<std::size_t, std::function<void()>> actions_;
  std::vector<node> nodes_;
  traffic frames_;
  gossip::counters ended_{};  // what the engines did that are no more
};

}  // namespace hearsay::inline v0::sim
