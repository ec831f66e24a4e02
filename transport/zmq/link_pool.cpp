// SPDX-License-Identifier: BSL-1.0
#include "transport/zmq/link_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "transport/zmq/system.hpp"

namespace hearsay::inline v0::transport {
namespace {

constexpr int link_events = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_CLOSED |
                            ZMQ_EVENT_DISCONNECTED | ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
                            ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;

}  // namespace

void link_pool::send(const std::string& endpoint, bytes frame, instant now) {
  if (frame.size() > options_.gossip.wire.frame_bytes) {
    ++counters_.dropped_oversized;
    log_.tell("oversized",
              fmt::format("a frame of {} bytes is not sent: the limit gossip.wire.frame_bytes is {}",
                          frame.size(), options_.gossip.wire.frame_bytes),
              now);
    return;
  }
  link* const to = find(endpoint, now);
  if (!to) return;
  to->used = now;
  if (to->stage == link::state::up) {
    push(*to, frame, now);
    return;
  }
  if (to->kept) ++counters_.dropped_waiting;
  to->kept = std::move(frame);
  if (to->stage == link::state::waiting && to->due <= now) dial(*to, now);
}

link_pool::link* link_pool::find(const std::string& endpoint, instant now) {
  if (const auto known = links_.find(endpoint); known != links_.end()) return &known->second;
  std::optional<parsed_endpoint> where;
  try {
    where = parse_endpoint(endpoint, purpose::connect, options_.allow_insecure_network);
  } catch (const std::invalid_argument& error) {
    ++counters_.dropped_endpoint;
    log_.tell("endpoint " + endpoint, fmt::format("a peer is not dialled: {}", error.what()), now);
    return nullptr;
  }
  if (links_.size() >= options_.pool) {
    links_.erase(std::ranges::min_element(links_, {}, [](const auto& each) { return each.second.used; }));
    ++counters_.evicted;
  }
  return &links_.emplace(endpoint, link{.where = std::move(*where), .due = now}).first->second;
}

void link_pool::dial(link& to, instant now) {
  ++counters_.dials;
  try {
    zmq::socket_t socket = make_socket(context_, role::link, options_, to.where.ipv6);
    socket_monitor monitor(context_, socket, link_events, options_);
    socket.connect(to.where.text);
    to.line.emplace(connection{std::move(socket), std::move(monitor)});
  } catch (const zmq::error_t& error) {
    log_.tell("dial " + to.where.text, fmt::format("cannot dial {}: {}", to.where.text, error.what()), now);
    fail(to, now);
    return;
  }
  to.stage = link::state::dialling;
  // The monitor tells earlier; this is for when it does not.
  to.due = now + options_.connect_timeout + options_.handshake_timeout + std::chrono::seconds(1);
  // Within a process there is neither a handshake nor an event.
  if (to.where.scheme == parsed_endpoint::kind::inproc) connected(to, now);
}

void link_pool::connected(link& to, instant now) {
  to.stage = link::state::up;
  to.since = now;
  to.full.reset();
  ++counters_.connects;
  if (const auto kept = std::exchange(to.kept, std::nullopt)) push(to, *kept, now);
}

void link_pool::push(link& to, const bytes& frame, instant now) {
  zmq::socket_t& socket = to.line->socket;
  const auto sent = [&] { return socket.send(zmq::buffer(frame), zmq::send_flags::dontwait).has_value(); };
  // libzmq looks for changes of the connection only now and then, but always when it is asked for events.
  if (sent() || ((socket.get(zmq::sockopt::events) & ZMQ_POLLOUT) != 0 && sent())) {
    ++counters_.frames_sent;
    counters_.bytes_sent += frame.size();
    to.full.reset();
    return;
  }
  ++counters_.dropped_full;
  if (!to.full) {
    to.full = now;
  } else if (now - *to.full >= options_.stall_timeout) {
    ++counters_.stalled;
    fail(to, now);
  }
}

void link_pool::fail(link& to, instant now) {
  const bool was_up = to.stage == link::state::up;
  ++(was_up ? counters_.disconnects : counters_.dial_failures);
  if (was_up && now - to.since >= options_.backoff_max) to.failures = 0;
  to.line.reset();
  to.stage = link::state::waiting;
  gossip::duration pause = options_.backoff_min;
  for (unsigned i = 0; i < to.failures && pause < options_.backoff_max; ++i) pause *= 2;
  pause = std::min(pause, options_.backoff_max);
  to.due = now + pause * 3 / 4 + pause * static_cast<std::int64_t>(random_() % 1024) / 2048;
  ++to.failures;
}

void link_pool::add_to(std::vector<zmq_pollitem_t>& items) {
  for (auto& [endpoint, each] : links_) {
    if (!each.line) continue;
    each.line->item = items.size();
    items.push_back({each.line->monitor.handle(), 0, ZMQ_POLLIN, 0});
  }
}

void link_pool::on_poll(const std::vector<zmq_pollitem_t>& items, instant now) {
  for (auto& [endpoint, each] : links_) {
    if (!each.line || items[each.line->item].revents == 0) continue;
    while (each.line) {
      const auto event = each.line->monitor.next();
      if (!event) break;
      if (event->what == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
        connected(each, now);
      } else if (event->what != ZMQ_EVENT_CONNECTED || connected_to_itself(event->value)) {
        if (each.stage == link::state::up) lost_.push_back(endpoint);
        fail(each, now);
      }
    }
  }
}

void link_pool::tick(instant now) {
  for (auto at = links_.begin(); at != links_.end();) {
    link& each = at->second;
    ++at;
    if (each.stage == link::state::up || each.due > now) continue;
    if (each.stage == link::state::dialling) {
      fail(each, now);
    } else if (each.kept) {
      dial(each, now);
    } else {
      links_.erase(std::prev(at));  // its pause is over, and nobody wants it
    }
  }
}

link_pool::instant link_pool::next_tick() const {
  instant next = instant::max();
  for (const auto& [endpoint, each] : links_) {
    if (each.stage != link::state::up) next = std::min(next, each.due);
  }
  return next;
}

void link_pool::close(gossip::duration linger) {
  const auto most = std::chrono::ceil<std::chrono::milliseconds>(std::max(linger, gossip::duration{0}));
  for (auto& [endpoint, each] : links_) {
    if (each.line) each.line->socket.set(zmq::sockopt::linger, static_cast<int>(most.count()));
  }
  links_.clear();
}

}  // namespace hearsay::inline v0::transport
