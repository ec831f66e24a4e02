// SPDX-License-Identifier: BSL-1.0
#include <limits>
#include <map>
#include <optional>
#include <stdexcept>

#include "hearsay/crdt/g_counter.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;
using crdt_test::joined;
using crdt_test::replica_with_id;

static_assert(crdt<g_counter>);
static_assert(std::is_nothrow_move_constructible_v<g_counter>);
static_assert(std::is_nothrow_swappable_v<g_counter>);

namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

}  // namespace

TEST_CASE("the example of g_counter") {
  replica alice, bob;
  g_counter here, there;
  const auto delta = here.increment(alice, 5);
  there.increment(bob);
  there.merge(delta);
  CHECK(there.value() == 6);
  CHECK(here.value() == 5);
  CHECK(fmt::to_string(there) == "6");
}

TEST_CASE("an increment by nothing is no increment") {
  replica alice;
  g_counter counter;
  CHECK(counter.increment(alice, 0).is_bottom());
  CHECK(counter == g_counter{});
  CHECK(counter.value() == 0);
}

TEST_CASE("a delta stands for all earlier ones of its replica") {
  replica alice;
  g_counter here, there;
  const auto first = here.increment(alice, 2);
  const auto second = here.increment(alice, 3);
  there.merge(second);
  CHECK(there == here);
  CHECK(there.absorb(first).is_bottom());
  CHECK(there.absorb(second).is_bottom());
  CHECK(there.value() == 5);
}

TEST_CASE("a value above 2^64 - 1 is refused, and the counter is as it was") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  g_counter x;
  x.increment(alice, most - 1);
  const auto before = x;
  CHECK_THROWS_AS(x.increment(alice, 2), std::overflow_error);
  CHECK_THROWS_AS(x.increment(bob, 2), std::overflow_error);
  CHECK(x == before);
  CHECK(x.increment(bob, 1).value() == 1);
  CHECK(x.value() == most);
  CHECK_THROWS_AS(x.increment(bob), std::overflow_error);

  // Concurrent increments can take it there all the same.
  g_counter y;
  auto carol = replica_with_id(3);
  y.increment(carol, 10);
  x.merge(y);
  CHECK_THROWS_AS(x.value(), std::overflow_error);
  CHECK_THROWS_AS(x.increment(bob), std::overflow_error);
  CHECK(fmt::to_string(x) == "over 18446744073709551615");
  CHECK(joined(y, x) == x);
  crdt_test::check_round_trips(x);
  x.merge(x);
  CHECK_THROWS_AS(x.value(), std::overflow_error);
}

TEST_CASE("counters equal naive ones, whatever deltas come in whatever order") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    using model = std::map<std::uint64_t, std::uint64_t>;
    const auto merge = [](model& into, const model& from) {
      for (const auto& [id, sum] : from) into[id] = std::max(into[id], sum);
    };
    const auto replicas = 1 + choose.below(8);
    std::vector<replica> writers;
    std::vector<g_counter> states(replicas), deltas{g_counter{}};
    std::vector<model> models(replicas), seen_by_delta{model{}};
    for (std::uint64_t i = 0; i < replicas; ++i) writers.push_back(replica_with_id((i * 7919) % 13 + 1));

    for (int step = 0; step < 100; ++step) {
      const auto at = choose.below(replicas);
      const auto other = choose.below(replicas);
      const auto some = choose.below(deltas.size());
      const auto id = writers[at].id().value;
      switch (choose.below(5)) {
        case 0: {
          const auto amount = choose.below(100);
          const auto delta = states[at].increment(writers[at], amount);
          model expected;
          if (amount != 0) expected[id] = models[at][id] += amount;
          if (models[at][id] == 0) models[at].erase(id);
          CHECK(delta.value() == (amount == 0 ? 0 : expected[id]));
          deltas.push_back(delta);
          seen_by_delta.push_back(expected);
          break;
        }
        case 1:
          states[at].merge(states[other]);
          merge(models[at], models[other]);
          break;
        case 2: {  // several deltas as one
          auto both = joined(deltas[some], choose.of(deltas));
          deltas.push_back(both);
          model expected;
          for (std::size_t i = 0; i + 1 < deltas.size(); ++i) {
            if (crdt_test::below_or_equal(deltas[i], both)) merge(expected, seen_by_delta[i]);
          }
          seen_by_delta.push_back(expected);
          break;
        }
        default: {
          const auto before = states[at];
          const auto news = states[at].absorb(deltas[some]);
          std::uint64_t new_sums = 0;
          for (const auto& [id_there, sum] : seen_by_delta[some]) {
            const auto known = models[at].contains(id_there) ? models[at][id_there] : 0;
            new_sums += known < sum ? sum : 0;
          }
          CHECK(news.value() == new_sums);
          CHECK(joined(before, news) == states[at]);
          merge(models[at], seen_by_delta[some]);
        }
      }
      std::uint64_t expected = 0;
      for (const auto& [writer, sum] : models[at]) expected += sum;
      REQUIRE(states[at].value() == expected);
      CHECK(states[at].metrics().dots == models[at].size());
    }
    for (std::size_t i = 0; i < replicas; ++i) {
      for (std::size_t j = 0; j < replicas; ++j) {
        CHECK((states[i] == states[j]) == (models[i] == models[j]));
        CHECK(joined(states[i], states[j]) == joined(states[j], states[i]));
      }
    }
    crdt_test::check_round_trips(states[0]);
    crdt_test::check_parts(states[0], choose.below(100), [&] {
      states[0].increment(writers[0]);
      states[0].merge(choose.of(states));
    });
  }
}

