// SPDX-License-Identifier: BSL-1.0
#include "tests/catch.hpp"
#include "tests/unit/membership/group.hpp"

using namespace test;

namespace {

constexpr std::uint64_t seeds[] = {1, 2, 3};

TEST_CASE("nodes that share one seed all know each other, and then are calm", "[membership]") {
  for (const std::uint64_t seed : seeds) {
    INFO("seed " << seed);
    group all(seed, 32);
    CHECK(all.settle(2s));
    all.run_for(60s);
    CHECK(all.all_see(all.running()));
    CHECK(all.count[event_kind::member_joined] == 32 * 31);
    CHECK(all.count[event_kind::member_suspected] == 0);
    CHECK(all[5].detector()->health() == 0);
  }
}

TEST_CASE("a killed node is suspected soon, and dead everywhere soon after", "[membership]") {
  for (const std::uint64_t seed : seeds) {
    INFO("seed " << seed);
    group all(seed, 16);
    REQUIRE(all.settle(5s));
    const replica_id killed = all[7].self().id();
    all.crash(7);
    CHECK(all.run_until(all.now() + 1600ms, [&] { return all.count[event_kind::member_suspected] != 0; }));
    CHECK(all.run_until(all.now() + 2s, [&] { return all.all_see(all.running()); }));
    CHECK(all.belief(3, killed) == status::dead);
    CHECK(all.count[event_kind::member_died] == 15);
  }
}

TEST_CASE("where connections broke, neighbours on the ring probe at once", "[membership]") {
  for (const std::uint64_t seed : seeds) {
    INFO("seed " << seed);
    group all(seed, 16);
    REQUIRE(all.settle(5s));
    all.run_for(2s);
    const auto all_lose = [&](std::size_t whom) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (i != whom && all.alive(i)) all[i].lost(group::name(whom), all.now());
      }
    };
    const auto pings = [&] {
      std::uint64_t sent = 0;
      for (std::size_t i = 0; i < all.size(); ++i)
        sent += all[i].stats().frames_out[static_cast<std::size_t>(gossip::kind::ping)];
      return sent;
    };
    const auto before = pings();
    all_lose(3);
    CHECK(pings() - before == membership::options().confirmers);
    all.run_for(3s);
    CHECK(all.count[event_kind::member_suspected] == 0);
    all.crash(7);
    all_lose(7);
    CHECK(all.run_until(all.now() + 520ms, [&] { return all.count[event_kind::member_suspected] != 0; }));
    CHECK(all.run_until(all.now() + 600ms, [&] { return all.all_see(all.running()); }));
  }
}

// A suspicion of nobody else's took longer than all confirmations together, so the last of these ended it in
// the past; its timer was then taken for one that came late.
TEST_CASE("a confirmation that ends a suspicion does not look as if time had stood still", "[membership]") {
  for (const std::uint64_t seed : {1u, 2u, 3u}) {
    INFO("seed " << seed);
    group all(seed, 64);
    REQUIRE(all.settle(5s));
    all.run_for(2s);
    all.crash(7);
    unsigned worst = 0;
    const auto everybody_knows = [&] {
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (all.alive(i)) worst = std::max(worst, all[i].detector()->health());
      }
      return all.all_see(all.running());
    };
    CHECK(all.run_until(all.now() + 5s, everybody_knows));
    CHECK(worst == 0);
  }
}

TEST_CASE("members that are idle compare what they know with answers, and send digests only to audit",
          "[membership]") {
  group all(6, 16);
  REQUIRE(all.settle(5s));
  all.run_for(10s);
  const auto sent = [&](gossip::kind kind) {
    std::uint64_t frames = 0;
    for (std::size_t i = 0; i < all.size(); ++i)
      frames += all[i].stats().frames_out[static_cast<std::size_t>(kind)];
    return frames;
  };
  const auto digests = sent(gossip::kind::digest), pings = sent(gossip::kind::ping);
  all.run_for(60s);
  CHECK(sent(gossip::kind::digest) - digests <= 16 * 7);
  CHECK(sent(gossip::kind::ping) - pings <= 16 * 61);
}

