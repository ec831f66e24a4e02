// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt/lexicographic.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::joined;
using crdt_test::replica_with_id;

using election = lexicographic<max_register<std::uint64_t>, g_counter>;
using baskets = lexicographic<max_register<std::uint64_t>, or_set<std::string>>;

static_assert(crdt<election> && crdt<baskets>);
static_assert(crdt<lexicographic<lww_register<std::string>, product<std::pair<g_counter, g_counter>>>>);
static_assert(std::is_nothrow_move_constructible_v<election>);
static_assert(is_chain<max_register<int>> && !is_chain<g_counter>);
static_assert(is_chain<lexicographic<max_register<int>, lww_register<int>>> && !is_chain<election>);

TEST_CASE("the example of lexicographic") {
  replica alice, bob;
  lexicographic<max_register<std::uint64_t>, g_counter> here, there;
  const auto vote = here.update([&](auto& votes) { return votes.increment(alice); });
  there.advance([&](auto& term) { return term.raise(bob, 2); });
  there.merge(vote);
  CHECK(there.second().value() == 0);
  CHECK(*there.first().get() == 2);
  here.merge(there);
  CHECK(here == there);
  CHECK(type_name<election>() == "lexicographic<max_register<u64>,g_counter>");
  CHECK(fmt::to_string(here) == "(2: 0)");
}

namespace {

election advanced(replica& by, election x, std::uint64_t term) {
  x.advance([&](auto& first) { return first.raise(by, term); });
  return x;
}
election voted(replica& by, election x, std::uint64_t votes) {
  x.update([&](auto& second) { return second.increment(by, votes); });
  return x;
}

}  // namespace

TEST_CASE("an advance with nothing to do resets nothing") {
  replica alice;
  auto x = voted(alice, advanced(alice, {}, 5), 3);
  CHECK(x.advance([&](auto& term) { return term.raise(alice, 4); }).is_bottom());
  CHECK(x.advance([&](auto& term) { return term.raise(alice, 5); }).is_bottom());
  CHECK(x.second().value() == 3);
  CHECK(x.update([&](auto& votes) { return votes.increment(alice, 0); }).is_bottom());
  const auto delta = x.advance([&](auto& term) { return term.raise(alice, 6); });
  CHECK(delta == x);
  CHECK(x.second().is_bottom());
}

TEST_CASE("updates under one first component are joined, in any order of delivery") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  const auto term = advanced(alice, {}, 1);
  auto a = term, b = term;
  std::array deltas{term, a.update([&](auto& votes) { return votes.increment(alice, 2); }),
                    b.update([&](auto& votes) { return votes.increment(bob, 5); }),
                    a.advance([&](auto& first) { return first.raise(alice, 2); }),
                    a.update([&](auto& votes) { return votes.increment(alice, 1); })};
  std::array<std::size_t, 5> order{0, 1, 2, 3, 4};
  do {
    election x;
    for (const auto i : order) x.merge(deltas[i]);
    CHECK(x == a);
    CHECK(x.second().value() == 1);
  } while (std::next_permutation(order.begin(), order.end()));
  CHECK(joined(deltas[1], deltas[2]).second().value() == 7);
  CHECK(joined(joined(deltas[1], deltas[2]), deltas[3]).second().value() == 0);
}

TEST_CASE("the news of an absorb are what is not below") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  const auto old = voted(alice, advanced(alice, {}, 1), 9);
  const auto mine = voted(alice, advanced(alice, {}, 2), 3);
  auto x = mine;
  CHECK(x.absorb(old).is_bottom());
  CHECK(x == mine);
  const auto theirs = voted(bob, mine, 4);
  const auto news = x.absorb(theirs);
  CHECK(x == theirs);
  CHECK(news.first() == mine.first());
  CHECK(news.second().value() == 4);
  auto y = old;
  CHECK(y.absorb(theirs) == theirs);
  CHECK(y == theirs);
  CHECK(y.absorb(y).is_bottom());
}

TEST_CASE("dots begin again after an advance, and nothing mixes") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  baskets a, b;
  std::vector<baskets> deltas;
  for (std::uint64_t day = 1; day <= 3; ++day) {
    for (const auto* each : {"x", "y", "z"}) {
      deltas.push_back(a.update([&](auto& set) { return set.add(alice, each + std::to_string(day)); }));
    }
    deltas.push_back(a.update([&](auto& set) { return set.remove(alice, "y" + std::to_string(day)); }));
    if (day != 3) deltas.push_back(a.advance([&](auto& first) { return first.raise(alice, day); }));
  }
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    crdt_test::choices choose(seed);
    std::shuffle(deltas.begin(), deltas.end(), choose.engine());
    baskets x;
    for (const auto& delta : deltas) x.merge(delta);
    CHECK(x == a);
    CHECK(fmt::to_string(x) == "(2: {x3, z3})");
    CHECK(wire::encode(x) == wire::encode(a));
  }
}

