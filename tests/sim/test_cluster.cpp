// SPDX-License-Identifier: BSL-1.0
#include <chrono>
#include <cstdint>
#include <hearsay/crdt.hpp>
#include <hearsay/sim.hpp>

#include "tests/catch.hpp"

using namespace hearsay;
using namespace std::chrono_literals;
using sim::cluster;

namespace {

void visit(cluster& all, std::size_t i) {
  all[i].update(
      all[i].open<g_counter>("visits"), [](auto& c, auto& me) { return c.increment(me); }, all.now());
}
std::uint64_t visits(cluster& all, std::size_t i) {
  return all[i].open<g_counter>("visits")->read([](const g_counter& c) { return c.value(); });
}
bool all_see(cluster& all, std::uint64_t count) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all.alive(i) && visits(all, i) != count) return false;
  }
  return true;
}

// Everything that arrives, in one number.
std::uint64_t trace(std::uint64_t seed) {
  cluster all(seed, {.latency_max = 30ms, .loss = 0.1, .duplicate = 0.1, .straggle = 0.01});
  all.add(sim::ring(6));
  std::uint64_t hash = 0;
  all.spy = [&](std::size_t from, std::size_t to, const bytes& frame) {
    hash = hash * 31 + wire::hash(frame) + from * 7 + to + static_cast<std::uint64_t>(all.now().count());
  };
  for (std::size_t i = 0; i < 6; ++i) {
    all.at(i * 10ms, [&all, i] { visit(all, i); });
  }
  all.run_for(5s);
  return hash;
}

}  // namespace

TEST_CASE("a run is a function of its seed") {
  CHECK(trace(1) == trace(1));
  CHECK(trace(2) == trace(2));
  CHECK(trace(1) != trace(2));
}

TEST_CASE("clusters of every topology become equal and fall silent") {
  for (const auto& nodes : {sim::full(8), sim::ring(12), sim::tree(15), sim::circulant(15, {1, 4}),
                            sim::random_links(20, 4, 5)}) {
    cluster all(nodes.size(), {.latency_max = 20ms, .loss = 0.2, .duplicate = 0.1});
    all.add(nodes);
    for (std::size_t i = 0; i < nodes.size(); ++i) visit(all, i);
    REQUIRE(all.run_until(all.now() + 120s, [&] { return all_see(all, nodes.size()) && all.equal(); }));
    all.run_for(5s);
    std::uint64_t sent = 0;
    for (std::size_t i = 0; i < all.size(); ++i) sent += all[i].stats().payload_out;
    all.run_for(20s);
    for (std::size_t i = 0; i < all.size(); ++i) sent -= all[i].stats().payload_out;
    CHECK(sent == 0);
  }
}

TEST_CASE("what is cut hears nothing until it is healed") {
  const std::function<void(cluster&)> cuts[] = {
      [](cluster& all) {
        all.cut({0, 1, 2, 3});
      },                                   // halves
      [](cluster& all) { all.cut({0}); },  // one alone
      [](cluster& all) {                   // one hears nobody
        for (std::size_t i = 1; i < 8; ++i) all.cut(i, 0);
      },
      [](cluster& all) {  // and its frames wait
        for (std::size_t i = 1; i < 8; ++i) all.clog(i, 0);
      },
  };
  for (const auto& cut : cuts) {
    cluster all(3);
    all.add(sim::full(8));
    all.run_for(1s);
    cut(all);
    visit(all, 7);
    all.run_for(10s);
    CHECK(visits(all, 0) == 0);
    CHECK(visits(all, 6) == 1);
    all.heal();
    CHECK(all.run_until(all.now() + 60s, [&] { return all_see(all, 1); }));
  }
}

TEST_CASE("of a one-way link the other way is still good: what A says comes to B through others") {
  cluster all(4);
  all.add(sim::full(4));
  all.cut(0, 1);
  visit(all, 0);
  CHECK(all.run_until(30s, [&] { return all_see(all, 1); }));
}

TEST_CASE("majorities around a ring converge while none of them is the same") {
  cluster all(5);
  all.add(sim::full(9));
  all.run_for(1s);
  all.cut_to_majorities(2);
  visit(all, 0);
  CHECK(all.run_until(all.now() + 60s, [&] { return all_see(all, 1); }));
}

TEST_CASE("a node that stands still catches up, one that crashes starts from nothing") {
  cluster all(6);
  const auto options = [&] {
    gossip::options one;
    for (std::size_t i = 0; i < 4; ++i) one.seeds.push_back(cluster::name(i));
    return one;
  }();
  for (int i = 0; i < 4; ++i) all.add(options);
  all.run_for(1s);
  all.pause(3);
  visit(all, 0);
  all.run_for(30s);
  CHECK(visits(all, 3) == 0);
  all.resume(3);
  CHECK(all.run_until(all.now() + 60s, [&] { return all_see(all, 1); }));
  const auto before = all[3].self().id();
  all.crash(3);
  CHECK_FALSE(all.alive(3));
  visit(all, 1);
  all.run_for(5s);
  all.restart(3, options);
  CHECK(all[3].self().id() != before);
  CHECK(all.run_until(all.now() + 60s, [&] { return all_see(all, 2); }));
}

TEST_CASE("a narrow link carries what it can, and loses what waits too long") {
  cluster all(7, {.bytes_per_second = 2'000, .queue_bytes = 4'000});
  all.add(sim::full(2));
  all.run_for(1s);
  auto set = all[0].open<or_set<std::string>>("set");
  const auto start = all.now();
  for (int i = 0; i < 200; ++i) {
    all[0].update(
        set, [&](auto& s, auto& me) { return s.add(me, "element number " + std::to_string(i)); }, all.now());
  }
  auto there = all[1].open<or_set<std::string>>("set");
  const auto size = [&] { return there->read([](auto& s) { return s.size(); }); };
  CHECK(all.run_until(all.now() + 60s, [&] { return size() == 200; }));
  CHECK(all.now() - start > 1500ms);  // some 4 kB at 2 kB a second
}

TEST_CASE("clocks that are off or drift do not keep anybody apart") {
  cluster all(8);
  all.add(sim::full(4));
  all.clock_of(0) = {.offset = -20'000};
  all.clock_of(1) = {.offset = 30'000, .drift = 200};
  all.clock_of(2) = {.drift = -500};
  using map = lww_map<std::string, std::uint64_t>;
  for (std::size_t i = 0; i < 4; ++i) all[i].open<map>("map");
  for (std::uint64_t k = 0; k < 40; ++k) {
    const std::size_t i = k % 4;
    all[i].update(
        all[i].open<map>("map"), [&](auto& m, auto& me) { return m.put(me, "key", k); }, all.now());
    REQUIRE(all.run_until(all.now() + 30s, [&] { return all.equal(); }));
    for (std::size_t j = 0; j < 4; ++j) {  // each write has seen the one before, so it wins
      REQUIRE(all[j].open<map>("map")->read([](auto& m) { return *m.get("key"); }) == k);
    }
  }
}