TEST_CASE("a member that stood still is suspected and says that it is alive", "[membership]") {
  group all(4, 16);
  REQUIRE(all.settle(5s));
  const replica_id slow = all[3].self().id();
  const auto before = all[3].known_members().find(slow)->incarnation;
  all.pause(3);
  REQUIRE(all.run_until(all.now() + 5s, [&] { return all.count[event_kind::member_suspected] != 0; }));
  all.resume(3);
  CHECK(all.settle(2s));
  CHECK(all.count[event_kind::member_cleared] > 0);
  CHECK(all.count[event_kind::member_died] == 0);
  CHECK(all[8].known_members().find(slow)->incarnation > before);
}

TEST_CASE("who was believed dead and wakes up is alive again at once, and takes nobody along",
          "[membership]") {
  group all(5, 16);
  REQUIRE(all.settle(5s));
  all.pause(3);
  all.run_for(20s);
  CHECK(all.count[event_kind::member_died] == 15);
  all.resume(3);
  CHECK(all.settle(2s));
  CHECK(all.count[event_kind::member_died] == 15);
}

TEST_CASE("a restarted process takes over at once", "[membership]") {
  for (const bool set_back : {false, true}) {
    INFO("clock set back: " << set_back);
    group all(6, 16);
    REQUIRE(all.settle(5s));
    const replica_id old = all[9].self().id();
    all.crash(9);
    if (set_back) all.clock_of(9).offset = -30'000;
    all.restart(9, group::one());
    CHECK(all.settle(500ms));
    // With its clock set back it seems to be the older one, and the old one is found out like any other.
    CHECK(all.run_until(all.now() + (set_back ? 4s : 500ms),
                        [&] { return all.belief(1, old) == status::dead; }));
    if (!set_back) CHECK(all.count[event_kind::member_refused] == 0);
  }
}

TEST_CASE("a process with the name of a dead one takes over from another address", "[membership]") {
  auto named = group::one();
  named.members->name = "the third";
  group all(7, 8);
  all.add(named);
  REQUIRE(all.settle(5s));
  all.crash(8);
  all.add(named);
  CHECK(all.settle(2s));
  CHECK(all.count[event_kind::member_refused] == 0);
}

TEST_CASE("a name that is taken is refused, and everybody is told", "[membership]") {
  auto named = group::one();
  named.members->name = "the third";
  group all(8, 8);
  all.add(named);
  REQUIRE(all.settle(5s));
  auto rightful = all.running();
  all.add(named);
  all.run_for(5s);
  CHECK(all.all_see(rightful));
  CHECK(all.count[event_kind::member_refused] == 10);
  CHECK(all.count[event_kind::member_died] == 0);
  // Once the first has gone the name is free.
  all.crash(8);
  rightful = all.running();
  CHECK(all.run_until(all.now() + 5s, [&] { return all.all_see(rightful); }));
}

TEST_CASE("an address that is taken is refused", "[membership]") {
  group all(9, 8);
  REQUIRE(all.settle(5s));
  const auto rightful = all.running();
  // Somebody says that it is where node 7 is, which lives.
  const auto hello = hearsay::wire::seal(static_cast<std::uint8_t>(gossip::kind::hello),
                                         hearsay::wire::cluster_tag("hearsay"), replica_id{77},
                                         hearsay::wire::encode(gossip::hello{"n7", false}));
  all[0].receive(hello, all.now());
  all.run_for(5s);
  CHECK(all.all_see(rightful));
  CHECK(all.count[event_kind::member_refused] == 1);
  CHECK(all.events.back().second.text.find("n7") != std::string::npos);
}

TEST_CASE("a node of another cluster is refused and reported", "[membership]") {
  group all(10, 3);
  auto other = group::one();
  other.cluster = "another";
  all.add(other);
  all.run_for(10s);
  CHECK(all[0].members().size() == 3);
  CHECK(all[3].members().size() == 1);
  CHECK(all.count[event_kind::other_cluster] >= 1);
  CHECK(all.count[event_kind::seed_silent] == 1);  // which the other one is told
}

