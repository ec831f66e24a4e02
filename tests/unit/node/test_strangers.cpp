// SPDX-License-Identifier: BSL-1.0
#include <list>
#include <random>

#include "tests/catch.hpp"
#include "tests/unit/node/stranger.hpp"

using namespace testing;
using hearsay::gossip::kind;
using hearsay::wire::fault;

namespace {

/// A node with a log and a friend: whatever strangers do, the two still agree.
struct host {
  log_book log;
  hearsay::node_options options = [this] {
    auto o = quick();
    o.log = log.sink();
    o.handshake_timeout = 200ms;
    return o;
  }();
  hearsay::node node{options};
  hearsay::node peer{quick({node.endpoint()})};
  hearsay::shared<hearsay::g_counter> here = node.open<hearsay::g_counter>("n");
  hearsay::shared<hearsay::g_counter> there = peer.open<hearsay::g_counter>("n");
  std::uint64_t total = 0;

  bool works() {
    here.update(plus(1));
    there.update(plus(1));
    total += 2;
    return node.wait_for(deadline, [&] { return here.value() == total; }) &&
           peer.wait_for(deadline, [&] { return there.value() == total; });
  }
  template <class Holds>
  bool eventually(Holds holds) {
    return node.wait_for(deadline, [&] { return holds(node.stats().transport); });
  }
  bool refused(fault why, std::uint64_t times = 1) {
    return eventually([&](const auto& t) { return t.refused_for(why) == times; });
  }
};

}  // namespace

TEST_CASE("frames that are none are counted by fault, and logged once", "[strangers]") {
  host host;
  stranger stranger(host.node.endpoint());
  const hearsay::bytes good = stranger.sealed(kind::hello, to_bytes("body"));

  hearsay::bytes magic = good;
  magic[0] = std::byte{'x'};
  hearsay::bytes version = good;
  version[2] = std::byte{99};
  hearsay::bytes checksum = good;
  checksum.back() ^= std::byte{1};
  const std::uint64_t times = GENERATE(1u, 5u);
  for (std::uint64_t i = 0; i < times; ++i) {
    stranger.send({});
    stranger.send(to_bytes("too short"));
    stranger.send(magic);
    stranger.send(version);
    stranger.send(stranger.sealed(kind::hello, to_bytes("body"), "another cluster"));
    stranger.send(checksum);
  }
  CHECK(host.refused(fault::too_short, 2 * times));
  CHECK(host.refused(fault::magic, times));
  CHECK(host.refused(fault::version, times));
  CHECK(host.refused(fault::cluster, times));
  CHECK(host.refused(fault::checksum, times));
  INFO(host.log.text());
  for (const auto why : {fault::too_short, fault::magic, fault::version, fault::cluster, fault::checksum}) {
    CHECK(host.log.count("from 127.0.0.1: " + std::string(to_string(why))) == 1);
  }
  CHECK(host.works());
}

TEST_CASE("frames of every length and content", "[strangers]") {
  host host;
  stranger stranger(host.node.endpoint());
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  std::uint64_t sent = 0;
  for (std::size_t size = 0; size < 300; ++size, ++sent) {
    hearsay::bytes noise(size);
    for (auto& each : noise) each = static_cast<std::byte>(random());
    stranger.send(noise);
    // With a good envelope: the body is noise to the engine.
    stranger.send(stranger.sealed(static_cast<kind>(random() % 10), noise));
    ++sent;
  }
  CHECK(host.eventually([&](const auto& t) { return t.frames_received >= sent; }));
  CHECK(host.node.wait_for(deadline, [&] { return host.node.stats().gossip.refused >= 300; }));
  CHECK(host.works());
}

TEST_CASE("a body that cannot be read is an event, and its sender is named", "[strangers]") {
  host host;
  stranger stranger(host.node.endpoint());
  stranger.send_sealed(kind::hello, std::string("no hello"));
  CHECK(host.node.wait_for(deadline, [&] { return host.log.count("node 0000000000005757") == 1; }));
  CHECK(host.works());
}

