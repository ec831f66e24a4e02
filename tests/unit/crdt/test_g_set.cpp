// SPDX-License-Identifier: BSL-1.0
#include <compare>
#include <iterator>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt/g_set.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;
using crdt_test::joined;

using names = g_set<std::string>;

static_assert(crdt<names>);
static_assert(std::forward_iterator<names::const_iterator>);
static_assert(std::is_nothrow_move_constructible_v<names>);
static_assert(std::is_nothrow_swappable_v<names>);
static_assert(sizeof(g_set<std::uint64_t>) <= 40);

TEST_CASE("the example of g_set") {
  replica alice, bob;
  g_set<std::string> here, there;
  there.merge(here.add(alice, "apple"));
  here.merge(there.add(bob, "pear"));
  CHECK(here == there);
  CHECK(fmt::to_string(here) == "{apple, pear}");
  CHECK(type_name<names>() == "g_set<string>");
}

TEST_CASE("to add what is there is bottom") {
  replica alice, bob;
  names x;
  CHECK_FALSE(x.add(alice, "a").is_bottom());
  CHECK(x.add(alice, "a").is_bottom());
  CHECK(x.add(bob, "a").is_bottom());
  CHECK(x.size() == 1);
}

namespace {

std::string text(std::uint64_t i) { return "an element of some length, number " + std::to_string(i); }
std::uint64_t number(std::uint64_t i) { return i * 77; }
std::uint8_t octet(std::uint64_t i) { return static_cast<std::uint8_t>(i); }

template <class T>
void check_histories(T (*element)(std::uint64_t)) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    const auto alphabet = 1 + choose.below(seed % 2 == 0 ? 3 : 60);
    std::vector<replica> writers(3);
    std::vector<g_set<T>> states(3), deltas{g_set<T>{}};
    std::vector<std::set<T>> models(3);
    for (int step = 0; step < 100; ++step) {
      const auto at = choose.below(3), from = choose.below(3);
      switch (choose.below(4)) {
        case 0:
        case 1: {
          const T some = element(choose.below(alphabet));
          deltas.push_back(states[at].add(writers[at], some));
          const bool fresh = models[at].insert(some).second;
          CHECK(deltas.back().size() == (fresh ? 1 : 0));
          break;
        }
        case 2:
          states[at].merge(states[from]);
          models[at].insert(models[from].begin(), models[from].end());
          break;
        default: {
          const auto& delta = choose.of(deltas);
          std::set<T> fresh;
          for (const auto& each : delta) {
            if (models[at].insert(each).second) fresh.insert(each);
          }
          const auto news = states[at].absorb(delta);
          CHECK(std::set<T>(news.begin(), news.end()) == fresh);
        }
      }
      REQUIRE(std::set<T>(states[at].begin(), states[at].end()) == models[at]);
      CHECK(states[at].size() == models[at].size());
      CHECK(states[at].metrics().items == models[at].size());
      for (std::uint64_t i = 0; i < alphabet; ++i)
        REQUIRE(states[at].contains(element(i)) == models[at].contains(element(i)));
    }
    CHECK((states[0] == states[1]) == (models[0] == models[1]));
    CHECK((wire::encode(states[0]) == wire::encode(states[1])) == (models[0] == models[1]));
    CHECK(joined(states[0], states[1]) == joined(states[1], states[0]));
    crdt_test::check_round_trips(states[0]);
    crdt_test::check_parts(states[0], choose.below(100), [&] {
      states[0].add(writers[0], element(choose.below(250)));
      if (choose.one_in(3)) states[0].merge(choose.of(states));
    });
  }
}

}  // namespace

TEST_CASE("grow-only sets of numbers equal naive ones") { check_histories(number); }
TEST_CASE("grow-only sets of strings equal naive ones") { check_histories(text); }
TEST_CASE("grow-only sets of small elements equal naive ones") { check_histories(octet); }

TEST_CASE("a grow-only set is a value: it copies, moves, swaps, and merges with itself") {
  replica alice;
  for (const std::uint64_t size : {0u, 1u, 2u, 1000u}) {
    CAPTURE(size);
    names x;
    for (std::uint64_t i = 0; i < size; ++i) x.add(alice, text(i));
    const auto original = x;
    x.merge(x);
    CHECK(x == original);
    CHECK(x.absorb(x).is_bottom());
    auto moved = std::move(x);
    CHECK(moved == original);
    CHECK(x == names{});
    x.add(alice, "other");
    std::swap(x, moved);
    CHECK(x == original);
    CHECK(moved.size() == 1);
    auto& self = x;
    x = self;
    x = std::move(self);
    CHECK(x == original);
    moved = x;
    moved.add(alice, "one more");
    CHECK(x == original);
    CHECK(moved != original);
    for (const auto& each : original) CHECK(x.add(alice, each).is_bottom());
  }
}

namespace {

/// Its copies fail when told to.
struct fragile {
  int number = 0;
  static inline bool fails = false;

  fragile() = default;
  explicit fragile(int n) : number(n) {}
  fragile(const fragile& other) : number(other.number) {
    if (fails) throw std::runtime_error("no copy");
  }
  fragile(fragile&&) noexcept = default;
  fragile& operator=(const fragile&) = default;
  auto operator<=>(const fragile&) const = default;
  friend std::size_t hash_value(const fragile& x) { return static_cast<std::size_t>(x.number); }
};

}  // namespace

TEST_CASE("if an element cannot be copied the set is as it was") {
  replica alice;
  g_set<fragile> x;
  for (int size = 0; size < 20; ++size) {
    CAPTURE(size);
    const auto before = x;
    fragile::fails = true;
    CHECK_THROWS_AS(x.add(alice, fragile(size)), std::runtime_error);
    fragile::fails = false;
    CHECK(x == before);
    CHECK_FALSE(x.contains(fragile(size)));
    CHECK_FALSE(x.add(alice, fragile(size)).is_bottom());
  }
}

TEST_CASE("a set of a hundred thousand numbers takes at most 48 bytes a number, and 4 on the wire") {
  replica alice;
  g_set<std::uint64_t> x;
  for (std::uint64_t i = 0; i < 100'000; ++i) x.add(alice, number(i));
  CHECK(x.metrics().bytes <= 4'800'000);
  CHECK(wire::encode(x).size() <= 400'000);
  const auto parts = split(x, 4000);
  CHECK(parts.size() == 200);
  names::const_iterator none;
  CHECK(none == names::const_iterator());
}

TEST_CASE("a grow-only set in JSON can be read") {
  replica alice;
  names x;
  for (const auto* each : {"b", "a", "c"}) x.add(alice, each);
  CHECK(crdt_test::to_json(x) == R"({"value": {"elements": ["a","b","c"]}})");
}

TEST_CASE("a grow-only set that is not canonical is refused") {
  const auto refused = [](const std::vector<std::uint64_t>& bad) {
    CHECK_THROWS_AS(wire::decode<g_set<std::uint64_t>>(wire::encode(bad)), decode_error);
    CHECK_THROWS_AS(crdt_test::from_binary<g_set<std::uint64_t>>(crdt_test::to_binary(bad)), decode_error);
  };
  const std::vector<std::uint64_t> good{1, 2, 300};
  CHECK(wire::decode<g_set<std::uint64_t>>(wire::encode(good)).size() == 3);
  refused({1, 1});
  refused({2, 1});
  refused({1, 3, 2});
  refused({1, 2, 1});
}
