// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <stdexcept>

#include "hearsay/crdt/causal_context.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;

namespace {

constexpr auto counter_max = std::numeric_limits<std::uint64_t>::max();
constexpr replica_id a{1}, b{2};

using naive = std::set<dot>;

naive dots_of(const causal_context& context) {
  naive dots;
  context.for_each_interval([&](replica_id by, interval counters) {
    for (auto c = counters.lo; c <= counters.hi; ++c) dots.insert({by, c});
  });
  return dots;
}

causal_context of(std::initializer_list<dot> dots) {
  causal_context context;
  for (const auto& d : dots) context.insert(d);
  return context;
}

// Everything that can be asked, against the naive set of dots.
void check_equal(const causal_context& context, const naive& model) {
  REQUIRE(dots_of(context) == model);
  CHECK(context.dots() == model.size());
  CHECK(context.empty() == model.empty());
  std::size_t intervals = 0;
  std::set<replica_id> replicas;
  for (const auto& d : model) {
    intervals += model.contains({d.by, d.counter - 1}) ? 0 : 1;
    replicas.insert(d.by);
  }
  CHECK(context.intervals() == intervals);
  CHECK(context.replicas() == replicas.size());
  for (std::uint64_t by = 0; by < 5; ++by) {
    std::uint64_t max = 0;
    for (std::uint64_t c = 1; c < 45; ++c) {
      const dot d{{by}, c};
      CHECK(context.contains(d) == model.contains(d));
      if (model.contains(d)) max = c;
    }
    CHECK(context.max({by}) == max);
    CHECK(context.next({by}) == max + 1);
  }
  causal_context rebuilt;
  for (const auto& d : model) rebuilt.insert(d);
  CHECK(context == rebuilt);
}

std::pair<causal_context, naive> some(choices& choose) {
  causal_context context;
  naive model;
  for (auto n = choose.below(30); n != 0; --n) {
    const replica_id by{1 + choose.below(3)};
    const auto lo = 1 + choose.below(35);
    const auto hi = choose.one_in(3) ? lo + choose.below(6) : lo;
    context.insert(by, {lo, hi});
    for (auto c = lo; c <= hi; ++c) model.insert({by, c});
  }
  return {context, model};
}

}  // namespace

TEST_CASE("a context without gaps is a version vector") {
  auto seen = of({{a, 1}, {a, 2}, {b, 1}, {a, 3}});
  CHECK(seen.max(a) == 3);
  CHECK(seen.next(b) == 2);
  CHECK(seen.intervals() == 2);
  CHECK(fmt::to_string(seen) == "{0000000000000001:1-3 0000000000000002:1}");
}

TEST_CASE("a gap makes an interval more, until it is filled") {
  auto seen = of({{a, 1}, {a, 3}});
  CHECK(seen.max(a) == 3);
  CHECK_FALSE(seen.contains({a, 2}));
  CHECK(seen.intervals() == 2);
  CHECK(fmt::to_string(seen) == "{0000000000000001:1,3}");
  seen.insert({a, 2});
  CHECK(seen.intervals() == 1);
  CHECK(seen == of({{a, 3}, {a, 2}, {a, 1}}));
}

TEST_CASE("contexts equal naive sets of dots") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    const auto [x, naive_x] = some(choose);
    const auto [y, naive_y] = some(choose);
    check_equal(x, naive_x);

    naive all = naive_x, both, only_x;
    all.insert(naive_y.begin(), naive_y.end());
    std::ranges::set_intersection(naive_x, naive_y, std::inserter(both, both.end()));
    std::ranges::set_difference(naive_x, naive_y, std::inserter(only_x, only_x.end()));
    check_equal(crdt_test::joined(x, y), all);
    check_equal(x.intersection(y), both);
    check_equal(x.minus(y), only_x);
    CHECK(x.covers(y) == std::ranges::includes(naive_x, naive_y));
    CHECK(crdt_test::joined(x, y).covers(x));
    CHECK((x == y) == (naive_x == naive_y));

    const dot from{{choose.below(5)}, choose.below(45)};
    const auto next = x.next_interval(from);
    const auto expected = naive_x.lower_bound(from);
    REQUIRE(next.has_value() == (expected != naive_x.end()));
    if (next) {
      CHECK(next->by == expected->by);
      CHECK(next->counters.contains(expected->counter));
      CHECK(naive_x.contains({next->by, next->counters.lo}));
      CHECK_FALSE(naive_x.contains({next->by, next->counters.lo - 1}));
      CHECK_FALSE(naive_x.contains({next->by, next->counters.hi + 1}));
    }
    crdt_test::check_round_trips(x);
  }
}

TEST_CASE("a context is a value: it copies, moves, swaps, and merges with itself") {
  const auto original = of({{a, 1}, {a, 3}, {a, 5}, {b, 2}});
  auto x = original;
  x.merge(x);
  CHECK(x == original);
  auto moved = std::move(x);
  CHECK(moved == original);
  CHECK(x.empty());
  CHECK(x == causal_context{});
  x.insert({b, 1});
  std::swap(x, moved);
  CHECK(x == original);
  CHECK(moved == of({{b, 1}}));
  auto& self = x;
  x = std::move(self);
  CHECK(x == original);
  x = moved;
  moved.insert({a, 9});
  CHECK(x == of({{b, 1}}));
}