TEST_CASE("the parts of a pair each have the first component") {
  auto alice = replica_with_id(1);
  baskets x;
  CHECK(split(x, 10).empty());
  x.advance([&](auto& first) { return first.raise(alice, 7); });
  CHECK(split(x, 1) == std::vector<baskets>{x});
  for (int i = 0; i < 30; ++i)
    x.update([&](auto& set) { return set.add(alice, "element " + std::to_string(i)); });
  const auto parts = split(x, 1);
  CHECK(parts.size() == 30);
  baskets together;
  for (const auto& part : parts) {
    CHECK(part.first() == x.first());
    together.merge(part);
  }
  CHECK(together == x);
}

TEST_CASE("the parts of a pair are complete while it changes and advances") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    crdt_test::choices choose(seed);
    auto alice = replica_with_id(1), bob = replica_with_id(2);
    baskets x;
    std::uint64_t day = 0;
    const auto change = [&] {
      const auto element = std::to_string(choose.below(20));
      x.update([&](auto& set) {
        return choose.one_in(3) ? set.remove(bob, element) : set.add(choose.one_in(2) ? alice : bob, element);
      });
      if (choose.one_in(15)) x.advance([&](auto& first) { return first.raise(alice, ++day); });
    };
    for (int i = 0; i < 30; ++i) change();
    crdt_test::check_parts(x, choose.below(40), change);
    crdt_test::check_round_trips(x);
  }
}

TEST_CASE("under a register of the last writer") {
  auto now = std::make_shared<std::uint64_t>(1000);
  auto alice = replica_with_id(1, now), bob = replica_with_id(2, now);
  using titled = lexicographic<lww_register<std::string>, lww_map<std::string, int>>;
  titled a, b;
  b.merge(a.advance([&](auto& title) { return title.set(alice, "draft"); }));
  *now += 5;
  a.update([&](auto& map) { return map.put(alice, "k", 1); });
  CHECK(a.newest().milliseconds() == 1005);
  *now += 5;
  b.advance([&](auto& title) { return title.set(bob, "draft"); });  // the same value, another write
  CHECK(joined(a, b) == b);
  CHECK(joined(b, a) == b);
  CHECK(b.newest().milliseconds() == 1010);
  CHECK(b.metrics().items == 1);
}

TEST_CASE("two first components with one stamp are a collision, and nothing changes") {
  auto alice = replica_with_id(1), twin = replica_with_id(1);
  using titled = lexicographic<lww_register<std::string>, g_counter>;
  titled a, b;
  a.advance([&](auto& title) { return title.set(alice, "one"); });
  a.update([&](auto& counter) { return counter.increment(alice); });
  b.advance([&](auto& title) { return title.set(twin, "other"); });
  const auto before = a;
  CHECK_THROWS_AS(a.merge(b), collision_error);
  CHECK_THROWS_AS(a.absorb(b), collision_error);
  CHECK(a == before);
}

TEST_CASE("a pair is a value, and nests") {
  auto alice = replica_with_id(1);
  using versions = lexicographic<max_register<std::uint64_t>, max_register<std::uint64_t>>;
  lexicographic<versions, g_counter> x;
  x.advance(
      [&](auto& version) { return version.advance([&](auto& major) { return major.raise(alice, 2); }); });
  x.update([&](auto& counter) { return counter.increment(alice); });
  const auto original = x;
  x.merge(x);
  CHECK(x == original);
  auto moved = std::move(x);
  CHECK(moved == original);
  x = moved;
  CHECK(x == original);
  const auto delta = x.advance(
      [&](auto& version) { return version.update([&](auto& minor) { return minor.raise(alice, 1); }); });
  CHECK(x.second().is_bottom());
  CHECK(joined(original, delta) == x);
  CHECK(joined(delta, original) == x);
  CHECK(fmt::to_string(x) == "((2: 1): 0)");
  crdt_test::check_round_trips(x);
  CHECK(crdt_test::to_json(election{}).find(R"("first":)") != std::string::npos);
}
