// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <string>

#include "hearsay/crdt/min_register.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::joined;

using number = min_register<int>;

static_assert(crdt<number>);
static_assert(std::is_nothrow_move_constructible_v<number>);
static_assert(std::is_nothrow_swappable_v<number>);

TEST_CASE("the example of min_register") {
  replica alice, bob;
  min_register<int> here, there;
  CHECK(here.get() == nullptr);
  CHECK(fmt::to_string(here) == "nothing");
  const auto delta = here.lower(alice, 5);
  there.lower(bob, 7);
  there.merge(delta);
  CHECK(*there.get() == 5);
  CHECK(fmt::to_string(there) == "5");
  CHECK(type_name<min_register<std::string>>() == "min_register<string>");
}

TEST_CASE("the smallest value wins, in every order") {
  replica alice;
  std::vector<int> values{7, 5, 7, 2};
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    number x;
    for (const auto i : order) x.merge(number().lower(alice, values[i]));
    CHECK(*x.get() == 2);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a value that is not smaller changes nothing, and its delta is bottom") {
  replica alice;
  number x;
  CHECK(x.lower(alice, 0) == x);  // what stands for nothing elsewhere is a value here
  CHECK_FALSE(x.is_bottom());
  number y;
  y.lower(alice, 5);
  const auto before = y;
  CHECK(y.lower(alice, 5).is_bottom());
  CHECK(y.lower(alice, 7).is_bottom());
  CHECK(y.absorb(before).is_bottom());
  CHECK(y.absorb(number()).is_bottom());
  CHECK(y == before);
  const auto delta = y.lower(alice, 2);
  CHECK(*delta.get() == 2);
  auto z = before;
  CHECK(z.absorb(delta) == delta);
  CHECK(z == y);
}

TEST_CASE("a min_register is a value: it copies, moves, swaps, and merges with itself") {
  replica alice;
  min_register<std::string> x;
  x.lower(alice, "a value too long to be stored in place");
  const auto original = x;
  auto moved = std::move(x);
  CHECK(moved == original);
  CHECK(x.is_bottom());
  std::swap(x, moved);
  CHECK(x == original);
  CHECK(moved.is_bottom());
  auto& self = x;
  x = self;
  x = std::move(self);
  x.merge(x);
  CHECK(x.absorb(x).is_bottom());
  CHECK(x == original);
  CHECK(split(x, 1) == std::vector{x});
  CHECK(split(moved, 1).empty());
  CHECK(metrics_of(x).items == 1);
  crdt_test::check_round_trips(x);
  crdt_test::check_round_trips(moved);
}

TEST_CASE("a min_register in JSON can be read") {
  replica alice;
  number x;
  CHECK(crdt_test::to_json(x) == R"({"value": {"value": {"nullopt": true}}})");
  x.lower(alice, -3);
  CHECK(crdt_test::to_json(x) == R"({"value": {"value": {"nullopt": false,"data": -3}}})");
}
