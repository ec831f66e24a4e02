// SPDX-License-Identifier: BSL-1.0
#include "transport/zmq/inbox.hpp"

#include <fmt/format.h>

#include <new>
#include <stdexcept>

namespace hearsay::inline v0::transport {
namespace {

constexpr int inbox_events = ZMQ_EVENT_ACCEPTED | ZMQ_EVENT_DISCONNECTED |
                             ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL | ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL |
                             ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

std::string address_of(zmq::message_t& part) {
  const char* address = zmq_msg_gets(part.handle(), "Peer-Address");
  return address ? address : "this process";  // inproc has no addresses
}

}  // namespace

inbox::inbox(zmq::context_t& context, const parsed_endpoint& where, const node_options& options)
    : socket_(make_socket(context, role::inbox, options, where.ipv6)) {
  const bool is_ipc = where.scheme == parsed_endpoint::kind::ipc;
  // libzmq would take the path away from whoever listens there.
  if (is_ipc && ipc_in_use(where.rest())) {
    throw std::runtime_error(fmt::format("cannot listen on {}: another process does", where.text));
  }
  monitor_.emplace(context, socket_, inbox_events, options);
  try {
    socket_.bind(where.text);
  } catch (const zmq::error_t& error) {
    throw std::runtime_error(fmt::format("cannot listen on {}: {}", where.text, error.what()));
  }
  endpoint_ = socket_.get(zmq::sockopt::last_endpoint);
  if (is_ipc) {
    file_.~ipc_file();
    new (&file_) ipc_file(where.rest());
  }
}

inbox::~inbox() {
  // An inproc name is free again only when it is unbound; a port, when the context has ended.
  zmq_unbind(socket_.handle(), endpoint_.c_str());
}

bool inbox::receive(transport_counters& counters, reporter& log, gossip::instant now,
                    const std::function<void(std::span<const std::byte>, std::string_view)>& take) {
  zmq::message_t part;
  if (!socket_.recv(part, zmq::recv_flags::dontwait)) return false;
  // The first part is the routing id that libzmq gave to the connection; it means nothing here.
  std::size_t payloads = 0;
  while (part.more()) {
    if (!socket_.recv(part, zmq::recv_flags::dontwait)) break;  // does not happen: messages arrive whole
    ++payloads;
    counters.bytes_received += part.size();
    if (payloads == 1 && !part.more()) {
      ++counters.frames_received;
      take({part.data<std::byte>(), part.size()}, address_of(part));
      return true;
    }
  }
  ++counters.multipart;
  const std::string from = address_of(part);
  log.tell("multipart " + from, fmt::format("dropped a message of {} parts from {}", payloads, from), now);
  return true;
}

void inbox::on_events(transport_counters& counters, reporter& log, gossip::instant now) {
  while (const auto event = monitor_->next()) {
    switch (event->what) {
      case ZMQ_EVENT_ACCEPTED:
        ++counters.accepted;
        break;
      case ZMQ_EVENT_DISCONNECTED:
        ++counters.closed;
        break;
      default:
        ++counters.handshakes_failed;
        log.tell("handshake", "closed a connection that did not speak ZeroMQ, or not in time", now);
    }
  }
}

}  // namespace hearsay::inline v0::transport
