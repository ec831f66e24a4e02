// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <atomic>
#include <limits>
#include <memory>
#include <stdexcept>
#include <thread>
#include <vector>

#include "hearsay/crdt/clock.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;

namespace {

constexpr std::uint64_t noon = 1'700'000'000'000;

struct hand_set {
  std::shared_ptr<std::uint64_t> ms = std::make_shared<std::uint64_t>(noon);
  hearsay::clock clock{[ms = ms] { return *ms; }};
};

}  // namespace

TEST_CASE("a timestamp is milliseconds, then logic") {
  constexpr timestamp at{(noon << 16) + 7};
  CHECK(at.milliseconds() == noon);
  CHECK(at.logic() == 7);
  CHECK(timestamp::from_milliseconds(noon) < at);
  CHECK(fmt::to_string(at) == "1700000000000.7");
  crdt_test::check_round_trips(at);
  crdt_test::check_round_trips(stamp{at, {5}});
  CHECK(stamp{at, {9}} < stamp{{at.value + 1}, {1}});
  CHECK(stamp{at, {1}} < stamp{at, {9}});
}

TEST_CASE("a clock follows the wall clock, and counts within a millisecond") {
  hand_set t;
  const auto first = t.clock.now();
  CHECK(first.milliseconds() == noon);
  CHECK(first.logic() == 0);
  CHECK(t.clock.now().value == first.value + 1);
  *t.ms += 5;
  CHECK(t.clock.now() == timestamp::from_milliseconds(noon + 5));
  CHECK(t.clock.wall() == noon + 5);
}

TEST_CASE("a clock set back an hour goes on from where it was") {
  hand_set t;
  auto last = t.clock.now();
  *t.ms -= 3'600'000;
  for (int i = 0; i < 1000; ++i) {
    const auto next = t.clock.now();
    REQUIRE(next > last);
    last = next;
  }
  CHECK(last.milliseconds() == noon);
  *t.ms = noon + 1;
  CHECK(t.clock.now() == timestamp::from_milliseconds(noon + 1));
}

TEST_CASE("more stamps in a millisecond than logic has bits go into the next one") {
  hand_set t;
  auto last = t.clock.now();
  for (int i = 0; i < 70'000; ++i) {
    const auto next = t.clock.now();
    REQUIRE(next.value == last.value + 1);
    last = next;
  }
  CHECK(last.milliseconds() == noon + 1);
}

TEST_CASE("a stamp is above its floor, and above what was witnessed") {
  hand_set t;
  const auto far = timestamp::from_milliseconds(noon + 1'000'000);
  CHECK(t.clock.now(far).value == far.value + 1);
  CHECK(t.clock.now().value == far.value + 2);  // and stays there
  t.clock.witness({far.value + 10});
  t.clock.witness({far.value + 5});
  CHECK(t.clock.now().value == far.value + 11);
  CHECK(t.clock.now({1}).value == far.value + 12);
}

TEST_CASE("at the end of time a clock throws, and is as it was") {
  hand_set t;
  const auto before = t.clock.now();
  CHECK_THROWS_AS(t.clock.now({std::numeric_limits<std::uint64_t>::max()}), std::overflow_error);
  CHECK(t.clock.now().value == before.value + 1);
  *t.ms = std::uint64_t{1} << 48;
  CHECK_THROWS_AS(t.clock.now(), std::overflow_error);
  *t.ms = noon;
  CHECK(t.clock.now().value == before.value + 2);
  t.clock.witness({std::numeric_limits<std::uint64_t>::max()});
  CHECK_THROWS_AS(t.clock.now(), std::overflow_error);
}

TEST_CASE("a clock that moves goes on") {
  hand_set t;
  t.clock.witness(timestamp::from_milliseconds(noon + 9));
  hearsay::clock moved = std::move(t.clock);
  CHECK(moved.now().value == timestamp::from_milliseconds(noon + 9).value + 1);
  hearsay::clock assigned;
  assigned = std::move(moved);
  CHECK(assigned.now().value == timestamp::from_milliseconds(noon + 9).value + 2);
}

TEST_CASE("threads that share a clock never get the same stamp") {
  hand_set t;
  constexpr std::size_t threads = 4, each = 20'000;
  std::vector<std::vector<std::uint64_t>> stamps(threads);
  std::atomic<int> ready = 0;
  std::vector<std::thread> running;
  for (auto& mine : stamps) {
    running.emplace_back([&] {
      ++ready;
      while (ready < static_cast<int>(threads)) std::this_thread::yield();
      for (std::size_t i = 0; i < each; ++i) {
        if (i % 100 == 0) t.clock.witness({(noon << 16) + 3 * i});
        mine.push_back(t.clock.now().value);
      }
    });
  }
  for (auto& thread : running) thread.join();
  std::vector<std::uint64_t> all;
  for (const auto& mine : stamps) {
    CHECK(std::is_sorted(mine.begin(), mine.end()));
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::sort(all.begin(), all.end());
  CHECK(all.size() == threads * each);
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("the system's clock is of this century") {
  const auto ms = system_milliseconds();
  CHECK(ms > 1'600'000'000'000);
  CHECK(ms < 4'100'000'000'000);
  CHECK(hearsay::clock().now().milliseconds() >= ms);
}
