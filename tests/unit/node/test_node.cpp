// SPDX-License-Identifier: BSL-1.0
#include <stdexcept>
#include <thread>

#include "tests/catch.hpp"
#include "tests/unit/node/node_test.hpp"

using namespace testing;

TEST_CASE("listeners hear what others did, and exactly the news", "[node]") {
  hearsay::node here(quick());
  hearsay::node there(quick({here.endpoint()}));
  auto mine = here.open<hearsay::g_counter>("n");
  auto theirs = there.open<hearsay::g_counter>("n");
  mine.update(plus(1));
  std::mutex mutex;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> heard;
  mine.on_change([&](const auto& now, const auto& news) {
    const std::lock_guard lock(mutex);
    heard.emplace_back(now.value(), news.value());
  });
  mine.update(plus(1));
  theirs.update(plus(10));
  CHECK(here.wait_for(deadline, [&] { return mine.value() == 12; }));
  theirs.update(plus(5));
  CHECK(here.wait_for(deadline, [&] { return mine.value() == 17; }));
  here.stop();
  // A delta of a counter carries the sum of its replica.
  CHECK(heard == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{12, 10}, {17, 15}});
}

TEST_CASE("a listener may read, update, open and look", "[node]") {
  hearsay::node here(quick());
  hearsay::node there(quick({here.endpoint()}));
  auto mine = here.open<hearsay::g_counter>("n");
  auto theirs = there.open<hearsay::g_counter>("n");
  std::atomic<bool> fine = false;
  mine.on_change([&](const auto& now, const auto&) {
    auto log = here.open<hearsay::g_counter>("changes");  // on the node's own thread
    log.update(plus(1));
    if (now.value() == 10) mine.update(plus(100));
    fine = mine.value() == now.value() && here.stats().peers == 1;
    try {
      here.wait_for(1s, [] { return true; });
      fine = false;
    } catch (const std::logic_error&) {  // it would wait for itself
    }
  });
  theirs.update(plus(10));
  CHECK(there.wait_for(deadline, [&] { return theirs.value() == 110; }));
  auto changes = there.open<hearsay::g_counter>("changes");
  CHECK(there.wait_for(deadline, [&] { return changes.value() >= 1; }));
  CHECK(fine);
}

TEST_CASE("a listener opens the object that comes next in the same batch", "[node]") {
  hearsay::node here(quick());
  auto first = here.open<hearsay::g_counter>("a");
  std::optional<hearsay::shared<hearsay::g_counter>> second;
  first.on_change([&](const auto&, const auto&) { second = here.open<hearsay::g_counter>("b"); });
  hearsay::node there(quick());
  there.open<hearsay::g_counter>("a").update(plus(1));
  there.open<hearsay::g_counter>("b").update(plus(2));
  there.add_peer(here.endpoint());
  CHECK(here.wait_for(deadline, [&] { return first.value() == 1; }));
  CHECK(here.wait_for(deadline, [&] { return here.open<hearsay::g_counter>("b").value() == 2; }));
  here.stop();
  REQUIRE(second);
  CHECK(second->value() == 2);
}

TEST_CASE("what callbacks throw is logged and harms nothing", "[node]") {
  log_book log;
  auto options = quick();
  options.log = log.sink();
  std::atomic<int> events = 0;
  options.on_event = [&](const hearsay::gossip::event&) {
    ++events;
    throw std::runtime_error("event trouble");
  };
  hearsay::node here(options);
  hearsay::node there(quick({here.endpoint()}));
  auto mine = here.open<hearsay::g_counter>("n");
  mine.on_change([](const auto&, const auto&) { throw std::runtime_error("listener\ntrouble"); });
  there.open<hearsay::g_counter>("n").update(plus(3));
  CHECK(here.wait_for(deadline, [&] { return mine.value() == 3; }));
  here.stop();
  INFO(log.text());
  CHECK(events > 0);
  CHECK(log.count("event trouble") == 1);
  CHECK(log.count("listener\\ntrouble") == 1);  // in one line
  CHECK_FALSE(here.error());
}

TEST_CASE("an update that throws is not lost and not hidden", "[node]") {
  hearsay::node here(quick());
  hearsay::node there(quick({here.endpoint()}));
  auto mine = here.open<hearsay::g_counter>("n");
  auto theirs = there.open<hearsay::g_counter>("n");
  CHECK_THROWS_AS(mine.update([](auto& counter, auto& me) {
    counter.increment(me, 5);
    throw std::runtime_error("after the change");
    return hearsay::g_counter{};
  }),
                  std::runtime_error);
  CHECK(mine.value() == 5);
  CHECK(there.wait_for(deadline, [&] { return theirs.value() == 5; }));
}

