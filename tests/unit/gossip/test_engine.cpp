// SPDX-License-Identifier: BSL-1.0
#include <hearsay/crdt.hpp>

#include "tests/catch.hpp"
#include "tests/unit/gossip/network.hpp"

using namespace test;
using hearsay::g_counter;
using names = hearsay::or_set<std::string>;
using scores = hearsay::lww_map<std::string, std::uint64_t>;

namespace {

auto one_more = [](auto& counter, auto& me) { return counter.increment(me); };
auto value = [](const auto& counter) { return counter.value(); };

std::uint64_t total(const network& net, std::uint64_t gossip::counters::*what) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < net.size(); ++i) sum += net[i].stats().*what;
  return sum;
}

bool has_event(gossip::engine& engine, gossip::event_kind kind, const std::string& text = {}) {
  for (const auto& each : engine.take_events()) {
    if (each.kind == kind && each.text.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("an update reaches every engine, each exactly once where nothing is lost") {
  network net(1);
  for (std::size_t i = 0; i < 6; ++i) net.add(network::defaults(6));
  net.run_for(1s);
  auto first = net[0].open<g_counter>("visits");
  net[0].update(
      first, [](auto& counter, auto& me) { return counter.increment(me, 5); }, net.now());
  REQUIRE(
      net.run_until(net.now() + 5s, [&] { return net[5].versions().entries().size() == 1 && net.quiet(); }));
  for (std::size_t i = 0; i < net.size(); ++i) CHECK(net[i].open<g_counter>("visits")->read(value) == 5);
  CHECK(total(net, &gossip::counters::merged) == 5);
  CHECK(total(net, &gossip::counters::repeated) == 0);
  CHECK(total(net, &gossip::counters::gaps) == 0);
}

TEST_CASE("a million increments between two flushes are one batch of a few bytes") {
  network net(2);
  for (std::size_t i = 0; i < 2; ++i) net.add(network::defaults(2));
  net.run_for(1s);
  auto counter = net[0].open<g_counter>("c");
  for (int i = 0; i < 1'000'000; ++i) net[0].update(counter, one_more, net.now());
  REQUIRE(net.run_until(net.now() + 5s, [&] { return net.quiet(); }));
  CHECK(net[1].open<g_counter>("c")->read(value) == 1'000'000);
  CHECK(net[0].stats().flushed == 1);
  CHECK(net[1].stats().payload_in <= 40);
}

TEST_CASE("engines with nothing to tell send one small digest a second and nothing else") {
  network net(3);
  for (std::size_t i = 0; i < 3; ++i) net.add(network::defaults(3));
  auto counter = net[0].open<g_counter>("c");
  net[0].update(counter, one_more, net.now());
  net.run_for(30s);
  const auto before = net[1].stats();
  net.run_for(60s);
  const auto after = net[1].stats();
  const std::uint64_t digests = after.frames_out[2] - before.frames_out[2];
  CHECK(digests >= 55);
  CHECK(digests <= 70);
  const std::uint64_t body =
      (after.bytes_out[2] - before.bytes_out[2]) / digests - hearsay::wire::frame_overhead;
  CHECK(body <= 24);
  for (const auto kind :
       {gossip::kind::vector, gossip::kind::exchange, gossip::kind::offer, gossip::kind::fetch}) {
    CHECK(after.frames_out[static_cast<std::size_t>(kind)] ==
          before.frames_out[static_cast<std::size_t>(kind)]);
  }
}

TEST_CASE("a seed that does not answer is greeted for ever, after pauses that double up to a limit") {
  std::vector<std::vector<duration>> all;
  for (const std::uint64_t seed : {1, 2}) {
    gossip::options options;
    options.seeds = {"nowhere"};
    instant now = 1h;
    gossip::engine one(options, hearsay::replica(hearsay::replica_id{seed}), seed, now);
    std::vector<duration> pauses;
    instant last = now;
    std::vector<instant> told;
    for (; now < 3h; now = std::max(now, one.next_tick())) {
      one.tick(now);
      while (const auto sent = one.poll()) {
        CHECK(sent->endpoint == "nowhere");
        if (now > last) pauses.push_back(now - last);
        last = now;
      }
      if (has_event(one, gossip::event_kind::seed_silent, "nowhere")) told.push_back(now);
    }
    const auto& given = one.options();
    duration least = given.hello_min;
    for (const duration pause : pauses) {
      CHECK(pause >= least);
      CHECK(pause <= least * 5 / 4 + 1ms);
      least = std::min(2 * least, given.hello_max);
    }
    CHECK(std::ssize(pauses) > 2h / (given.hello_max * 5 / 4));
    REQUIRE(told.size() == 1);
    CHECK(told[0] < 1h + 5s);
    all.push_back(std::move(pauses));
  }
  CHECK(all[0] != all[1]);  // no two nodes march in step
}

TEST_CASE("an object that is open and empty at one node only is no difference to repair") {
  network net(4);
  for (std::size_t i = 0; i < 3; ++i) net.add(network::defaults(3));
  net[0].open<hearsay::or_set<std::string>>("nothing in it");
  net[0].update(net[0].open<g_counter>("c"), one_more, net.now());
  for (std::size_t i = 1; i < 3; ++i) net[i].open<g_counter>("c");
  net.run_for(60s);
  CHECK(net.equal());
  CHECK(total(net, &gossip::counters::unequal) == 0);
  CHECK(total(net, &gossip::counters::offers) == 0);
}

TEST_CASE("push alone and pull alone bring an update everywhere") {
  for (const auto mode : {gossip::mode::push, gossip::mode::pull, gossip::mode::push_pull}) {
    for (const unsigned fanout : {1u, 3u}) {
      CAPTURE(static_cast<int>(mode), fanout);
      network net(4);
      auto options = network::defaults(8);
      options.mode = mode;
      options.fanout = fanout;
      for (std::size_t i = 0; i < 8; ++i) net.add(options);
      net.run_for(1s);
      auto counter = net[3].open<g_counter>("c");
      net[3].update(counter, one_more, net.now());
      CHECK(net.run_until(net.now() + 30s,
                          [&] { return net[0].versions().entries().size() == 1 && net.quiet(); }));
    }
  }
}

TEST_CASE("a node that was away longer than the log reaches is brought up to date by whole objects") {
  network net(5);
  auto options = network::defaults(3);
  options.log_bytes = 20'000;
  options.flush_bytes = 2'000;
  options.chunk_bytes = 3'000;
  options.silence = 1s;
  for (std::size_t i = 0; i < 3; ++i) net.add(options);
  for (std::size_t i = 0; i < 3; ++i) {
    for (const char* name : {"same", "names"}) net[i].open<names>(name);
    net[i].open<scores>("scores");
    net[i].open<g_counter>("counter");
  }
  auto same = net[0].open<names>("same");
  net[0].update(
      same, [](auto& set, auto& me) { return set.add(me, std::string(5'000, 's')); }, net.now());
  net.run_for(2s);
  REQUIRE(net.quiet());

  net.cut({2});
  auto set = net[0].open<names>("names");
  auto map = net[1].open<scores>("scores");
  auto counter = net[2].open<g_counter>("counter");
  std::size_t differing = 0;
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    net[0].update(
        set, [&](auto& s, auto& me) { return s.add(me, "name " + std::to_string(i)); }, net.now());
    net[1].update(
        map, [&](auto& m, auto& me) { return m.put(me, "key " + std::to_string(i % 50), i); }, net.now());
    net[2].update(counter, one_more, net.now());
    net.run_for(5ms);
  }
  net.run_for(1s);
  REQUIRE(net[1].log().floor(net[0].self().id()) > 0);
  differing = set->read([](const auto& s) { return hearsay::wire::encode(s).size(); }) +
              map->read([](const auto& m) { return hearsay::wire::encode(m).size(); });
  const std::uint64_t before = net[2].stats().payload_in;
  net.heal();
  REQUIRE(net.run_until(net.now() + 60s, [&] { return net.quiet(); }));
  CHECK(net[2].stats().transfers >= 1);
  CHECK(net[2].open<names>("names")->read([](const auto& s) { return s.size(); }) == 2'000);
  CHECK(net[0].open<g_counter>("counter")->read(value) == 2'000);
  CHECK(net[2].open<names>("names")->hash() == set->hash());
  CHECK(net[2].open<scores>("scores")->hash() == map->hash());
  // What is equal already is not sent, and what differs about once.
  CHECK(net[2].stats().payload_in - before <= differing * 13 / 10);
}

TEST_CASE("objects that nobody opened are kept, relayed, and merged when they are opened") {
  network net(6);
  // 0 and 2 know only 1, and 1 opens nothing.
  for (std::size_t i = 0; i < 3; ++i) {
    auto options = network::defaults(3);
    options.seeds = {network::name(1)};
    net.add(options);
  }
  auto set = net[0].open<names>("names");
  net[0].update(
      set, [](auto& s, auto& me) { return s.add(me, "ann"); }, net.now());
  net.run_for(2s);
  net[0].update(
      set, [](auto& s, auto& me) { return s.add(me, "bob"); }, net.now());
  net[0].update(
      set, [](auto& s, auto& me) { return s.remove(me, "ann"); }, net.now());
  net.run_for(2s);
  REQUIRE(net.quiet());
  CHECK(has_event(net[1], gossip::event_kind::object_heard, "or_set<string>"));
  CHECK(net[2].open<names>("names")->hash() == set->hash());
  auto late = net[1].open<names>("names");
  CHECK(late->hash() == set->hash());
  net[1].update(
      late, [](auto& s, auto& me) { return s.remove(me, "bob"); }, net.now());
  net.run_for(2s);
  CHECK(set->read([](const auto& s) { return s.empty(); }));
}

TEST_CASE("an unopened object keeps each delta once, however often it comes") {
  gossip::unopened one({"names", 1}, "or_set<string>");
  const hearsay::bytes first(3, std::byte{1}), second(3, std::byte{2});
  for (int times = 0; times < 3; ++times) {
    for (const auto& each : {first, second}) CHECK(one.merge(*one.decode(each, {})).news == (times == 0));
  }
  CHECK(one.pieces().size() == 2);
  CHECK(one.size_bytes() == 6);
}

TEST_CASE("an unopened object survives a transfer of whole objects") {
  network net(7);
  auto options = network::defaults(2);
  options.log_bytes = 1'000;
  options.flush_bytes = 200;
  net.add(options);
  auto set = net[0].open<names>("names");
  for (int i = 0; i < 500; ++i) {
    net[0].update(
        set, [&](auto& s, auto& me) { return s.add(me, std::to_string(i)); }, net.now());
    net.run_for(10ms);
  }
  net.add(options);
  net.run_for(5s);
  REQUIRE(net.quiet());
  REQUIRE(net[1].stats().transfers == 1);
  net.crash(0);
  CHECK(net[1].open<names>("names")->hash() == set->hash());
}

TEST_CASE("one name as two types is two objects, and an event names both types") {
  network net(8);
  for (std::size_t i = 0; i < 2; ++i) net.add(network::defaults(2));
  auto counter = net[0].open<g_counter>("thing");
  auto set = net[1].open<names>("thing");
  net[0].update(counter, one_more, net.now());
  net[1].update(
      set, [](auto& s, auto& me) { return s.add(me, "ann"); }, net.now());
  net.run_for(3s);
  CHECK(net.quiet());
  CHECK(has_event(net[0], gossip::event_kind::type_conflict,
                  "'thing' is a g_counter here and a or_set<string>"));
  CHECK(has_event(net[1], gossip::event_kind::type_conflict,
                  "'thing' is a or_set<string> here and a g_counter"));
  CHECK(net[1].open<g_counter>("thing")->read(value) == 1);
  CHECK(net[0].open<names>("thing")->hash() == set->hash());
}

TEST_CASE("a stamp far in the future waits until its time has come, and nothing is lost") {
  network net(9);
  for (std::size_t i = 0; i < 3; ++i) net.add(network::defaults(3));
  net.run_for(1s);
  net.clock_of(0).offset = 90'000;
  auto map = net[0].open<scores>("scores");
  net[0].update(
      map, [](auto& m, auto& me) { return m.put(me, "a", 1); }, net.now());
  net.run_for(5s);
  auto other = net[1].open<scores>("scores");
  CHECK(other->read([](const auto& m) { return m.empty(); }));
  CHECK(net[1].stats().future > 0);
  CHECK(has_event(net[1], gossip::event_kind::future_stamp));
  // Others go on meanwhile, and a later write of theirs is not above a stamp that they refused.
  net[1].update(
      other, [](auto& m, auto& me) { return m.put(me, "b", 2); }, net.now());
  REQUIRE(net.run_until(net.now() + 5s,
                        [&] { return map->read([](const auto& m) { return m.contains("b"); }); }));
  net[1].self().time().witness({});
  CHECK(net[1].self().time().now().milliseconds() < net[1].self().time().wall() + 1'000);
  REQUIRE(net.run_until(net.now() + 60s, [&] { return net.quiet(); }));
  CHECK(other->hash() == map->hash());
  CHECK(net[2].open<scores>("scores")->hash() == map->hash());
}

TEST_CASE("a clock that steps back an hour does not lose a causally later write") {
  network net(10);
  for (std::size_t i = 0; i < 2; ++i) net.add(network::defaults(2));
  auto a = net[0].open<scores>("scores");
  auto b = net[1].open<scores>("scores");
  net[0].update(
      a, [](auto& m, auto& me) { return m.put(me, "k", 1); }, net.now());
  net.run_for(1s);
  net.clock_of(0).offset = net.clock_of(1).offset = -3'600'000;
  net[1].update(
      b, [](auto& m, auto& me) { return m.put(me, "k", 2); }, net.now());
  net.run_for(1s);
  CHECK(*a->read([](const auto& m) { return m.get("k"); }) == 2);
}

TEST_CASE("a restarted process at the same endpoint is a new peer at once") {
  network net(11);
  for (std::size_t i = 0; i < 3; ++i) net.add(network::defaults(3));
  auto counter = net[0].open<g_counter>("c");
  net[0].update(counter, one_more, net.now());
  net.run_for(2s);
  net.crash(2);
  net.run_for(1s);
  net.restart(2, network::defaults(3));
  REQUIRE(net.run_until(net.now() + 5s, [&] { return net[2].open<g_counter>("c")->read(value) == 1; }));
  net[2].update(net[2].open<g_counter>("c"), one_more, net.now());
  REQUIRE(net.run_until(net.now() + 5s, [&] { return counter->read(value) == 2; }));
  CHECK(net[0].peers().known() == 2);
}

TEST_CASE("a listener hears the news alone, and one that throws harms nothing") {
  network net(12);
  for (std::size_t i = 0; i < 2; ++i) net.add(network::defaults(2));
  auto here = net[0].open<names>("names");
  auto there = net[1].open<names>("names");
  std::vector<std::size_t> news;
  there->on_change([&](const names& now, const names& more) {
    news.push_back(more.size());
    CHECK(now.size() >= more.size());
    throw std::runtime_error("no");
  });
  for (const char* name : {"ann", "bob"}) {
    net[0].update(
        here, [&](auto& s, auto& me) { return s.add(me, name); }, net.now());
    net.run_for(1s);
  }
  CHECK(news == std::vector<std::size_t>{1, 1});
  CHECK(has_event(net[1], gossip::event_kind::listener_failed, "no"));
  CHECK(there->hash() == here->hash());
}

TEST_CASE("one id in two live replicas is reported by both sides, and harms nothing else") {
  network net(14);
  for (std::size_t i = 0; i < 2; ++i) net.add(network::defaults(2));
  for (std::size_t i = 0; i < 2; ++i) {
    net[i].update(
        net[i].open<names>("names"),
        [&](auto& s, auto&) {
          hearsay::replica copied(hearsay::replica_id{7});  // as in a copied process
          return s.add(copied, i == 0 ? "ann" : "bob");
        },
        net.now());
  }
  net.run_for(1s);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(has_event(net[i], gossip::event_kind::id_collision, "0000000000000007:1"));
    CHECK(net[i].stats().collisions != 0);
    net[i].update(net[i].open<g_counter>("c"), one_more, net.now());
  }
  net.run_for(1s);
  CHECK(net[0].open<g_counter>("c")->read(value) == 2);
  CHECK(net[1].open<g_counter>("c")->read(value) == 2);
}

TEST_CASE("an exception in an update passes through, and what changed before it is sent") {
  network net(13);
  for (std::size_t i = 0; i < 2; ++i) net.add(network::defaults(2));
  auto here = net[0].open<names>("names");
  const auto half = [](names& set, hearsay::replica& me) -> names {
    set.add(me, "ann");
    throw std::runtime_error("half way");
  };
  CHECK_THROWS_AS(net[0].update(here, half, net.now()), std::runtime_error);
  net.run_for(2s);
  CHECK(net[1].open<names>("names")->read([](const auto& s) { return s.contains("ann"); }));
}

TEST_CASE("what a dead identity gave away without a number still reaches everybody") {
  network net(14);
  auto options = network::defaults(3);
  options.log_bytes = 1'000;
  options.flush_bytes = 200;
  options.chunk_bytes = 300;
  for (std::size_t i = 0; i < 3; ++i) net.add(options);
  for (std::size_t i = 0; i < 3; ++i) net[i].open<names>("names");
  net.run_for(1s);
  net.cut({0});
  auto set = net[0].open<names>("names");
  for (int i = 0; i < 300; ++i) {
    net[0].update(
        set, [&](auto& s, auto& me) { return s.add(me, "name " + std::to_string(i)); }, net.now());
    net.run_for(10ms);
  }
  net.heal();
  // Node 0 dies when it has given away a part of the set, to one or both of the others.
  REQUIRE(net.run_until(net.now() + 10s,
                        [&] { return net[1].stats().payload_in + net[2].stats().payload_in > 1'000; }));
  net.restart(0, options);
  REQUIRE(net.run_until(net.now() + 5s, [&] { return net.quiet(); }));
  const auto size = [&](std::size_t i) {
    return net[i].open<names>("names")->read([](auto& s) { return s.size(); });
  };
  CHECK(net.run_until(net.now() + 200s,
                      [&] { return size(0) > 0 && size(0) == size(1) && size(1) == size(2); }));
  CHECK(size(0) < 300);
}
