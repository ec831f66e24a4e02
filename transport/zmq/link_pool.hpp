// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hearsay/crdt/bytes.hpp>
#include <hearsay/gossip/options.hpp>
#include <hearsay/node/stats.hpp>
#include <map>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "transport/zmq/endpoint.hpp"
#include "transport/zmq/reporter.hpp"
#include "transport/zmq/sockets.hpp"

namespace hearsay::inline v0::transport {

/// The connections on which a node sends: one DEALER per peer, at most `node_options::pool` of them.
///
/// Sending never waits. Until a connection stands the newest frame is kept for it, and only that one; what a
/// standing connection does not take is dropped. A connection that fails is dialled again after a pause, as
/// long as there is a frame to send. For one thread.
class link_pool {
 public:
  using instant = gossip::instant;

  /// Keeps references to all but `seed`.
  link_pool(zmq::context_t& context, const node_options& options, transport_counters& counters, reporter& log,
            std::uint64_t seed)
      : context_(context), options_(options), counters_(counters), log_(log), random_(seed) {}

  /// Sends a frame, or keeps or drops it.
  void send(const std::string& endpoint, bytes frame, instant now);

  /// Adds what `zmq_poll` shall wait for.
  void add_to(std::vector<zmq_pollitem_t>& items);
  /// Looks at what happened to the connections; `items` as `zmq_poll` has left them.
  void on_poll(const std::vector<zmq_pollitem_t>& items, instant now);
  /// Where connections that stood were broken from outside, since the last call.
  std::vector<std::string> take_lost() { return std::exchange(lost_, {}); }
  /// Dials, and gives up dialling, where it is time.
  void tick(instant now);
  /// When `tick` wants to be called next.
  instant next_tick() const;

  /// Closes all connections. What waits in them may still be sent until the context ends or `linger` is over.
  void close(gossip::duration linger);

 private:
  struct connection {
    zmq::socket_t socket;
    socket_monitor monitor;  // goes first
    std::size_t item = 0;    // its place in the poll
  };
  struct link {
    enum class state { waiting, dialling, up };
    parsed_endpoint where;
    state stage = state::waiting;
    std::optional<connection> line{};
    std::optional<bytes> kept{};  // to be sent once the connection stands
    instant used{};
    instant due{};                  // waiting: dialled from then on; dialling: given up then
    instant since{};                // up since
    std::optional<instant> full{};  // takes nothing since
    unsigned failures = 0;
  };

  link* find(const std::string& endpoint, instant now);
  void dial(link& to, instant now);
  void connected(link& to, instant now);
  void push(link& to, const bytes& frame, instant now);
  void fail(link& to, instant now);

  zmq::context_t& context_;
  const node_options& options_;
  transport_counters& counters_;
  reporter& log_;
  std::mt19937_64 random_;
  std::map<std::string, link> links_;
  std::vector<std::string> lost_;
};

}  // namespace hearsay::inline v0::transport