TEST_CASE("a counter is a value: it copies, moves, swaps, and merges with itself") {
  replica alice, bob;
  g_counter x;
  x.increment(alice, 1);
  x.increment(bob, 2);
  const auto original = x;
  auto moved = std::move(x);
  CHECK(moved == original);
  CHECK(x == g_counter{});
  CHECK(x.value() == 0);
  CHECK(x.increment(bob, 7).value() == 7);
  std::swap(x, moved);
  CHECK(x == original);
  CHECK(moved.value() == 7);
  x.merge(x);
  CHECK(x == original);
  CHECK(x.absorb(x).is_bottom());
  auto& self = x;
  x = self;
  x = std::move(self);
  CHECK(x == original);
  moved = x;
  moved.increment(alice);
  CHECK(x == original);
}

TEST_CASE("a thousand replicas") {
  std::vector<replica> writers(1000);
  g_counter all, reverse;
  std::vector<g_counter> deltas;
  for (auto& writer : writers) deltas.push_back(all.increment(writer, 3));
  for (auto d = deltas.rbegin(); d != deltas.rend(); ++d) reverse.merge(*d);
  CHECK(all == reverse);
  CHECK(all.value() == 3000);
  const auto parts = split(all, 1800);
  CHECK(parts.size() == 10);
  g_counter together;
  for (const auto& part : parts) {
    CHECK(wire::encode(part).size() <= 1800);
    together.merge(part);
  }
  CHECK(together == all);
  CHECK(split(g_counter{}, 100).empty());
  CHECK(metrics_of(all).replicas == 1000);
}

namespace {

struct by_hand {
  std::vector<std::pair<replica_id, std::uint64_t>> sums;

  template <class Archive>
  void save(Archive& out) const {
    out(cereal::make_size_tag(static_cast<cereal::size_type>(sums.size())));
    for (const auto& [by, sum] : sums) out(by, sum);
  }
};

}  // namespace

TEST_CASE("a counter that is not canonical is refused") {
  const auto refused = [](const by_hand& bad) {
    CHECK_THROWS_AS(crdt_test::from_binary<g_counter>(crdt_test::to_binary(bad)), decode_error);
    CHECK_THROWS_AS(wire::decode<g_counter>(wire::encode(bad)), decode_error);
  };
  const by_hand good{{{{1}, 5}, {{2}, 6}}};
  CHECK(crdt_test::from_binary<g_counter>(crdt_test::to_binary(good)).value() == 11);
  refused({{{{2}, 5}, {{1}, 6}}});
  refused({{{{1}, 5}, {{1}, 6}}});
  refused({{{{1}, 5}, {{2}, 0}}});
}

TEST_CASE("a negative amount is refused, of whatever type, and the counter is as it was") {
  replica alice;
  g_counter x;
  x.increment(alice, 5);
  const auto before = x;
  CHECK_THROWS_AS(x.increment(alice, -1), std::invalid_argument);
  CHECK_THROWS_AS(x.increment(alice, std::int8_t{-1}), std::invalid_argument);
  CHECK_THROWS_AS(x.increment(alice, std::numeric_limits<std::int64_t>::min()), std::invalid_argument);
  CHECK(x == before);
  x.increment(alice, std::uint8_t{200});
  x.increment(alice, 1LL);
  CHECK(x.value() == 206);
}

TEST_CASE("twenty million increments of 1 make 20 million") {
  replica alice;
  g_counter x, last;
  for (int i = 0; i < 20'000'000; ++i) last = x.increment(alice);
  CHECK(x.value() == 20'000'000);
  CHECK(last == x);
}
