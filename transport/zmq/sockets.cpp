// SPDX-License-Identifier: BSL-1.0
#include "transport/zmq/sockets.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <mutex>
#include <stdexcept>
#include <tuple>

#include "transport/zmq/endpoint.hpp"

namespace hearsay::inline v0::transport {
namespace {

int milliseconds(node_options::duration time) {
  return static_cast<int>(std::chrono::ceil<std::chrono::milliseconds>(time).count());
}

std::shared_ptr<zmq::context_t> make(int io_threads, int sockets) {
  auto made = std::make_shared<zmq::context_t>();
  made->set(zmq::ctxopt::io_threads, io_threads);
  made->set(zmq::ctxopt::max_sockets,
            sockets);                 // the default, 1023, is for no number of links in particular
  made->set(zmq::ctxopt::blocky, 0);  // what was forgotten must not keep the process from ending
  return made;
}

}  // namespace

void check_library() {
  const auto version = zmq::version();
  if (version < std::tuple(4, 3, 3)) {
    throw std::runtime_error(
        fmt::format("libzmq {}.{}.{} runs here, and hearsay needs 4.3.3 or later: bytes from "
                    "strangers crash older ones",
                    std::get<0>(version), std::get<1>(version), std::get<2>(version)));
  }
}

std::shared_ptr<zmq::context_t> make_context(const node_options& options, bool shared) {
  // One I/O thread serves gigabits; the loop thread is the limit. A link has three sockets: the DEALER, and
  // both ends of its monitor. So has the inbox.
  if (!shared) return make(1, static_cast<int>(3 * options.pool + 6));
  static std::mutex mutex;
  static std::weak_ptr<zmq::context_t> known;
  const std::lock_guard lock(mutex);
  auto context = known.lock();
  if (!context) known = context = make(1, 65'535);
  return context;
}

std::shared_ptr<zmq::context_t> make_signal_context() { return make(0, 2); }

zmq::socket_t make_socket(zmq::context_t& context, role role, const node_options& options, bool ipv6) {
  using namespace zmq::sockopt;
  const bool in_process = role == role::signal || role == role::monitor;
  zmq::socket_t s(context, in_process            ? zmq::socket_type::pair
                           : role == role::inbox ? zmq::socket_type::router
                                                 : zmq::socket_type::dealer);
  s.set(linger, 0);    // closing drops what waits: the default waits for ever
  s.set(sndtimeo, 0);  // no call ever waits
  s.set(rcvtimeo, 0);  // likewise
  // Messages that may wait; the default is 1000 per connection. A monitor must take every event, since
  // libzmq's own thread would wait for it. Of signals one waits, for the caller rings again only when that
  // was heard; a limit would lose rings, since the sender learns late of what was taken.
  s.set(sndhwm, role == role::link ? options.send_queue : role == role::signal ? 0 : 1);
  s.set(rcvhwm, role == role::inbox ? options.receive_queue : in_process ? 0 : 1);
  if (in_process) return s;  // nothing below concerns inproc

  const int largest = options.socket_buffer;
  s.set(maxmsgsize, static_cast<std::int64_t>(options.gossip.wire.frame_bytes));  // default: no limit
  s.set(sndbuf, role == role::link ? largest : 4096);             // what waits in the system is stale as well
  s.set(rcvbuf, role == role::inbox ? largest : 4096);            // a link never reads
  s.set(handshake_ivl, milliseconds(options.handshake_timeout));  // default: 30 s for who says nothing
  s.set(backlog, 1024);                                           // a whole cluster may come back at once
  s.set(zmq::sockopt::ipv6, ipv6);  // only where the endpoint is IPv6: else 127.0.0.1 reads ::ffff:127.0.0.1
  s.set(tcp_keepalive, 1);          // finds connections whose other end vanished without a word,
  s.set(tcp_keepalive_idle, 120);   // after two minutes of silence, since each is 0.1 kB on every link
  s.set(tcp_keepalive_intvl, 10);   // by a probe every 10 s,
  s.set(tcp_keepalive_cnt, 3);      // three times
  s.set(tcp_maxrt, milliseconds(options.stall_timeout));  // and those that do not acknowledge for so long
  s.set(heartbeat_ivl, 0);  // liveness is the engine's business; ZMTP's heartbeats can abort (libzmq#3937)
  s.set(heartbeat_timeout, 0);        // likewise
  s.set(heartbeat_ttl, 0);            // likewise
  s.set(affinity, std::uint64_t{0});  // there is one I/O thread
  s.set(tos, 0);                      // no special treatment
  s.set(conflate, 0);                 // would keep one message and break the queue's order
  s.set(curve_server, 0);  // plain text, which is why endpoints are local unless the user says otherwise
  s.set(plain_server, 0);  // a password in plain text protects nothing
  // No routing id is ever set, so that none can be taken over; ZAP domain, SOCKS proxy and device are empty
  // by default, and libzmq offers no call that says so again.

  if (role == role::inbox) {
    s.set(router_handover, 0);   // nobody takes over the connection of another by naming its id
    s.set(router_mandatory, 0);  // nothing is sent on it
    return s;
  }
  s.set(immediate, 1);          // without a connection nothing queues up, to be delivered to who comes next
  s.set(probe_router, 0);       // no empty message on connecting
  s.set(reconnect_ivl, -1);     // the pool redials: with jitter and a cap, and after refusals too
  s.set(reconnect_ivl_max, 0);  // likewise
  s.set(connect_timeout, milliseconds(options.connect_timeout));  // default: the system's two minutes
  return s;
}

std::string internal_endpoint() {
  static std::atomic<std::uint64_t> count = 0;
  return fmt::format("inproc://{}{}", reserved_name, ++count);
}

socket_monitor::socket_monitor(zmq::context_t& context, zmq::socket_t& watched, int events,
                               const node_options& options)
    : watched_(watched.handle()), socket_(make_socket(context, role::monitor, options)) {
  const std::string endpoint = internal_endpoint();
  if (zmq_socket_monitor(watched_, endpoint.c_str(), events) != 0) throw zmq::error_t();
  // Before anything can happen: an event that finds nobody to take it would block the thread that has it.
  try {
    socket_.connect(endpoint);
  } catch (...) {
    zmq_socket_monitor(watched_, nullptr, 0);
    throw;
  }
}

socket_monitor::~socket_monitor() {
  // First of all the watched socket must fall silent, for the same reason.
  if (watched_) zmq_socket_monitor(watched_, nullptr, 0);
}

std::optional<socket_monitor::event> socket_monitor::next() {
  zmq::message_t part;
  if (!socket_.recv(part, zmq::recv_flags::dontwait)) return std::nullopt;
  event happened;
  if (part.size() >= sizeof happened.what + sizeof happened.value) {
    std::memcpy(&happened.what, part.data(), sizeof happened.what);
    std::memcpy(&happened.value, part.data<char>() + sizeof happened.what, sizeof happened.value);
  }
  while (part.more() && socket_.recv(part, zmq::recv_flags::dontwait)) {
  }
  return happened;
}

}  // namespace hearsay::inline v0::transport