TEST_CASE("an incarnation far ahead is refused and reported, until its time has come", "[membership]") {
  group all(11, 3);
  REQUIRE(all.settle(5s));
  const auto rightful = all.running();
  all.add(group::one());
  all.crash(3);
  all.clock_of(3).offset = 3'600'000;
  all.restart(3, group::one());
  all.run_for(10s);
  CHECK(all[0].members().size() == 3);
  CHECK(all.count[event_kind::future_stamp] > 0);
}

TEST_CASE("seeds that are down are tried until they are there", "[membership]") {
  group all(12);
  for (int i = 0; i < 5; ++i) all.add(group::one());
  all.crash(0);
  all.run_for(100s);
  CHECK(all[1].members().size() == 1);
  CHECK(all.count[event_kind::seed_silent] == 4);  // once each
  all.restart(0, group::one());
  CHECK(all.settle(45s));
}

TEST_CASE("tags are told to everybody, with an event", "[membership]") {
  auto tagged = group::one();
  tagged.members->tags = {{"zone", "a"}};
  group all(13, 8, {}, tagged);
  REQUIRE(all.settle(5s));
  CHECK(all.count[event_kind::member_changed] == 0);
  const auto told = [&](const std::string& zone) {
    return [&all, zone] {
      const auto* one = all[6].known_members().find(all[2].self().id());
      return one != nullptr && one->about.tags.at("zone") == zone;
    };
  };
  CHECK(told("a")());
  all[2].set_tags({{"zone", "b"}}, all.now());
  CHECK(all.run_until(all.now() + 1s, told("b")));
  all.run_for(1s);
  CHECK(all.count[event_kind::member_changed] == 7);
  CHECK_THROWS_AS(all[2].set_tags({{"zone", std::string(5000, 'b')}}, all.now()), std::invalid_argument);
}

TEST_CASE("who leaves hands over its last batch first", "[membership]") {
  for (const std::uint64_t seed : seeds) {
    INFO("seed " << seed);
    group all(seed, 16, {.latency_max = 5ms, .loss = 0.2});
    std::vector<std::shared_ptr<gossip::replicated<hearsay::g_counter>>> open;
    for (std::size_t i = 0; i < 16; ++i) open.push_back(all[i].open<hearsay::g_counter>("visits"));
    REQUIRE(all.settle(20s));
    const replica_id gone = all[4].self().id();
    all[4].update(
        open[4], [](auto& counter, auto& me) { return counter.increment(me, 5); }, all.now());
    all[4].leave(all.now());
    REQUIRE(all.run_until(all.now() + 3s, [&] { return all[4].left(all.now()); }));
    all.crash(4);
    CHECK(all.run_until(all.now() + 3s, [&] {
      for (std::size_t i = 0; i < 16; ++i) {
        if (i != 4 && open[i]->read([](const auto& counter) { return counter.value(); }) != 5) return false;
      }
      return true;
    }));
    CHECK(all.settle(5s));
    CHECK(all.belief(0, gone) == status::left);
    CHECK(all.count[event_kind::member_died] == 0);
  }
}

TEST_CASE("who leaves does not wait for a member that says nothing", "[membership]") {
  for (const std::uint64_t seed : seeds) {
    INFO("seed " << seed);
    group all(seed, 3);
    REQUIRE(all.settle(20s));
    all.pause(1);
    all[2].leave(all.now());
    CHECK(all.run_until(all.now() + 1500ms, [&] { return all[2].left(all.now()); }));
  }
}

TEST_CASE("who leaves while nobody answers waits in vain", "[membership]") {
  group all(1, 2);
  REQUIRE(all.settle(20s));
  all.pause(0);
  all[1].leave(all.now());
  CHECK_FALSE(all.run_until(all.now() + 4900ms, [&] { return all[1].left(all.now()); }));
  CHECK(all.run_until(all.now() + 200ms, [&] { return all[1].left(all.now()); }));
}

}  // namespace
