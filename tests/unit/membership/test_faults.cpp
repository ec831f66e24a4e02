// SPDX-License-Identifier: BSL-1.0
#include "tests/catch.hpp"
#include "tests/unit/membership/group.hpp"

using namespace test;

namespace {

TEST_CASE("lost frames kill nobody", "[membership]") {
  for (const std::uint64_t seed : {1u, 2u}) {
    INFO("seed " << seed);
    group all(seed, 24, {.latency_max = 5ms, .loss = 0.1});
    REQUIRE(all.settle(10s));
    all.run_for(300s);
    CHECK(all.count[event_kind::member_died] == 0);
    CHECK(all.settle(5s));
  }
}

TEST_CASE("a node that half the cluster cannot reach stays alive through others", "[membership]") {
  for (const std::uint64_t seed : {1u, 2u}) {
    INFO("seed " << seed);
    group all(seed, 16);
    REQUIRE(all.settle(5s));
    for (std::size_t i = 0; i < 16; ++i) {
      if (i != 5 && i % 2 == 0) all.cut(i, 5);
    }
    all.run_for(120s);
    CHECK(all.count[event_kind::member_died] == 0);
    // Whoever helped once is asked again, so suspicions are rare.
    CHECK(all.count[event_kind::member_suspected] < 16 * 40);
    all.heal();
    CHECK(all.settle(5s));
  }
}

TEST_CASE("a node that reaches one other only makes no healthy node call another one dead", "[membership]") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    INFO("seed " << seed);
    group all(seed, 12);
    REQUIRE(all.settle(5s));
    const std::size_t lonely = seed % 12, friendly = (lonely + 5) % 12;
    for (std::size_t i = 0; i < 12; ++i) {
      if (i == lonely || i == friendly) continue;
      all.cut(lonely, i);
      all.cut(i, lonely);
    }
    all.run_for(120s);
    const auto who = all[lonely].self().id();
    CHECK(std::ranges::count_if(all.events, [&](const auto& each) {
            const auto& [at, event] = each;
            return event.kind == event_kind::member_died && at != lonely && event.peer != who;
          }) == 0);
  }
}

TEST_CASE("after a long partition both sides find each other again", "[membership]") {
  for (const std::uint64_t seed : {1u, 2u}) {
    INFO("seed " << seed);
    auto options = group::one();
    options.seeds = {};  // nobody but the dead to try
    group all(seed, 1, {.latency_max = 5ms}, options);
    for (std::size_t i = 1; i < 16; ++i) all.add(group::one());
    REQUIRE(all.settle(5s));
    std::set<std::size_t> half;
    for (std::size_t i = 0; i < 8; ++i) half.insert(i);
    all.cut(half);
    all.run_for(1h);
    CHECK(all.count[event_kind::member_died] == 2 * 8 * 8);
    CHECK(all[0].members().size() == 8);
    all.heal();
    CHECK(all.settle(35s));
  }
}

TEST_CASE("after a minute apart two halves see each other within 3 s", "[membership]") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u}) {
    INFO("seed " << seed);
    auto options = group::one();
    options.seeds = {};  // nobody but the dead to try
    group all(seed, 1, {.latency_max = 5ms}, options);
    for (std::size_t i = 1; i < 12; ++i) all.add(group::one());
    REQUIRE(all.settle(5s));
    all.cut({0, 1, 2, 3, 4, 5});
    all.run_for(60s);
    CHECK(all.count[event_kind::member_died] == 2 * 6 * 6);
    all.heal();
    CHECK(all.settle(3s));
  }
}

TEST_CASE("who was cut off and took all others for dead convinces nobody when it is back", "[membership]") {
  for (const std::uint64_t seed : {1u, 2u, 3u, 4u, 5u}) {
    for (const std::size_t away : {1u, 6u}) {
      INFO("seed " << seed << ", away " << away);
      group all(seed, 12);
      REQUIRE(all.settle(5s));
      std::set<std::size_t> cut;
      for (std::size_t i = 1; i <= away; ++i) cut.insert(i);
      all.cut(cut);
      all.run_for(3min);
      CHECK(all.count[event_kind::member_died] == 2 * away * (12 - away));
      all.events.clear();
      all.heal();
      CHECK(all.settle(2s));
      all.run_for(10s);
      CHECK(all.settle(0s));
      for (const auto& [at, event] : all.events) CHECK(event.kind != event_kind::member_died);
    }
  }
}

TEST_CASE("nodes without time to run do not take healthy ones for dead", "[membership]") {
  group all(3, 24);
  REQUIRE(all.settle(5s));
  std::set<replica_id> healthy;
  for (std::size_t i = 3; i < 24; ++i) healthy.insert(all[i].self().id());
  for (int cycle = 0; cycle < 6; ++cycle) {
    for (std::size_t i = 0; i < 3; ++i) all.pause(i);
    all.run_for(5s);
    for (std::size_t i = 0; i < 3; ++i) all.resume(i);
    all.run_for(5s);
  }
  for (const auto& [at, event] : all.events) {
    if (event.kind == event_kind::member_died) CHECK_FALSE(healthy.contains(event.peer));
  }
}

TEST_CASE("a cluster that restarts its nodes again and again forgets them", "[membership]") {
  auto options = group::one();
  options.members->forget = 60s;
  group all(4, 6, {}, options);
  REQUIRE(all.settle(5s));
  std::size_t most = 0;
  for (int restart = 0; restart < 300; ++restart) {
    const std::size_t which = static_cast<std::size_t>(restart) % 6;
    all.crash(which);
    all.restart(which, options);
    all.run_for(2s);
    for (std::size_t i = 0; i < 6; ++i) most = std::max(most, all[i].known_members().all().size());
  }
  CHECK(most < 6 + 90 / 2);
  CHECK(all.settle(5s));
  all.run_for(120s);
  CHECK(all[0].known_members().all().size() == 6);
  CHECK(all.all_see(all.running()));
}

TEST_CASE("what cannot be read is refused, and nothing has changed", "[membership]") {
  group all(5, 2);
  REQUIRE(all.settle(5s));
  const auto before = all[0].known_members();
  const auto from = all[1].self().id();
  for (std::uint8_t kind = 8; kind < 12; ++kind) {
    const auto frame = hearsay::wire::seal(kind, hearsay::wire::cluster_tag("hearsay"), from,
                                           std::as_bytes(std::span("\xff\xff\xff\xff\xff\xff\xff")));
    all[0].receive(frame, all.now());
  }
  CHECK(all[0].stats().refused == 4);
  CHECK(all[0].known_members() == before);
}

}  // namespace