TEST_CASE("stop sends what is pending, and what is left works locally", "[node]") {
  hearsay::node there(quick());
  auto options = quick({there.endpoint()});
  options.farewell = 10s;  // generous for slow machines; the test would fail, not last, without an early end
  hearsay::node here(options);
  auto mine = here.open<hearsay::g_counter>("n");
  auto theirs = there.open<hearsay::g_counter>("n");
  REQUIRE(here.wait_for(deadline, [&] { return here.stats().peers == 1; }));
  mine.update(plus(5));
  here.stop();
  here.stop();
  CHECK(there.wait_for(deadline, [&] { return theirs.value() == 5; }));

  mine.update(plus(1));
  CHECK(mine.value() == 6);
  auto another = here.open<hearsay::g_counter>("another");
  another.update(plus(2));
  CHECK(here.open<hearsay::g_counter>("another").value() == 2);
  CHECK(here.stats().objects == 2);
  CHECK(here.wait_for(0s, [&] { return mine.value() == 6; }));
  CHECK_FALSE(here.wait_for(deadline, [&] { return mine.value() == 7; }));  // at once
  CHECK_FALSE(here.error());
}

TEST_CASE("stop waits for who does not answer, but not longer than the farewell", "[node]") {
  auto there = std::make_unique<hearsay::node>(quick());
  auto options = quick({there->endpoint()});
  options.farewell = 50ms;
  hearsay::node here(options);
  auto mine = here.open<hearsay::g_counter>("n");
  REQUIRE(here.wait_for(deadline, [&] { return here.stats().peers == 1; }));
  there.reset();
  mine.update(plus(5));
  const auto start = std::chrono::steady_clock::now();
  here.stop();
  const auto took = std::chrono::steady_clock::now() - start;
  CHECK(took >= 50ms);
  CHECK(took < deadline / 2);
}

TEST_CASE("stop while threads update, open, look and wait", "[node]") {
  hearsay::node there(quick());
  auto here = std::make_unique<hearsay::node>(quick({there.endpoint()}));
  auto mine = here->open<hearsay::g_counter>("n");
  std::atomic<bool> end = false;
  std::atomic<int> running = 0;
  std::vector<std::jthread> busy;
  const auto forever = [&](auto action) {
    busy.emplace_back([&, action] {
      ++running;
      while (!end) action();
    });
  };
  forever([&] { mine.update(plus(1)); });
  forever([&] { mine.update(plus(1)); });
  forever([&] { here->open<hearsay::g_counter>("m").update(plus(1)); });
  forever([&] { static_cast<void>(here->stats()); });
  forever([&] { here->wait_for(1ms, [] { return false; }); });
  forever([&] { here->stop(); });
  forever([&] { here->stop(); });
  while (running < 7) std::this_thread::yield();
  here->stop();
  const std::uint64_t then = mine.value();
  mine.update(plus(1));
  CHECK(mine.value() > then);
  end = true;
  busy.clear();
  here.reset();
  mine.update(plus(1));  // the handle lives longer than the node
  CHECK(mine.value() > then + 1);
}

TEST_CASE("a node may be stopped and destroyed by its own listener", "[node]") {
  struct owner {
    std::optional<hearsay::node> node;
    std::atomic<bool> gone = false;
  };
  hearsay::node there(quick());
  auto theirs = there.open<hearsay::g_counter>("n");
  auto here = std::make_shared<owner>();
  here->node.emplace(quick({there.endpoint()}));
  auto mine = here->node->open<hearsay::g_counter>("n");
  mine.on_change([here](const auto&, const auto&) {
    if (here->gone) return;  // the rest of what had been received
    here->node->stop();
    here->node.reset();
    here->gone = true;
  });
  theirs.update(plus(1));
  while (!here->gone) std::this_thread::yield();
  CHECK(mine.value() > 0);
}

TEST_CASE("a peer comes back at the same place as somebody else", "[node]") {
  const bool greets = GENERATE(false, true);
  CAPTURE(greets);
  const std::string place = "ipc://" + socket_path();
  auto there = std::make_unique<hearsay::node>(quick({}, place));
  hearsay::node here(quick({place}));
  auto mine = here.open<hearsay::g_counter>("n");
  there->open<hearsay::g_counter>("n").update(plus(1));
  CHECK(here.wait_for(deadline, [&] { return mine.value() == 1; }));
  const auto before = there->id();
  there.reset();
  mine.update(plus(10));
  there = std::make_unique<hearsay::node>(
      quick(greets ? std::vector{here.endpoint()} : std::vector<std::string>{}, place));
  CHECK(there->id() != before);
  auto theirs = there->open<hearsay::g_counter>("n");
  theirs.update(plus(100));
  CHECK(here.wait_for(deadline, [&] { return mine.value() == 111; }));
  CHECK(there->wait_for(deadline, [&] { return theirs.value() == 111; }));
}

TEST_CASE("calls in quick succession wake an idle node every time", "[node]") {
  hearsay::node alone({.log = [](std::string_view) {}});
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < 300; ++i) alone.stats();
  // Some milliseconds. A call that did not wake the node would wait for the next tick, most of a second.
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
}

TEST_CASE("a million updates do not queue up", "[node]") {
  hearsay::node here(quick());
  hearsay::node there(quick({here.endpoint()}));
  auto mine = here.open<hearsay::g_counter>("n");
  auto theirs = there.open<hearsay::g_counter>("n");
  for (int i = 0; i < 1'000'000; ++i) mine.update(plus(1));
  CHECK(there.wait_for(deadline, [&] { return theirs.value() == 1'000'000; }));
  CHECK(here.stats().gossip.flushed < 10'000);
  CHECK(here.stats().gossip.payload_out < 1'000'000);
}
