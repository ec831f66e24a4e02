// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <hearsay/node/options.hpp>
#include <hearsay/node/shared.hpp>
#include <hearsay/node/stats.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace hearsay::inline v0 {

/// A member of a cluster: it holds replicated objects and gossips with the other nodes until all copies are
/// equal.
///
///     hearsay::node node({.listen = "tcp://127.0.0.1:7400", .seeds = {"tcp://127.0.0.1:7401"}});
///     auto visits = node.open<hearsay::g_counter>("visits");
///     visits.update([](auto& counter, auto& me) { return counter.increment(me, 5); });
///     visits.value();  // 5, and what the other nodes have counted
///
/// One thread of its own owns the sockets and runs the protocol; listeners and callbacks run on it.
/// Everything below may be called from any thread. Each start is a new replica with a new id.
class node {
 public:
  /// Binds `options.listen` and starts. Throws `std::invalid_argument` for options that cannot work, such as
  /// an endpoint which other machines reach; `std::runtime_error` if the endpoint cannot be bound or libzmq
  /// is older than 4.3.3.
  explicit node(node_options options = {}) : core_(detail::start_node(std::move(options))) {}
  node(const node&) = delete;
  node& operator=(const node&) = delete;
  /// Stops. Handles and their objects live on.
  ~node() { core_->release(); }

  /// The object of that name and type, made if there is none: every node that opens it has a copy of the same
  /// object. Objects of one name and different types are different objects (and an event tells of it). Runs
  /// on the node's thread and waits for it, so not within `shared::update` or `read`; in listeners and
  /// callbacks it is fine. Throws `std::invalid_argument` for a name that is empty or longer than
  /// `gossip.max_name_bytes`, `std::length_error` if there are `gossip.max_objects` already.
  template <crdt T>
  shared<T> open(const std::string& name) {
    std::shared_ptr<detail::node_object<T>> object;
    core_->run([&](gossip::engine& engine) { object = engine.open<T, std::recursive_mutex>(name); });
    return shared<T>(core_, std::move(object));
  }

  /// The identity under which this node writes.
  replica_id id() const { return core_->self().id(); }
  /// Where others reach this node.
  const std::string& endpoint() const { return core_->endpoint(); }
  /// A look at all counters, taken on the node's thread.
  node_stats stats() const { return core_->stats(); }
  /// @name Members, with `node_options::gossip.members`; see docs/membership.md
  /// @{

  /// The members that are here, this one too, as this node sees them; none without that option.
  std::vector<std::pair<replica_id, membership::member>> members() const {
    std::vector<std::pair<replica_id, membership::member>> here;
    core_->run([&](gossip::engine& engine) { here = engine.members(); });
    return here;
  }
  /// All that are remembered: also those who are dead or left, or were refused.
  std::vector<std::pair<replica_id, membership::member>> known_members() const {
    std::vector<std::pair<replica_id, membership::member>> all;
    core_->run([&](gossip::engine& engine) {
      const auto& known = engine.known_members().all();
      all.assign(known.begin(), known.end());
    });
    return all;
  }
  /// For each other member that is here, how many of this node's batches it is not known to have. Members
  /// tell when they are probed: the next on the ring every `probe_interval` (1.2 s), the others one by one,
  /// each `strangers` (5) times that: all of n within some 6 n seconds.
  std::map<replica_id, std::uint64_t> behind() const {
    std::map<replica_id, std::uint64_t> found;
    core_->run([&](gossip::engine& engine) { found = engine.behind(); });
    return found;
  }
  /// Changes what this node shows of itself. Throws `std::invalid_argument` if it is too long, and
  /// `std::logic_error` without members.
  void set_tags(const membership::tag_map& tags) {
    core_->run([&](gossip::engine& engine) {
      engine.set_tags(tags, std::chrono::steady_clock::now().time_since_epoch());
    });
  }
  /// Tells the others that this node goes, hands over its last updates, and stops. Returns whether enough
  /// members have them (`membership::options::handover`), or everybody who answers and at least one; alone it
  /// has nobody to wait for. Throws `std::logic_error` without members, and on the node's own thread.
  bool leave() {
    std::chrono::nanoseconds most{};
    core_->run([&](gossip::engine& engine) {
      engine.leave(std::chrono::steady_clock::now().time_since_epoch());
      most = engine.options().members->leave_timeout;
    });
    const bool done = wait_for(most, [&] {
      bool all = false;
      core_->run([&](gossip::engine& engine) { all = engine.left(std::chrono::nanoseconds::zero()); });
      return all;
    });
    stop();
    return done;
  }
  /// @}

  /// Greets another node as if it were a seed. Throws `std::invalid_argument` as the constructor does.
  void add_peer(const std::string& endpoint) { core_->add_peer(endpoint); }

  /// Goes off the network, closing every socket, or comes back at the same endpoint and greets all it knows
  /// at once. Offline, everything else works on; updates wait in the log, and this node and the others take
  /// each other for dead after a while. Throws `std::runtime_error`, staying offline, if the endpoint was
  /// taken meanwhile; `std::logic_error` in listeners and callbacks, and if the node has stopped.
  void set_online(bool wanted) { core_->set_online(wanted); }
  bool online() const { return core_->online(); }

  /// Waits until `holds()` is true: it is called at once, and again each time the node has done something, on
  /// this thread and without any lock. Returns its last answer: false if `timeout` has passed or the node has
  /// stopped. Throws `std::logic_error` on the node's own thread.
  bool wait_for(std::chrono::nanoseconds timeout, const std::function<bool()>& holds) const {
    return core_->wait_for(timeout, holds);
  }

  /// Sends what has not been sent yet, waits at most `node_options::farewell` until another node has asked
  /// for it, closes the sockets and ends the thread. What this node has is then still open to reads, updates
  /// and `open`, locally. May be called again, and by several threads. In a listener it only asks the node to
  /// stop.
  void stop() noexcept { core_->stop(); }
  /// What ended the node's thread before `stop`, if something did; it was logged then. Such a node is as
  /// stopped.
  std::exception_ptr error() const { return core_->error(); }

 private:
  std::shared_ptr<detail::node_core> core_;
};

}  // namespace hearsay::inline v0
