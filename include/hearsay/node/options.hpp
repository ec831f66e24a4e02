// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <hearsay/crdt/clock.hpp>
#include <hearsay/gossip/event.hpp>
#include <hearsay/gossip/options.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay::inline v0 {

/// What a node may be told. Every option has a default, so `hearsay::node node;` is a node alone on a free
/// port.
///
/// Endpoints are ZeroMQ's: `tcp://127.0.0.1:7400`, `tcp://[::1]:7400`, `ipc:///run/app.sock`,
/// `inproc://name`. Frames travel in plain text, so only endpoints that cannot be reached from another
/// machine are accepted: 127.0.0.0/8, ::1, `localhost` (read as 127.0.0.1), ipc and inproc. Others need
/// `allow_insecure_network`.
struct node_options {
  using duration = std::chrono::nanoseconds;

  /// Where this node receives. A port of `*` takes any free one; a fixed port below 32768 is better for a
  /// node that others redial, since the system gives the ports above to connections.
  std::string listen = "tcp://127.0.0.1:*";
  /// Where others reach this node, if that is not `listen` with its port filled in.
  std::string advertise{};
  /// Nodes to greet at the start, and again for as long as they do not answer. A node exchanges with its
  /// seeds and with whoever greeted it; what it hears from one it passes on to the others, so the links of a
  /// cluster have to connect it, and more of them make it faster. An own endpoint does no harm.
  std::vector<std::string> seeds{};
  /// Nodes with another cluster name refuse each other's frames.
  std::string cluster = "hearsay";
  /// Also accepts, everywhere, the IPv4 and IPv6 addresses of other machines, as numbers. Everything is sent
  /// in plain text; whoever reaches `listen` may read, write and join as any node, and fill the memory: for
  /// networks in which all may be trusted. `listen` may be `tcp://0.0.0.0:PORT` or `tcp://[::]:PORT` then, if
  /// `advertise` is set.
  bool allow_insecure_network = false;

  /// Mode, fanout, times and limits of the protocol. Its `endpoint`, `seeds` and `cluster` are not read: the
  /// three above replace them. `gossip.wire.frame_bytes` also bounds what ZeroMQ accepts as one message. It
  /// is at least 4096, and at least twice `gossip.flush_bytes` and twice `gossip.chunk_bytes`.
  hearsay::gossip::options gossip{};

  /// Connections that this node holds open for sending; beyond that the least recently used is closed.
  std::size_t pool = 64;
  /// Frames that may wait in one connection for sending. What does not fit is dropped: the next digest
  /// repairs it. A peer that reads nothing costs at most so many frames of `gossip.wire.frame_bytes`.
  int send_queue = 16;
  /// Frames that may wait per incoming connection. Then ZeroMQ stops to read from it.
  int receive_queue = 16;
  /// Bytes of the system's send and receive buffer, each, per connection.
  int socket_buffer = 128 * 1024;

  /// Pause after the first failure of a connection. It doubles with every further one up to `backoff_max`,
  /// and is drawn from a quarter below to a quarter above that. A connection that stood for `backoff_max`
  /// clears the count.
  duration backoff_min = std::chrono::milliseconds(50);
  duration backoff_max = std::chrono::seconds(5);
  /// How long the system may take to connect, in whole milliseconds.
  duration connect_timeout = std::chrono::seconds(2);
  /// How long the handshake of a connection may take, either way, in whole milliseconds.
  duration handshake_timeout = std::chrono::milliseconds(2500);
  /// A connection that has taken nothing for so long is closed with all that waits in it, and dialled anew.
  duration stall_timeout = std::chrono::seconds(3);
  /// How long `stop` may take to hand the last updates to another node.
  duration farewell = std::chrono::milliseconds(200);

  /// Gets every line for the log, without a line break, on the node's thread. Empty: to standard error. What
  /// it throws is swallowed.
  std::function<void(std::string_view)> log{};
  /// Gets every event, on the node's thread. What it throws is logged.
  std::function<void(const hearsay::gossip::event&)> on_event{};
  /// The time source of the replica's clock: milliseconds since the Unix epoch.
  clock::time_source time = system_milliseconds;
};

}  // namespace hearsay::inline v0
