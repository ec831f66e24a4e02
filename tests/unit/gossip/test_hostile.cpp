// SPDX-License-Identifier: BSL-1.0
#include <hearsay/crdt.hpp>

#include "tests/catch.hpp"
#include "tests/unit/gossip/network.hpp"

using namespace test;
using namespace hearsay;
using gossip::event_kind;

namespace {

const replica_id stranger{0x1234};

/// An engine with a peer "n1" whose frames the test writes by hand.
struct bench {
  gossip::options options = [] {
    gossip::options all;
    all.endpoint = "n0";
    all.max_objects = 10;
    all.unopened_bytes = 1'000;
    all.max_origins = 20;
    return all;
  }();
  gossip::engine engine{
      options, replica(replica_id{1}, hearsay::clock([] { return std::uint64_t{1'700'000'000'000}; })), 1,
      0s};
  instant now = 0s;

  bench() { send(gossip::kind::hello, gossip::hello{"n1", true}); }

  wire::fault send(gossip::kind kind, const auto& body) { return raw(kind, wire::encode(body)); }
  wire::fault raw(gossip::kind kind, const bytes& body) {
    now += 1ms;
    const auto fault = engine.receive(
        wire::seal(static_cast<std::uint8_t>(kind), wire::cluster_tag(options.cluster), stranger, body), now);
    while (engine.poll()) {
    }
    return fault;
  }
  wire::fault send_batch(std::uint64_t lo, std::uint64_t hi, const bytes& body,
                         replica_id origin = replica_id{9}) {
    gossip::exchange exchange;
    exchange.runs.push_back({origin, {{lo, hi, body}}});
    return send(gossip::kind::exchange, exchange);
  }
  static bytes counter_batch(const std::string& name, std::uint64_t amount, timestamp newest = {}) {
    replica by(replica_id{9});
    g_counter counter;
    gossip::batch batch{newest, {}};
    batch.deltas.push_back(
        {{name, gossip::type_tag("g_counter")}, "g_counter", wire::encode(counter.increment(by, amount))});
    return wire::encode(batch);
  }
  bool told(event_kind kind) {
    for (const auto& each : engine.take_events()) {
      if (each.kind == kind) return true;
    }
    return false;
  }
};

}  // namespace

TEST_CASE("frames of another cluster or version, damaged or oversized ones are refused and counted") {
  bench b;
  const bytes good = wire::seal(2, wire::cluster_tag("hearsay"), stranger, wire::encode(gossip::digest{}));
  CHECK(b.engine.receive(good, 1s) == wire::fault::none);
  CHECK(b.engine.receive(wire::seal(2, wire::cluster_tag("other"), stranger, {}), 1s) ==
        wire::fault::cluster);
  CHECK(b.engine.receive(bytes(b.options.wire.frame_bytes + 1), 1s) == wire::fault::too_large);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CHECK(b.engine.receive(std::span(good).first(size), 1s) != wire::fault::none);
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    bytes flipped = good;
    flipped[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    CHECK(b.engine.receive(flipped, 1s) != wire::fault::none);
  }
  CHECK(b.engine.stats().refused == 2 + good.size() + good.size() * 8);
}

TEST_CASE("a malformed batch leaves everything as it was, and its sender is demoted") {
  bench b;
  auto counter = b.engine.open<g_counter>("c");
  const bytes good = bench::counter_batch("c", 7);
  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    b.send_batch(1, 1, bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
    REQUIRE(b.engine.versions().entries().empty());
  }
  // The first delta is good, the second is not: neither is merged.
  gossip::batch half;
  half.deltas.push_back(
      {{"c", gossip::type_tag("g_counter")}, {}, wire::decode<gossip::batch>(good).deltas[0].delta});
  half.deltas.push_back({{"c", gossip::type_tag("g_counter")}, {}, bytes(3)});
  b.send_batch(1, 1, wire::encode(half));
  CHECK(counter->read([](auto& c) { return c.value(); }) == 0);
  CHECK(b.told(event_kind::refused));
  b.engine.tick(b.now + 5s);
  for (auto out = b.engine.poll(); out; out = b.engine.poll()) {
    CHECK(static_cast<gossip::kind>(out->frame[3]) != gossip::kind::digest);
  }
  b.send_batch(1, 1, good);
  CHECK(counter->read([](auto& c) { return c.value(); }) == 7);
}

