// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt/two_phase_set.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::joined;

using tickets = two_phase_set<std::string>;

static_assert(crdt<tickets>);
static_assert(std::forward_iterator<tickets::const_iterator>);
static_assert(std::is_nothrow_move_constructible_v<tickets>);
static_assert(std::is_nothrow_swappable_v<tickets>);

TEST_CASE("the example of two_phase_set") {
  replica alice, bob;
  two_phase_set<std::string> here, there;
  there.merge(here.add(alice, "ticket 7"));
  here.merge(there.remove(bob, "ticket 7"));
  CHECK(here.add(alice, "ticket 7").is_bottom());
  CHECK_FALSE(here.contains("ticket 7"));
  CHECK(here.was_removed("ticket 7"));
  CHECK(here == there);
  CHECK(here.empty());
  CHECK_FALSE(here.is_bottom());
  CHECK(type_name<tickets>() == "two_phase_set<string>");
}

TEST_CASE("what has not been seen cannot be removed") {
  replica alice, bob;
  tickets x, y;
  y.add(bob, "a");
  CHECK(x.remove(alice, "a").is_bottom());
  CHECK(x.is_bottom());
  x.merge(y);
  CHECK(x.contains("a"));
  CHECK_FALSE(x.remove(alice, "a").is_bottom());
  CHECK(x.remove(alice, "a").is_bottom());
}

TEST_CASE("a remove wins over every add, in any order of delivery") {
  replica alice, bob, carol;
  tickets a, b;
  const auto added = a.add(alice, "t");
  b.merge(added);
  const auto removed = b.remove(bob, "t");
  tickets c;
  const auto added_elsewhere = c.add(carol, "t");  // concurrently
  std::array<const tickets*, 3> deltas{&added, &removed, &added_elsewhere};
  std::ranges::sort(deltas);
  do {
    tickets x;
    for (const auto* delta : deltas) x.merge(*delta);
    CHECK_FALSE(x.contains("t"));
    CHECK(x == b);
    CHECK(wire::encode(x) == wire::encode(b));
  } while (std::next_permutation(deltas.begin(), deltas.end()));
}

TEST_CASE("the delta of a remove stands for the add, too") {
  replica alice;
  tickets x, y;
  const auto added = x.add(alice, "t");
  const auto removed = x.remove(alice, "t");
  y.merge(removed);
  CHECK(y == x);
  CHECK(y.absorb(added).is_bottom());
  CHECK(y.absorb(removed).is_bottom());
  tickets z;
  z.merge(added);
  CHECK(z.absorb(joined(added, removed)) == removed);
}

