// SPDX-License-Identifier: BSL-1.0
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>

#include "hearsay/crdt/lww_register.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::joined;
using crdt_test::replica_with_id;

using text = lww_register<std::string>;

static_assert(crdt<text>);
static_assert(std::is_nothrow_move_constructible_v<text>);
static_assert(std::is_nothrow_swappable_v<text>);

namespace {

constexpr std::uint64_t hour = 3'600'000;

}  // namespace

TEST_CASE("the example of lww_register") {
  replica alice, bob;
  lww_register<std::string> here, there;
  CHECK(here.get() == nullptr);
  there.merge(here.set(alice, "red"));
  there.set(bob, "blue");
  here.merge(there);
  CHECK(*here.get() == "blue");
  CHECK(here == there);
  CHECK(fmt::to_string(here) == "blue");
  CHECK(fmt::to_string(text{}) == "nothing");
  CHECK(type_name<text>() == "lww_register<string>");
}

TEST_CASE("register: of two writes of one replica in one clock tick the second wins") {
  auto alice = replica_with_id(1);  // whose clock stands still
  text x;
  const auto first = x.set(alice, "first");
  const auto second = x.set(alice, "second");
  CHECK(first.newest().milliseconds() == second.newest().milliseconds());
  CHECK(*x.get() == "second");
  CHECK(*joined(first, second).get() == "second");
  CHECK(*joined(second, first).get() == "second");

  // Also where the second write did not see the first.
  text y, z;
  const auto one = y.set(alice, "one"), two = z.set(alice, "another");
  CHECK(*joined(one, two).get() == "another");
  CHECK(*joined(two, one).get() == "another");
}

TEST_CASE("register: with a clock set back an hour a causally later write still wins") {
  const auto now = std::make_shared<std::uint64_t>(1'700'000'000'000);
  const auto late = std::make_shared<std::uint64_t>(*now - hour);
  auto alice = replica_with_id(9, now), bob = replica_with_id(1, late);
  text x;
  const auto first = x.set(alice, "first");
  *now -= hour;
  const auto second = x.set(alice, "second");
  CHECK(*joined(second, first).get() == "second");

  text y;
  y.merge(second);
  const auto third = y.set(bob, "third");  // his clock is behind, and his id is lower
  x.merge(third);
  CHECK(*x.get() == "third");
  CHECK(*joined(third, first).get() == "third");
  CHECK(*joined(third, second).get() == "third");
}

TEST_CASE("register: of concurrent writes the later wins, of those at one time that by the higher id") {
  const auto now = std::make_shared<std::uint64_t>(1000);
  auto alice = replica_with_id(2, now), bob = replica_with_id(1, now);
  text x, y;
  x.set(alice, "of the higher id");
  y.set(bob, "of the lower");
  CHECK(x.newest() == y.newest());
  CHECK(joined(x, y) == x);
  CHECK(joined(y, x) == x);
  ++*now;
  text z;
  z.set(bob, "later");
  CHECK(joined(x, z) == z);
  CHECK(joined(z, x) == z);
}

TEST_CASE("two values with one stamp are a collision, and the register is as it was") {
  auto alice = replica_with_id(1), copy_of_alice = replica_with_id(1);
  text x, y, same;
  x.set(alice, "one");
  y.set(copy_of_alice, "another");
  const auto before = x;
  CHECK_THROWS_AS(x.merge(y), collision_error);
  CHECK_THROWS_AS(x.absorb(y), collision_error);
  CHECK(x == before);
  auto third = replica_with_id(1);
  same.set(third, "one");
  CHECK(x.absorb(same).is_bottom());
  x.set(alice, "a later one");
  x.merge(y);
  CHECK(*x.get() == "a later one");
}

TEST_CASE("where no time is left a write to a register is refused, and it is as it was") {
  auto alice = replica_with_id(1);
  text x;
  x.set(alice, "kept");
  const auto before = x;
  alice.time().witness({std::numeric_limits<std::uint64_t>::max()});
  CHECK_THROWS_AS(x.set(alice, "lost"), std::overflow_error);
  CHECK(x == before);
}

TEST_CASE("an lww_register is a value: it copies, moves, swaps, and merges with itself") {
  replica alice;
  text x;
  CHECK(newest(x) == timestamp{});
  const auto delta = x.set(alice, "a value too long to be stored in place");
  CHECK(delta == x);
  CHECK(newest(x) == x.newest());
  const auto original = x;
  auto moved = std::move(x);
  CHECK(moved == original);
  CHECK(x.is_bottom());
  CHECK(x.newest() == timestamp{});
  std::swap(x, moved);
  CHECK(x == original);
  auto& self = x;
  x = self;
  x = std::move(self);
  x.merge(x);
  CHECK(x.absorb(x).is_bottom());
  CHECK(x.absorb(text{}).is_bottom());
  CHECK(x == original);
  text y;
  CHECK(y.absorb(delta) == delta);
  CHECK(y.absorb(delta).is_bottom());
  CHECK(split(x, 1) == std::vector{x});
  CHECK(split(text{}, 1).empty());
  CHECK(metrics_of(x).dots == 1);
  crdt_test::check_round_trips(x);
  crdt_test::check_round_trips(text{});
}

TEST_CASE("a register whose value cannot be copied is as it was") {
  struct heavy {
    int value = 0;
    bool fails = false;
    heavy() = default;
    heavy(int v, bool f) : value(v), fails(f) {}
    heavy(const heavy& other) : value(other.value), fails(other.fails) {
      if (fails) throw std::runtime_error("too heavy");
    }
    heavy(heavy&&) noexcept = default;
    heavy& operator=(const heavy&) = default;
    heavy& operator=(heavy&&) noexcept = default;
    auto operator<=>(const heavy&) const = default;
  };
  replica alice;
  lww_register<heavy> x;
  x.set(alice, {1, false});
  const auto before = x;
  CHECK_THROWS_AS(x.set(alice, heavy(2, true)), std::runtime_error);
  CHECK(x == before);
}

TEST_CASE("an lww_register in JSON can be read") {
  auto alice = replica_with_id(255, std::make_shared<std::uint64_t>(1));
  lww_register<int> x;
  x.set(alice, 7);
  CHECK(crdt_test::to_json(x) == R"({"value": {"value": {"nullopt": false,"data": {"value": 7,)"
                                 R"("written": {"time": 65536,"by": "00000000000000ff"}}}}})");
}
