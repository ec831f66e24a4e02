// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <hearsay/node/stats.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "transport/zmq/endpoint.hpp"
#include "transport/zmq/reporter.hpp"
#include "transport/zmq/sockets.hpp"
#include "transport/zmq/system.hpp"

namespace hearsay::inline v0::transport {

/// Where a node receives: one bound ROUTER, which never sends.
class inbox {
 public:
  /// Binds. Throws `std::runtime_error` if that fails.
  inbox(zmq::context_t& context, const parsed_endpoint& where, const node_options& options);

  inbox(const inbox&) = delete;
  inbox& operator=(const inbox&) = delete;
  ~inbox();

  /// What was bound, with its port.
  const std::string& endpoint() const { return endpoint_; }

  /// Hands the next message to `take(frame, from)` if there is one and it has one part; `from` is the address
  /// of the peer. False if there is none.
  bool receive(transport_counters& counters, reporter& log, gossip::instant now,
               const std::function<void(std::span<const std::byte>, std::string_view)>& take);
  /// Looks at what happened to the incoming connections.
  void on_events(transport_counters& counters, reporter& log, gossip::instant now);

  void* handle() { return socket_.handle(); }
  void* monitor_handle() { return monitor_->handle(); }

 private:
  ipc_file file_;  // goes last, when nobody listens on it any more
  zmq::socket_t socket_;
  std::optional<socket_monitor> monitor_;
  std::string endpoint_;
};

}  // namespace hearsay::inline v0::transport