TEST_CASE("bodies of every kind, cut anywhere or changed anywhere, crash nothing") {
  replica by(replica_id{9});
  gossip::exchange exchange;
  exchange.runs.push_back(
      {replica_id{9}, {{1, 1, bench::counter_batch("c", 7)}, {2, 5, bench::counter_batch("c", 8)}}});
  exchange.request.add(2, 77, 3);
  exchange.missing = {{replica_id{3}, 4}, {replica_id{5}, 0}};
  gossip::digest digest{.hash = 12345, .wishes = 3, .hot = {}};
  digest.hot.add(0, 9, 2);
  digest.hot.add(5, 99, 2);
  gossip::offer offer{.vector = {{replica_id{3}, 4}}, .first = true, .last = true, .entries = {}};
  offer.entries.push_back({{"c", gossip::type_tag("g_counter")}, "g_counter", 5});
  const gossip::fetch fetch{.transfer = 1, .object = {"c", 2}, .page = true, .at = {}, .open = false};
  const gossip::chunk chunk{.transfer = 1, .object = {"c", 2}, .parts = {bytes(9)}};
  const std::vector<std::pair<gossip::kind, bytes>> bodies = {
      {gossip::kind::hello, wire::encode(gossip::hello{"n1", false})},
      {gossip::kind::digest, wire::encode(digest)},
      {gossip::kind::vector, wire::encode(gossip::full_vector{3, {{replica_id{3}, 4}}})},
      {gossip::kind::exchange, wire::encode(exchange)},
      {gossip::kind::offer, wire::encode(offer)},
      {gossip::kind::fetch, wire::encode(fetch)},
      {gossip::kind::chunk, wire::encode(chunk)},
  };
  std::mt19937_64 random(3);
  for (const auto& [kind, body] : bodies) {
    CAPTURE(static_cast<int>(kind));
    bench b;
    b.engine.open<g_counter>("c");
    REQUIRE(b.raw(kind, body) == wire::fault::none);
    REQUIRE(b.engine.stats().refused == 0);
    for (std::size_t size = 0; size < body.size(); ++size) {
      b.raw(kind, bytes(body.begin(), body.begin() + static_cast<std::ptrdiff_t>(size)));
      REQUIRE(b.engine.stats().refused == size + 1);
    }
    for (int i = 0; i < 3'000; ++i) {
      bytes changed = body;
      for (std::uint64_t n = random() % 3; n < 3; ++n) {
        changed[random() % changed.size()] = static_cast<std::byte>(random());
      }
      b.raw(kind, changed);
      b.engine.tick(b.now);
    }
    CHECK(b.engine.versions().entries().size() <= b.options.max_origins);
    CHECK(b.engine.objects().all().size() <= b.options.max_objects);
  }
}

TEST_CASE("the limits on objects, unopened bytes, origins and peers hold, and say so") {
  bench b;
  for (std::uint64_t i = 1; i <= 30; ++i)
    b.send_batch(i, i, bench::counter_batch("object " + std::to_string(i), 1));
  CHECK(b.engine.objects().all().size() == 10);
  CHECK(b.engine.versions().at(replica_id{9}) == 10);
  CHECK(b.told(event_kind::no_room));
  CHECK_THROWS_AS(b.engine.open<g_counter>("one more"), std::length_error);
  CHECK_NOTHROW(b.engine.open<g_counter>("object 3"));
  CHECK_THROWS_AS(b.engine.open<g_counter>(""), std::invalid_argument);
  CHECK_THROWS_AS(b.engine.open<g_counter>(std::string(257, 'x')), std::invalid_argument);

  bench origins;
  origins.engine.open<g_counter>("c");
  for (std::uint64_t i = 2; i <= 40; ++i)
    origins.send_batch(1, 1, bench::counter_batch("c", 1), replica_id{i});
  CHECK(origins.engine.versions().entries().size() == 20);

  bench raw;
  for (std::uint64_t i = 1; i <= 200; ++i) raw.send_batch(i, i, bench::counter_batch("never opened", i));
  CHECK(raw.engine.versions().at(replica_id{9}) < 200);
  CHECK(raw.engine.stats().no_room > 0);

  bench peers;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    const bytes hello = wire::encode(gossip::hello{"e" + std::to_string(i), true});
    peers.engine.receive(wire::seal(1, wire::cluster_tag("hearsay"), replica_id{1'000 + i}, hello),
                         peers.now);
  }
  CHECK(peers.engine.peers().all().size() == peers.options.max_peers);
}

TEST_CASE("batches that skip one are left for later, known ones are skipped, overlapping ones merge") {
  bench b;
  auto counter = b.engine.open<g_counter>("c");
  const auto value = [&] { return counter->read([](auto& c) { return c.value(); }); };
  b.send_batch(2, 3, bench::counter_batch("c", 3));
  CHECK(value() == 0);
  CHECK(b.engine.stats().gaps == 1);
  b.send_batch(1, 2, bench::counter_batch("c", 2));
  CHECK(value() == 2);
  b.send_batch(1, 2, bench::counter_batch("c", 2));
  CHECK(b.engine.stats().repeated == 1);
  b.send_batch(2, 5, bench::counter_batch("c", 5));
  CHECK(value() == 5);
  CHECK(b.engine.versions().at(replica_id{9}) == 5);
}

TEST_CASE("others who know later batches of this identity are reported, and nothing is taken from them") {
  bench b;
  gossip::full_vector vector{3, {{replica_id{1}, 5}}};
  b.send(gossip::kind::vector, vector);
  CHECK(b.told(event_kind::identity_taken));
  b.send_batch(1, 1, bench::counter_batch("c", 1), replica_id{1});
  CHECK(b.engine.versions().at(replica_id{1}) == 0);
}

TEST_CASE("a stamp that is later than its batch admits is refused") {
  bench b;
  auto map = b.engine.open<lww_map<std::string, std::uint64_t>>("m");
  replica by(replica_id{9}, hearsay::clock([] { return std::uint64_t{1'800'000'000'000}; }));
  lww_map<std::string, std::uint64_t> theirs;
  gossip::batch batch{timestamp::from_milliseconds(1'700'000'000'000), {}};
  batch.deltas.push_back({map->key(), {}, wire::encode(theirs.put(by, "k", 1))});
  b.send_batch(1, 1, wire::encode(batch));
  CHECK(b.told(event_kind::refused));
  CHECK(map->read([](auto& m) { return m.empty(); }));
}
