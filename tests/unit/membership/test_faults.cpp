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
