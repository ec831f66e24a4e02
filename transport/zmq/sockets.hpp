// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <hearsay/node/options.hpp>
#include <memory>
#include <optional>
#include <string>
#include <zmq.hpp>

namespace hearsay::inline v0::transport {

/// Throws `std::runtime_error` if the libzmq that runs is older than 4.3.3, which unauthenticated bytes could
/// crash.
void check_library();

/// The context of one node, or the one that all nodes of this process share: inproc endpoints exist within a
/// context. The shared one lives as long as its last user.
std::shared_ptr<zmq::context_t> make_context(const node_options& options, bool shared);

/// A context for `role::signal` alone.
std::shared_ptr<zmq::context_t> make_signal_context();

enum class role {
  inbox,    ///< ROUTER: bound, only receives
  link,     ///< DEALER: connected to one peer, only sends
  signal,   ///< PAIR within the process: wakes the loop
  monitor,  ///< PAIR within the process: brings the events of another socket
};

/// A socket with every option set that libzmq 4.3.4 has and that matters for its role.
zmq::socket_t make_socket(zmq::context_t& context, role role, const node_options& options, bool ipv6 = false);

/// An inproc endpoint that nothing else in this process has.
std::string internal_endpoint();

/// Hears what happens to the connections of a socket. Must go before the socket does.
class socket_monitor {
 public:
  /// `events`: a set of ZMQ_EVENT_*.
  socket_monitor(zmq::context_t& context, zmq::socket_t& watched, int events, const node_options& options);
  socket_monitor(socket_monitor&& other) noexcept
      : watched_(std::exchange(other.watched_, nullptr)), socket_(std::move(other.socket_)) {}
  socket_monitor& operator=(socket_monitor&&) = delete;
  ~socket_monitor();

  struct event {
    std::uint16_t what = 0;  ///< one of ZMQ_EVENT_*
    std::int32_t value = 0;
  };
  /// The next event, if there is one; never waits.
  std::optional<event> next();
  void* handle() { return socket_.handle(); }

 private:
  void* watched_;
  zmq::socket_t socket_;
};

}  // namespace hearsay::inline v0::transport
