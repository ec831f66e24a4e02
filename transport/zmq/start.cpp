// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <stdexcept>

#include "transport/zmq/runner.hpp"

namespace hearsay::inline v0 {
namespace transport {
namespace {

parsed_endpoint parse_option(std::string_view option, std::string_view text, purpose what, bool network) {
  try {
    return parse_endpoint(text, what, network);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("node_options::{}: {}", option, error.what()));
  }
}

void require(bool holds, std::string_view rule) {
  if (!holds) throw std::invalid_argument(fmt::format("node_options: {}", rule));
}

void check(const node_options& o) {
  constexpr auto longest = std::chrono::hours(24);
  const gossip::options& g = o.gossip;
  require(o.pool >= 1 && o.pool <= 16'384, "pool is from 1 to 16384");
  require(o.send_queue >= 1 && o.receive_queue >= 1, "send_queue and receive_queue are at least 1");
  require(o.socket_buffer >= 4096, "socket_buffer is at least 4096");
  require(o.backoff_min > o.backoff_min.zero() && o.backoff_min <= o.backoff_max && o.backoff_max <= longest,
          "backoff_min is above 0 and at most backoff_max, that at most a day");
  for (const auto time : {o.connect_timeout, o.handshake_timeout, o.stall_timeout}) {
    require(time >= std::chrono::milliseconds(1) && time <= longest, "timeouts are from 1 ms to a day");
  }
  require(o.farewell >= o.farewell.zero() && o.farewell <= longest, "farewell is at most a day");
  require(o.time != nullptr, "time is a function");
  require(g.wire.frame_bytes >= 4096, "gossip.wire.frame_bytes is at least 4096");
  require(2 * g.flush_bytes <= g.wire.frame_bytes && 2 * g.chunk_bytes <= g.wire.frame_bytes,
          "two of gossip.flush_bytes, or of chunk_bytes, fit into gossip.wire.frame_bytes");
}

}  // namespace
}  // namespace transport

std::shared_ptr<detail::node_core> detail::start_node(node_options options) {
  using namespace transport;
  check_library();
  check(options);
  const bool network = options.allow_insecure_network;
  const parsed_endpoint listen = parse_option("listen", options.listen, purpose::bind, network);
  require(!listen.everywhere || !options.advertise.empty(),
          "advertise is set where listen is all addresses of this machine, since others need one of them");
  bool in_process = listen.scheme == parsed_endpoint::kind::inproc;
  if (!options.advertise.empty()) {
    options.advertise = parse_option("advertise", options.advertise, purpose::connect, network).text;
  }
  for (std::string& seed : options.seeds) {
    const parsed_endpoint where = parse_option("seeds", seed, purpose::connect, network);
    in_process |= where.scheme == parsed_endpoint::kind::inproc;
    seed = where.text;
  }
  runner::ground made{std::move(options), listen, in_process, nullptr, nullptr};
  made.context = make_context(made.options, in_process);
  made.in = std::make_unique<inbox>(*made.context, listen, made.options);
  made.listen = parse_endpoint(made.in->endpoint(), purpose::bind, network);
  if (made.options.advertise.empty()) made.options.advertise = made.in->endpoint();
  require(made.options.advertise.size() <= made.options.gossip.max_name_bytes,
          "the endpoint is not longer than gossip.max_name_bytes");
  if (network) {
    reporter(made.options.log)
        .tell(fmt::format("allow_insecure_network is set: everything is sent in plain text, and whoever "
                          "reaches {} may read, write and join",
                          made.in->endpoint()));
  }
  const auto started = std::make_shared<runner>(std::move(made));
  started->start();
  return started;
}

}  // namespace hearsay::inline v0