TEST_CASE("two-phase sets equal naive ones, whatever comes in whatever order") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    crdt_test::choices choose(seed);
    using set = two_phase_set<std::uint64_t>;
    struct naive {
      std::set<std::uint64_t> added, removed;
      void merge(const naive& other) {
        added.insert(other.added.begin(), other.added.end());
        removed.insert(other.removed.begin(), other.removed.end());
      }
      bool has(std::uint64_t e) const { return added.contains(e) && !removed.contains(e); }
      bool operator==(const naive&) const = default;
    };
    const auto alphabet = 1 + choose.below(seed % 2 == 0 ? 3 : 60);
    std::vector<replica> writers(3);
    std::vector<set> states(3), deltas{set{}};
    std::vector<naive> models(3), seen_by_delta{naive{}};
    for (int step = 0; step < 120; ++step) {
      const auto at = choose.below(3), from = choose.below(3), e = choose.below(alphabet);
      naive effect;
      switch (choose.below(5)) {
        case 0:
        case 1:
          deltas.push_back(states[at].add(writers[at], e));
          if (!models[at].added.contains(e)) effect.added.insert(e);
          seen_by_delta.push_back(effect);
          break;
        case 2:
          deltas.push_back(states[at].remove(writers[at], e));
          if (models[at].has(e)) effect.added = effect.removed = {e};
          seen_by_delta.push_back(effect);
          break;
        case 3:
          states[at].merge(states[from]);
          effect = models[from];
          break;
        default: {
          const auto some = choose.below(deltas.size());
          const auto before = states[at];
          const auto news = states[at].absorb(deltas[some]);
          effect = seen_by_delta[some];
          CHECK(joined(before, news) == states[at]);
          auto after = models[at];
          after.merge(effect);
          CHECK(news.is_bottom() == (after == models[at]));
        }
      }
      models[at].merge(effect);
      for (std::uint64_t i = 0; i < alphabet; ++i) {
        REQUIRE(states[at].contains(i) == models[at].has(i));
        REQUIRE(states[at].was_removed(i) == models[at].removed.contains(i));
      }
      CHECK(states[at].size() == models[at].added.size() - models[at].removed.size());
      CHECK(states[at].metrics().dots == models[at].added.size());
      CHECK(std::distance(states[at].begin(), states[at].end()) ==
            static_cast<std::ptrdiff_t>(states[at].size()));
    }
    CHECK((states[0] == states[1]) == (models[0] == models[1]));
    CHECK((wire::encode(states[0]) == wire::encode(states[1])) == (models[0] == models[1]));
    crdt_test::check_round_trips(states[0]);
    crdt_test::check_parts(states[0], choose.below(50), [&] {
      states[0].add(writers[0], choose.below(250));
      states[0].remove(writers[0], choose.below(alphabet));
      if (choose.one_in(3)) states[0].merge(choose.of(states));
    });
  }
}

TEST_CASE("a two-phase set is a value: it copies, moves, swaps, and merges with itself") {
  replica alice;
  for (const int size : {0, 1, 2, 1000}) {
    CAPTURE(size);
    tickets x;
    for (int i = 0; i < size; ++i) x.add(alice, std::to_string(i));
    if (size != 0) x.remove(alice, *x.begin());  // an element of the set itself
    const auto original = x;
    x.merge(x);
    CHECK(x == original);
    CHECK(x.absorb(x).is_bottom());
    auto moved = std::move(x);
    CHECK(moved == original);
    CHECK(x == tickets{});
    CHECK(x.size() == 0);
    x.add(alice, "other");
    std::swap(x, moved);
    CHECK(x == original);
    CHECK(moved.size() == 1);
    auto& self = x;
    x = self;
    x = std::move(self);
    CHECK(x == original);
    CHECK(x.size() == static_cast<std::size_t>(std::max(0, size - 1)));
    moved = x;
    moved.add(alice, "one more");
    CHECK(x == original);
    CHECK(moved != original);
  }
}

TEST_CASE("printing a two-phase set shows what is there, ascending") {
  replica alice;
  tickets x;
  for (const auto* each : {"d", "a", "c", "b"}) x.add(alice, each);
  x.remove(alice, "c");
  CHECK(fmt::to_string(x) == "{a, b, d}");
  CHECK(fmt::to_string(tickets{}) == "{}");
  CHECK(crdt_test::to_json(x) == R"({"value": {"elements": ["a","b","d"],"removed": ["c"]}})");
}

TEST_CASE("a two-phase set that is not canonical is refused") {
  using set = two_phase_set<std::uint64_t>;
  using by_hand = std::pair<std::vector<std::uint64_t>, std::vector<std::uint64_t>>;
  const auto refused = [](const by_hand& bad) {
    CHECK_THROWS_AS(wire::decode<set>(wire::encode(bad)), decode_error);
    CHECK_THROWS_AS(crdt_test::from_binary<set>(crdt_test::to_binary(bad)), decode_error);
  };
  const by_hand good{{2, 5}, {1, 3, 9}};
  const auto x = wire::decode<set>(wire::encode(good));
  CHECK(x.size() == 2);
  CHECK(x.was_removed(1));
  refused({{5, 2}, {}});
  refused({{2, 2}, {}});
  refused({{}, {3, 1}});
  refused({{}, {3, 3}});
  refused({{2, 5}, {2}});  // there and removed
  refused({{2, 5}, {1, 5}});
}