TEST_CASE("a million dots, every second one and then the others, end as one interval") {
  constexpr std::uint64_t n = 1'000'000;
  causal_context seen;
  for (std::uint64_t c = 1; c <= n; c += 2) seen.insert({a, c});
  CHECK(seen.intervals() == n / 2);
  crdt_test::joined(seen, seen);
  for (std::uint64_t c = 2; c <= n; c += 2) seen.insert({a, c});
  CHECK(seen.intervals() == 1);
  CHECK(seen.dots() == n);
  CHECK(seen.heap() == 0);
}

TEST_CASE("a million dots in random order end as one interval") {
  std::vector<std::uint64_t> counters(1'000'000);
  std::iota(counters.begin(), counters.end(), 1);
  std::shuffle(counters.begin(), counters.end(), std::mt19937_64(7));
  causal_context seen;
  for (const auto c : counters) seen.insert({a, c});
  CHECK(seen.intervals() == 1);
  CHECK(seen.max(a) == counters.size());
}

TEST_CASE("thousands of replicas merge into thousands of others") {
  causal_context x, y;
  for (std::uint64_t i = 0; i < 5000; ++i) {
    x.insert({{i * 3}, 1});
    y.insert({{i * 2}, 2});
  }
  const auto both = crdt_test::joined(x, y);
  CHECK(both == crdt_test::joined(y, x));
  CHECK(both.dots() == 10'000);
  CHECK(both.minus(x) == y);
  CHECK(both.minus(y) == x);
}

TEST_CASE("counters go up to 2^64 - 1 and not beyond") {
  causal_context seen;
  seen.insert({a, counter_max});
  seen.insert({a, 1});
  CHECK(seen.max(a) == counter_max);
  CHECK_THROWS_AS(seen.next(a), std::overflow_error);
  CHECK(seen.contains({a, counter_max}));
  CHECK_FALSE(seen.contains({a, counter_max - 1}));
  crdt_test::check_round_trips(seen);
  CHECK(seen.minus(of({{a, 1}})) == of({{a, counter_max}}));
  CHECK(seen.intersection(of({{a, counter_max}})) == of({{a, counter_max}}));
  seen.insert(a, {2, counter_max - 1});
  CHECK(seen.intervals() == 1);
  CHECK(seen.minus(of({{a, counter_max}})).max(a) == counter_max - 1);
  CHECK(seen.dots() == counter_max);
  seen.insert({b, 1});
  CHECK(seen.dots() == counter_max);  // there is no larger number to say
}

namespace {

// What a context saves, by hand: replicas, and for each its id and numbers.
struct by_hand {
  std::vector<std::pair<replica_id, std::vector<std::uint64_t>>> replicas;

  template <class Archive>
  void save(Archive& out) const {
    out(cereal::make_size_tag(static_cast<cereal::size_type>(replicas.size())));
    for (const auto& [by, runs] : replicas) {
      out(by, cereal::make_size_tag(static_cast<cereal::size_type>(runs.size())));
      for (const auto n : runs) out(n);
    }
  }
};

}  // namespace

TEST_CASE("what is not canonical is refused") {
  const auto refused = [](const by_hand& bad) {
    CHECK_THROWS_AS(crdt_test::from_binary<causal_context>(crdt_test::to_binary(bad)), decode_error);
    CHECK_THROWS_AS(wire::decode<causal_context>(wire::encode(bad)), decode_error);
  };
  const by_hand good{{{a, {0, 2, 1, 1}}, {b, {5, 1}}}};
  const auto expected = of({{a, 1}, {a, 2}, {a, 4}, {b, 6}});
  CHECK(crdt_test::from_binary<causal_context>(crdt_test::to_binary(good)) == expected);
  CHECK(wire::encode(good) == wire::encode(expected));

  refused({{{b, {0, 1}}, {a, {0, 1}}}});         // replicas that do not ascend
  refused({{{a, {0, 1}}, {a, {5, 1}}}});         // twice the same
  refused({{{a, {}}}});                          // nothing of a replica
  refused({{{a, {0, 1, 1}}}});                   // half an interval
  refused({{{a, {0, 0}}}});                      // an interval of nothing
  refused({{{a, {0, 1, 0, 1}}}});                // neighbours that are not one
  refused({{{a, {counter_max, 1}}}});            // beyond the last counter
  refused({{{a, {0, 1, 1, counter_max - 1}}}});  //
  refused({{{a, {0, 1, counter_max, 1}}}});      //

  // More dots than 64 bits can number are fine.
  const auto all_of_both =
      wire::decode<causal_context>(wire::encode(by_hand{{{a, {0, counter_max}}, {b, {0, counter_max}}}}));
  CHECK(all_of_both.max(b) == counter_max);
  CHECK_THROWS_AS(all_of_both.next(b), std::overflow_error);
  CHECK(wire::decode<causal_context>(wire::encode(all_of_both)) == all_of_both);
}

TEST_CASE("a size that lies makes no context, and no allocation for it") {
  std::stringstream raw;
  cereal::BinaryOutputArchive out(raw);
  out(cereal::make_size_tag(cereal::size_type{1} << 60));
  CHECK_THROWS_AS(crdt_test::from_binary<causal_context>(raw.str()), cereal::Exception);
}