TEST_CASE("a hello from elsewhere is not answered", "[strangers]") {
  host host;
  CHECK(host.works());
  const auto dials = host.node.stats().transport.dials;
  stranger stranger(host.node.endpoint());
  std::uint64_t told = 0;
  for (const auto* place : {"tcp://192.0.2.1:7400", "tcp://example.org:7400", "inproc://hearsay-internal-1",
                            "nonsense", "tcp://127.0.0.1:7400;192.0.2.1:7400", "\x1b[2J"}) {
    CAPTURE(place);
    stranger.id.value += 1;
    stranger.send_sealed(kind::hello, hearsay::gossip::hello{place, false});
    ++told;
    CHECK(host.eventually([&](const auto& t) { return t.dropped_endpoint >= told; }));
  }
  INFO(host.log.text());
  CHECK(host.log.count("a peer is not dialled: endpoint \"tcp://192.0.2.1:7400\"") ==
        0);  // quotes are escaped
  CHECK(host.log.count("tcp://192.0.2.1:7400") >= 1);
  CHECK(host.log.count("\x1b") == 0);
  CHECK(host.node.stats().transport.dials == dials);
  CHECK(host.works());
}

TEST_CASE("messages of many parts are dropped whole", "[strangers]") {
  host host;
  CHECK(host.works());
  stranger stranger(host.node.endpoint());
  const auto good =
      stranger.sealed(kind::hello, hearsay::wire::encode(hearsay::gossip::hello{"ipc:///nowhere", false}));
  stranger.send(good, true);
  stranger.send(good);
  for (int i = 0; i < 1000; ++i) stranger.send(good, true);
  stranger.send({});
  CHECK(host.eventually([](const auto& t) { return t.multipart == 2; }));
  CHECK(host.log.count("2 parts from 127.0.0.1") == 1);
  CHECK(host.node.stats().peers == 1);

  for (int i = 0; i < 1000; ++i) stranger.send(good, true);  // and no end
  CHECK(host.works());
}

TEST_CASE("a message above the limit costs its sender the connection", "[strangers]") {
  host host;
  raw_connection witness(port_of(host.node.endpoint()));
  CHECK(host.eventually([](const auto& t) { return t.closed == 1; }));  // it says nothing
  {
    stranger stranger(host.node.endpoint());
    const std::size_t limit = host.options.gossip.wire.frame_bytes;
    stranger.send(hearsay::bytes(limit));
    CHECK(host.refused(fault::magic));
    stranger.send(hearsay::bytes(limit + 1));
    CHECK(host.eventually([](const auto& t) { return t.closed == 2; }));
    CHECK(host.node.stats().transport.refused_for(fault::magic) == 1);
  }
  CHECK(host.works());
}

TEST_CASE("connections that do not speak ZeroMQ", "[strangers]") {
  host host;
  const auto port = port_of(host.node.endpoint());
  CHECK(host.works());

  SECTION("one that says nothing is closed in time") {
    raw_connection silent(port);
    CHECK(silent.closed());
  }
  SECTION("one that stops after its greeting is closed in time") {
    raw_connection slow(port);
    slow.send(std::string("\xff\0\0\0\0\0\0\0\1\x7f\3", 11));
    CHECK(slow.closed());
  }
  SECTION("one that speaks HTTP is closed in time") {
    raw_connection browser(port);
    browser.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    // It looks like an early version of ZeroMQ's protocol with a long message to come.
    browser.send(std::string(1000, 'x'));
    CHECK(host.works());
    return;
  }
  SECTION("many that send noise") {
    const auto seed = std::random_device{}();
    CAPTURE(seed);
    std::mt19937 random(seed);
    std::list<raw_connection> crowd;
    for (int i = 0; i < 50; ++i) {
      std::string noise(random() % 2000, '\0');
      for (auto& each : noise) each = static_cast<char>(random());
      if (i % 2 == 0)
        noise = std::string("\xff\0\0\0\0\0\0\0\1\x7f\3\0NULL", 16) + std::string(48, '\0') + noise;
      crowd.emplace_back(port).send(noise);
    }
    CHECK(host.works());
    crowd.clear();
    CHECK(host.works());
    return;
  }
  CHECK(host.eventually([](const auto& t) { return t.handshakes_failed >= 1; }));
  CHECK(host.log.count("did not speak ZeroMQ") == 1);
  CHECK(host.works());
}

TEST_CASE("nodes of another cluster stay apart", "[strangers]") {
  host host;
  auto options = quick({host.node.endpoint()});
  options.cluster = "another";
  hearsay::node foreign(options);
  auto theirs = foreign.open<hearsay::g_counter>("n");
  theirs.update(plus(1000));
  CHECK(host.eventually([](const auto& t) { return t.refused_for(fault::cluster) > 0; }));
  CHECK(host.works());
  CHECK(theirs.value() == 1000);
  CHECK(foreign.stats().peers == 0);
}
