// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <exception>
#include <functional>
#include <hearsay/gossip/engine.hpp>
#include <hearsay/node/options.hpp>
#include <hearsay/node/stats.hpp>
#include <memory>
#include <mutex>
#include <string>

namespace hearsay::inline v0::detail {

/// An object of a node. Its lock is recursive: a listener, which runs under it, may update and read.
template <crdt T>
using node_object = gossip::replicated<T, std::recursive_mutex>;

/// What nodes and handles know of the thread that runs the engine. Lives as long as the last of them.
class node_core {
 public:
  node_core(const node_core&) = delete;
  node_core& operator=(const node_core&) = delete;
  virtual ~node_core() = default;

  /// The replica is safe to use from any thread, under the lock of the object that is changed.
  replica& self() { return engine_.self(); }
  std::size_t flush_bytes() const { return engine_.options().flush_bytes; }
  const std::string& endpoint() const { return engine_.options().endpoint; }

  /// Runs `work` on the node's thread and waits for it; directly if this is that thread, or if there is none
  /// any more. Throws what `work` throws.
  virtual void run(const std::function<void(gossip::engine&)>& work) = 0;
  /// See `gossip::engine::touched`; from any thread.
  virtual void touched(const std::shared_ptr<gossip::object>& object, bool urgent) = 0;
  virtual bool wait_for(std::chrono::nanoseconds timeout, const std::function<bool()>& holds) = 0;
  virtual node_stats stats() = 0;
  virtual void add_peer(const std::string& endpoint) = 0;
  virtual void set_online(bool wanted) = 0;
  virtual bool online() = 0;
  virtual std::exception_ptr error() = 0;
  virtual void stop() noexcept = 0;
  /// Stops, and gives up the thread if this is it.
  virtual void release() noexcept = 0;

 protected:
  node_core(gossip::options options, replica self, std::uint64_t seed, gossip::instant now)
      : engine_(std::move(options), std::move(self), seed, now) {}

  gossip::engine engine_;
};

/// Binds the sockets and starts the thread.
std::shared_ptr<node_core> start_node(node_options options);

}  // namespace hearsay::inline v0::detail
