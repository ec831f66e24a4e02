// SPDX-License-Identifier: BSL-1.0
#include <set>

#include "group.hpp"
#include "tests/catch.hpp"

namespace {

using namespace test;
using names = hearsay::or_set<std::string>;

gossip::options forgetful() {
  auto options = group::one();
  options.members->forget = 60s;
  options.members->fold = 2s;
  options.members->keep_removals = 40s;
  return options;
}

void add(group& all, std::size_t i, const std::string& element) {
  all[i].update(
      all[i].open<names>("names"), [&](auto& set, auto& me) { return set.add(me, element); }, all.now());
}

void remove(group& all, std::size_t i, const std::string& element) {
  all[i].update(
      all[i].open<names>("names"), [&](auto& set, auto& me) { return set.remove(me, element); }, all.now());
}

std::size_t writers(group& all, std::size_t i) {
  return all[i].open<names>("names")->read([](const names& set) { return set.context().replicas(); });
}

std::set<std::string> elements(group& all, std::size_t i) {
  return all[i].open<names>("names")->read(
      [](const names& set) { return std::set<std::string>(set.begin(), set.end()); });
}

std::size_t size(group& all, std::size_t i) {
  return all[i].open<names>("names")->read([](const names& set) { return set.size(); });
}

TEST_CASE("what grows with every restart of a node is folded away", "[membership]") {
  const auto restarts = static_cast<int>(hearsay::sim::seeds(400, 10'000).size());
  auto options = forgetful();
  group all(1, 4, {.latency_max = 5ms}, options);
  REQUIRE(all.settle(5s));
  for (std::size_t i = 0; i < 4; ++i) all[i].open<names>("names");
  std::size_t origins = 0, members = 0, log = 0;
  for (int restart = 0; restart < restarts; ++restart) {
    const auto which = static_cast<std::size_t>(restart) % 4;
    add(all, which, std::to_string(restart));
    all.run_for(2s);
    all.crash(which);
    all.restart(which, options).open<names>("names");
    all.run_for(2s);
    for (std::size_t i = 0; i < 4; ++i) {
      origins = std::max(origins, all[i].versions().entries().size());
      members = std::max(members, all[i].known_members().all().size());
      log = std::max(log, all[i].log().intervals());
    }
  }
  // A process every 4 s, remembered for 60 to 75 s, and two looks at who is gone, 2 s apart.
  CHECK(members < 4 + 75 / 4 + 5);
  CHECK(origins < 4 + 80 / 4 + 10);
  CHECK(log < 1'000);
  all.run_for(30s);
  for (std::size_t i = 0; i < 4; ++i) CHECK(size(all, i) == static_cast<std::size_t>(restarts));
  CHECK(all.equal());
  all.run_for(3min);
  CHECK(all[0].known_members().all().size() == 4);
  CHECK(all[0].versions().entries().size() <= 4 + 1);
  CHECK(all.quiet());
}

TEST_CASE("objects forget the writers that are gone when nothing of them is left", "[membership]") {
  const auto restarts = static_cast<int>(hearsay::sim::seeds(300, 10'000).size());
  auto options = forgetful();
  group all(1, 4, {.latency_max = 5ms, .loss = 0.02}, options);
  REQUIRE(all.settle(5s));
  std::size_t most = 0, unequal = 0;
  for (int restart = 0; restart < restarts; ++restart) {
    const auto which = static_cast<std::size_t>(restart) % 4;
    add(all, which, std::to_string(restart));
    all.run_for(2s);
    for (const auto& old : elements(all, (which + 1) % 4)) {
      if (std::stoi(old) + 10 <= restart) remove(all, (which + 1) % 4, old);
    }
    const std::uint64_t before = all[which].stats().unequal;
    all.crash(which);
    all.restart(which, options).open<names>("names");
    all.run_for(2s);
    unequal += before;
    for (std::size_t i = 0; i < 4; ++i) most = std::max(most, writers(all, i));
  }
  // A process every 4 s, whose element is there for 40 s; it is forgotten after 60 to 75 s, and then its
  // removal is kept for 40 s. Audits see no difference in how much of that nodes have forgotten already.
  CHECK(most < 4 + (75 + 40 + 4) / 4 + 10);
  CHECK(unequal == 0);
  all.run_for(5s);
  std::set<std::string> last;
  for (int i = restarts - 10; i < restarts; ++i) last.insert(std::to_string(i));
  for (std::size_t i = 0; i < 4; ++i) CHECK(elements(all, i) == last);
  for (const auto& each : last) remove(all, 0, each);
  all.run_for(5min);
  for (std::size_t i = 0; i < 4; ++i) {
    CHECK(elements(all, i).empty());
    CHECK(writers(all, i) <= 4);  // of those that are here
  }
  CHECK(all.run_until(all.now() + 5s, [&] { return all.equal(); }));
}

TEST_CASE("a removal is kept for those who were away, even if no log reaches back to it", "[membership]") {
  for (const auto& [away, comes_back] : {std::pair(30s, false), std::pair(100s, true)}) {
    INFO(away.count() << " s");
    auto options = forgetful();
    options.log_bytes = 4096;
    group all(1, 4, {.latency_max = 5ms}, options);
    REQUIRE(all.settle(5s));
    add(all, 3, "x");
    all.run_for(2s);
    all.crash(3);
    all.run_for(100s);
    for (std::size_t i = 0; i < 3; ++i) {
      REQUIRE(all[i].known_members().all().size() == 3);
      REQUIRE(elements(all, i).contains("x"));
    }
    all.cut({2});
    all.run_for(1s);
    remove(all, 0, "x");
    for (int i = 0; i < 200; ++i) {
      add(all, 0, std::string(100, 'a') + std::to_string(i));
      all.run_for(100ms);
    }
    all.run_for(away - 20s);
    const auto transfers = all[2].stats().transfers;
    all.heal();
    CHECK(all.run_until(all.now() + 1min, [&] { return all.equal() && all.all_see(all.running()); }));
    CHECK(all[2].stats().transfers > transfers);
    all.run_for(3min);
    CHECK(all.equal());
    for (std::size_t i = 0; i < 3; ++i) {
      CHECK(size(all, i) == 200 + (comes_back ? 1 : 0));
      CHECK(elements(all, i).contains("x") == comes_back);
      CHECK(writers(all, i) == (comes_back ? 2 : 1));
    }
  }
}

TEST_CASE("who joins after origins were folded away has what came from them, and waits for no audit",
          "[membership]") {
  auto options = forgetful();
  options.audit = 1h;
  group all(2, 4, {.latency_max = 5ms}, options);
  REQUIRE(all.settle(5s));
  add(all, 3, "before");
  all.run_for(2s);
  all.crash(3);
  all.run_for(150s);
  REQUIRE(all[0].known_members().all().size() == 3);
  all.add(options);
  const auto joined = all.now();
  CHECK(all.run_until(joined + 3s, [&] { return size(all, 4) == 1; }));
  CHECK(all.settle(3s));
}

TEST_CASE("after a partition in which both sides forgot each other nothing is lost", "[membership]") {
  for (const std::uint64_t seed : hearsay::sim::seeds(20, 500)) {
    INFO("seed " << seed);
    auto options = forgetful();
    group all(seed, 8, {.latency_max = 5ms, .loss = seed % 2 == 0 ? 0.1 : 0.0}, options);
    REQUIRE(all.settle(20s));
    std::mt19937_64 random(seed);
    std::set<std::string> written;
    int next = 0;
    const auto write = [&] {
      const auto i = random() % 8;
      if (all.alive(i)) add(all, i, *written.insert(std::to_string(next++)).first);
    };
    const auto busy = [&](int seconds) {
      for (int second = 0; second < seconds; ++second) {
        write();
        all.run_for(1s);
      }
    };
    busy(10);
    all.run_for(10s);
    std::set<std::size_t> side;
    for (std::size_t i = 0; i < 8; ++i) {
      if (random() % 2 == 0) side.insert(i);
    }
    all.cut(side);
    busy(20);
    // Its last words are known on its side alone, if at all; then both sides forget it.
    const auto gone = 1 + random() % 7;  // not the seed, over which the sides meet again
    all.run_for(duration(random() % 1'000'000'000));
    all.crash(gone);
    std::set<std::string> known;
    for (std::size_t i = 0; i < 8; ++i) {
      if (all.alive(i)) known.merge(elements(all, i));
    }
    written = known;  // what it alone knew is gone, too
    busy(static_cast<int>(random() % 200));
    all.heal();
    busy(5);
    const auto equal = [&] { return all.equal() && all.all_see(all.running()); };
    CHECK(all.run_until(all.now() + 2min, equal));
    all.run_for(4min);
    CHECK(equal());
    for (std::size_t i = 0; i < 8; ++i) {
      if (all.alive(i)) CHECK(elements(all, i) == written);
    }
  }
}

}  // namespace
