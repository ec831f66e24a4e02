// SPDX-License-Identifier: BSL-1.0
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/process/process.hpp"
#include "tests/unit/node/node_test.hpp"
#include "transport/zmq/endpoint.hpp"

using namespace testing;
using hearsay::transport::parse_endpoint;
using hearsay::transport::purpose;

namespace {

std::string refusal(std::string_view text, purpose what = purpose::bind, bool network = false) {
  try {
    return "accepted as " + parse_endpoint(text, what, network).text;
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
}

bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("endpoints of this machine have one spelling", "[endpoint]") {
  const auto bind = [](std::string_view text) { return parse_endpoint(text, purpose::bind).text; };
  CHECK(bind("tcp://127.0.0.1:7400") == "tcp://127.0.0.1:7400");
  CHECK(bind("tcp://127.1.2.3:07400") == "tcp://127.1.2.3:7400");
  CHECK(bind("tcp://localhost:7400") == "tcp://127.0.0.1:7400");
  CHECK(bind("tcp://127.0.0.1:*") == "tcp://127.0.0.1:*");
  CHECK(bind("tcp://127.0.0.1:0") == "tcp://127.0.0.1:*");
  CHECK(bind("tcp://[::1]:65535") == "tcp://[::1]:65535");
  CHECK(bind("tcp://[0:0:0:0:0:0:0:1]:1") == "tcp://[::1]:1");
  CHECK(parse_endpoint("tcp://[::1]:1", purpose::bind).ipv6);
  CHECK_FALSE(parse_endpoint("tcp://127.0.0.1:1", purpose::bind).ipv6);
  CHECK(bind("ipc:///run/app.sock") == "ipc:///run/app.sock");
  CHECK(bind("ipc://@app") == "ipc://@app");
  CHECK(bind("inproc://app") == "inproc://app");
  CHECK(parse_endpoint("ipc:///run/app.sock", purpose::connect).rest() == "/run/app.sock");
}

TEST_CASE("endpoints that other machines reach are refused", "[endpoint]") {
  const std::string text = GENERATE(
      "tcp://0.0.0.0:7400", "tcp://*:7400", "tcp://192.0.2.1:7400", "tcp://128.0.0.1:7400", "tcp://eth0:7400",
      "tcp://example.org:7400", "tcp://[::]:7400", "tcp://[::2]:7400", "tcp://[fe80::1]:7400",
      "tcp://[::ffff:192.0.2.1]:7400", "tcp://127.1:7400", "tcp://127.0.0.1.example.org:7400",
      "tcp://192.0.2.1:1;127.0.0.1:7400", "tcp://::1:7400", "tcp://:7400");
  const std::string why = refusal(text);
  CAPTURE(why);
  CHECK(says(why, text));
  CHECK(says(why, "ipc:///PATH"));
  CHECK(says(why, "later version"));
}

TEST_CASE("with allow_insecure_network addresses of other machines are accepted, and have one spelling",
          "[endpoint]") {
  const auto connect = [](std::string_view text) {
    return parse_endpoint(text, purpose::connect, true).text;
  };
  CHECK(connect("tcp://192.0.2.1:07400") == "tcp://192.0.2.1:7400");
  CHECK(connect("tcp://[2001:DB8:0:0::1]:7400") == "tcp://[2001:db8::1]:7400");
  CHECK(connect("tcp://localhost:7400") == "tcp://127.0.0.1:7400");
  CHECK(connect("ipc://@app") == "ipc://@app");
  CHECK(parse_endpoint("tcp://[2001:db8::1]:1", purpose::connect, true).ipv6);
  for (const auto* everywhere : {"tcp://0.0.0.0:7400", "tcp://*:7400", "tcp://[::]:7400"}) {
    CAPTURE(everywhere);
    const auto listen = parse_endpoint(everywhere, purpose::bind, true);
    CHECK(listen.everywhere);
    CHECK(listen.ipv6 == says(everywhere, "["));
    CHECK(says(refusal(everywhere, purpose::connect, true), "no machine to connect to"));
  }
  CHECK_FALSE(parse_endpoint("tcp://192.0.2.1:7400", purpose::bind, true).everywhere);
  for (const auto* none :
       {"tcp://example.org:7400", "tcp://eth0:7400", "tcp://127.1:7400", "tcp://[fe80::1%eth0]:7400",
        "tcp://[::ffff:192.0.2.1]:7400", "tcp://::1:7400", "tcp://2001:db8::1:7400", "tcp://[]:7400",
        "tcp://:7400", "tcp://192.0.2.1:1;192.0.2.2:7400"}) {
    CAPTURE(none);
    CHECK(says(refusal(none, purpose::bind, true), "has no address"));
  }
}

TEST_CASE("a node on a network says that anybody may join, and others do not dial it unless they may",
          "[endpoint]") {
  log_book log;
  auto options = quick({}, "tcp://0.0.0.0:*");
  options.allow_insecure_network = true;
  CHECK_THROWS_AS(hearsay::node(options), std::invalid_argument);  // where?
  const auto port = std::to_string(free_port());
  options.listen = "tcp://0.0.0.0:" + port;
  options.advertise = "tcp://192.0.2.1:" + port;
  options.log = log.sink();
  hearsay::node far(options);
  CHECK(far.endpoint() == options.advertise);
  CHECK(log.count("plain text, and whoever reaches " + options.listen) == 1);

  auto near = quick({"tcp://127.0.0.1:" + port});
  CHECK_THROWS_AS(hearsay::node(near).add_peer(options.advertise), std::invalid_argument);
  near.log = log.sink();
  hearsay::node careful(near);
  CHECK(careful.wait_for(deadline, [&] { return careful.stats().transport.dropped_endpoint > 0; }));
  CHECK(log.count("a peer is not dialled") == 1);
  CHECK(log.count("whoever reaches " + careful.endpoint()) == 0);
}

TEST_CASE("endpoints that are none are refused", "[endpoint]") {
  CHECK(says(refusal(""), "is none that hearsay knows"));
  CHECK(says(refusal("127.0.0.1:7400"), "is none that hearsay knows"));
  CHECK(says(refusal("udp://127.0.0.1:7400"), "is none that hearsay knows"));
  CHECK(says(refusal("tcp://127.0.0.1"), "has no port"));
  for (const auto* port : {"", "x", "65536", "99999999999999999999", "-1", "+1", " 1", "1 ", "*1", "1\n"}) {
    CAPTURE(port);
    CHECK(says(refusal(std::string("tcp://127.0.0.1:") + port, purpose::connect), "port"));
  }
  CHECK(says(refusal(std::string("tcp://127.0.0.1:1\0", 18)), "port"));
  CHECK(says(refusal("tcp://127.0.0.1:*", purpose::connect), "no port to connect"));
  CHECK(says(refusal("ipc://"), "absolute path"));
  CHECK(says(refusal("ipc://*"), "absolute path"));
  CHECK(says(refusal("ipc://relative"), "absolute path"));
  CHECK(says(refusal("ipc:///a\033[2J"), "\\x1b"));  // and harmless to print
  CHECK(says(refusal("inproc://"), "no name"));
  CHECK(says(refusal("inproc://zeromq.zap.01"), "reserved"));
  CHECK(says(refusal("inproc://hearsay-internal-1"), "reserved"));
}

TEST_CASE("a node refuses them too, and says which option it was", "[endpoint]") {
  const auto refused = [](hearsay::node_options options) -> std::string {
    try {
      hearsay::node node(std::move(options));
      return "accepted";
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
  };
  const std::string far = "tcp://192.0.2.1:7400";
  CHECK(says(refused({.listen = far}), "listen: endpoint \"" + far + "\""));
  CHECK(says(refused({.advertise = far}), "advertise: endpoint \"" + far + "\""));
  CHECK(says(refused({.advertise = "tcp://127.0.0.1:*"}), "advertise: endpoint"));
  CHECK(says(refused({.seeds = {"tcp://127.0.0.1:7400", far}}), "seeds: endpoint \"" + far + "\""));
  CHECK(says(refused({.listen = "inproc://" + std::string(300, 'x')}), "max_name_bytes"));
}

TEST_CASE("options that cannot work are refused", "[endpoint]") {
  const auto with = [](auto change) {
    auto options = quick();
    change(options);
    hearsay::node node(options);
  };
  CHECK_NOTHROW(with([](auto&) {}));
  CHECK_THROWS_AS(with([](auto& o) { o.pool = 0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.send_queue = 0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.receive_queue = -1; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.socket_buffer = 0; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.backoff_min = 0s; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.backoff_max = o.backoff_min - 1ns; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.connect_timeout = 0s; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.farewell = -1s; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.time = nullptr; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.gossip.wire.frame_bytes = 100; }), std::invalid_argument);
  CHECK_THROWS_AS(with([](auto& o) { o.gossip.chunk_bytes = 1 << 20; }), std::invalid_argument);
}

TEST_CASE("what a node advertises", "[endpoint]") {
  hearsay::node any(quick());
  CHECK(any.endpoint().starts_with("tcp://127.0.0.1:"));
  CHECK_FALSE(any.endpoint().ends_with("*"));
  hearsay::node six(quick({}, "tcp://[::1]:*"));
  CHECK(six.endpoint().starts_with("tcp://[::1]:"));
  auto options = quick();
  options.advertise = "tcp://localhost:7";
  CHECK(hearsay::node(options).endpoint() == "tcp://127.0.0.1:7");
  CHECK_THROWS_AS(hearsay::node(quick({}, any.endpoint())), std::runtime_error);  // taken
}
