// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <string>

#include "hearsay/crdt/max_register.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::joined;

using number = max_register<int>;

static_assert(crdt<number>);
static_assert(std::is_nothrow_move_constructible_v<number>);
static_assert(std::is_nothrow_swappable_v<number>);

TEST_CASE("the example of max_register") {
  replica alice, bob;
  max_register<int> here, there;
  CHECK(here.get() == nullptr);
  CHECK(fmt::to_string(here) == "nothing");
  const auto delta = here.raise(alice, 5);
  there.raise(bob, 7);
  there.merge(delta);
  CHECK(*there.get() == 7);
  CHECK(fmt::to_string(there) == "7");
  CHECK(type_name<max_register<std::string>>() == "max_register<string>");
}

TEST_CASE("the largest value wins, in every order") {
  replica alice;
  std::vector<int> values{5, 7, 5, 9};
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    number x;
    for (const auto i : order) x.merge(number().raise(alice, values[i]));
    CHECK(*x.get() == 9);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a value that is not larger changes nothing, and its delta is bottom") {
  replica alice;
  number x;
  CHECK(x.raise(alice, 0) == x);  // what stands for nothing elsewhere is a value here
  CHECK_FALSE(x.is_bottom());
  number y;
  y.raise(alice, 7);
  const auto before = y;
  CHECK(y.raise(alice, 7).is_bottom());
  CHECK(y.raise(alice, 5).is_bottom());
  CHECK(y.absorb(before).is_bottom());
  CHECK(y.absorb(number()).is_bottom());
  CHECK(y == before);
  const auto delta = y.raise(alice, 9);
  CHECK(*delta.get() == 9);
  auto z = before;
  CHECK(z.absorb(delta) == delta);
  CHECK(z == y);
}

TEST_CASE("a max_register is a value: it copies, moves, swaps, and merges with itself") {
  replica alice;
  max_register<std::string> x;
  x.raise(alice, "a value too long to be stored in place");
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

TEST_CASE("a max_register in JSON can be read") {
  replica alice;
  number x;
  CHECK(crdt_test::to_json(x) == R"({"value": {"value": {"nullopt": true}}})");
  x.raise(alice, -3);
  CHECK(crdt_test::to_json(x) == R"({"value": {"value": {"nullopt": false,"data": -3}}})");
}
