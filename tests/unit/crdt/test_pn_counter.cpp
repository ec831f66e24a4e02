// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <limits>
#include <stdexcept>

#include "hearsay/crdt/pn_counter.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;
using crdt_test::joined;
using crdt_test::replica_with_id;

static_assert(crdt<pn_counter>);
static_assert(std::is_nothrow_move_constructible_v<pn_counter>);
static_assert(std::is_nothrow_swappable_v<pn_counter>);

namespace {

using limits = std::numeric_limits<std::int64_t>;
constexpr auto most = std::numeric_limits<std::uint64_t>::max();

}  // namespace

TEST_CASE("the example of pn_counter") {
  replica alice, bob;
  pn_counter here, there;
  const auto delta = here.increment(alice, 5);
  there.decrement(bob, 7);
  there.merge(delta);
  CHECK(there.value() == -2);
  CHECK(here.value() == 5);
  CHECK(fmt::to_string(there) == "-2");
  CHECK(type_name<pn_counter>() == "pn_counter");
}

TEST_CASE("concurrent writes both ways all count, in every order") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  pn_counter x, y;
  std::vector<pn_counter> deltas{x.increment(alice, 10), x.decrement(alice, 3), y.increment(bob, 1),
                                 y.decrement(bob, 20)};
  std::vector<std::size_t> order{0, 1, 2, 3};
  const auto whole = joined(x, y);
  CHECK(whole.value() == -12);
  do {
    pn_counter heard;
    for (const auto i : order) heard.merge(deltas[i]);
    CHECK(heard == whole);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a delta of a pn_counter says only what changed") {
  auto alice = replica_with_id(1);
  pn_counter x;
  const auto up = x.increment(alice, 10);
  const auto down = x.decrement(alice, 3);
  CHECK(up.value() == 10);
  CHECK(down.value() == -3);
  pn_counter y;
  y.merge(down);
  const auto news = y.absorb(x);
  CHECK(news == up);
  CHECK(y == x);
  CHECK(y.absorb(x).is_bottom());
}

TEST_CASE("a pn_counter that would leave 64 bits refuses, and is as it was") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  pn_counter x;
  x.increment(alice, limits::max());
  const auto before = x;
  CHECK_THROWS_AS(x.increment(alice), std::overflow_error);
  CHECK_THROWS_AS(x.increment(bob), std::overflow_error);
  CHECK_THROWS_AS(x.increment(bob, most), std::overflow_error);
  CHECK(x == before);

  pn_counter y;
  y.decrement(alice, std::uint64_t{1} << 63);
  CHECK(y.value() == limits::min());
  CHECK_THROWS_AS(y.decrement(bob), std::overflow_error);
  CHECK(y.increment(bob).value() == 1);
  CHECK(y.value() == limits::min() + 1);

  // The value is small, but one of the sums has no room.
  pn_counter z;
  for (int i = 0; i < 2; ++i) {
    z.increment(alice, limits::max());
    z.decrement(alice, limits::max());
  }
  z.increment(alice);
  z.decrement(alice);
  const auto full = z;
  CHECK_THROWS_AS(z.increment(bob), std::overflow_error);
  CHECK(z == full);
  CHECK(z.value() == 0);
}

TEST_CASE("concurrent writes can take a pn_counter out of 64 bits, and back") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  pn_counter x, y;
  x.increment(alice, limits::max());
  y.increment(bob, 10);
  auto both = joined(x, y);
  CHECK(both == joined(y, x));
  CHECK_THROWS_AS(both.value(), std::overflow_error);
  CHECK(fmt::to_string(both) == "over 9223372036854775807");
  CHECK_THROWS_AS(both.increment(alice), std::overflow_error);
  crdt_test::check_round_trips(both);
  both.decrement(bob, 10);
  CHECK(both.value() == limits::max());

  pn_counter u, v;
  u.decrement(alice, std::uint64_t{1} << 63);
  v.decrement(bob, std::uint64_t{1} << 63);
  u.merge(v);
  CHECK_THROWS_AS(u.value(), std::overflow_error);
  CHECK(fmt::to_string(u) == "under -9223372036854775808");
}

TEST_CASE("a pn_counter counts neither by nothing nor by a negative amount") {
  replica alice;
  pn_counter x;
  CHECK(x.increment(alice, 0).is_bottom());
  CHECK(x.decrement(alice, 0).is_bottom());
  CHECK_THROWS_AS(x.increment(alice, -1), std::invalid_argument);
  CHECK_THROWS_AS(x.decrement(alice, limits::min()), std::invalid_argument);
  CHECK(x == pn_counter{});
}

TEST_CASE("two million writes of 1 each way make 0") {
  auto alice = replica_with_id(1);
  pn_counter x;
  for (int i = 0; i < 2'000'000; ++i) x.increment(alice);
  CHECK(x.value() == 2'000'000);
  for (int i = 0; i < 2'000'000; ++i) x.decrement(alice);
  CHECK(x.value() == 0);
  CHECK(x.metrics().dots == 1);
}

TEST_CASE("a pn_counter is a value: it copies, moves, swaps, and merges with itself") {
  replica alice, bob;
  pn_counter x;
  x.increment(alice, 1);
  x.decrement(bob, 2);
  const auto original = x;
  auto moved = std::move(x);
  CHECK(moved == original);
  CHECK(x == pn_counter{});
  CHECK(x.value() == 0);
  CHECK(x.decrement(bob, 7).value() == -7);
  std::swap(x, moved);
  CHECK(x == original);
  CHECK(moved.value() == -7);
  x.merge(x);
  CHECK(x.absorb(x).is_bottom());
  CHECK(x == original);
}

TEST_CASE("a pn_counter of many replicas goes in parts") {
  choices choose(1);
  std::vector<replica> writers(200);
  pn_counter all;
  for (auto& writer : writers) {
    all.increment(writer, choose.below(1'000'000'000));
    if (choose.one_in(2)) all.decrement(writer, choose.below(1'000'000'000));
  }
  crdt_test::check_round_trips(all);
  for (const std::size_t size : {1u, 100u, 1800u}) {
    for (const auto& part : split(all, size))
      CHECK(wire::encode(part).size() <= std::max<std::size_t>(size, 29));
    auto changing = all;
    crdt_test::check_parts(changing, size, [&] { changing.decrement(writers[choose.below(200)]); });
  }
}

TEST_CASE("a pn_counter in JSON can be read") {
  auto alice = replica_with_id(255);
  pn_counter x;
  x.increment(alice, 7);
  x.decrement(alice, 2);
  CHECK(crdt_test::to_json(x) == R"({"value": {"sums": [{"by": "00000000000000ff","up": 7,"down": 2}]}})");
}

namespace {

struct row {
  replica_id by;
  std::uint64_t up, down;
};
struct by_hand {
  std::vector<row> sums;

  template <class Archive>
  void save(Archive& out) const {
    out(cereal::make_size_tag(static_cast<cereal::size_type>(sums.size())));
    for (const auto& [by, up, down] : sums) out(by, up, down);
  }
};

}  // namespace

TEST_CASE("a pn_counter that is not canonical is refused") {
  const auto refused = [](const by_hand& bad) {
    CHECK_THROWS_AS(crdt_test::from_binary<pn_counter>(crdt_test::to_binary(bad)), decode_error);
    CHECK_THROWS_AS(wire::decode<pn_counter>(wire::encode(bad)), decode_error);
  };
  const by_hand good{{{{1}, 5, 0}, {{2}, 0, 6}}};
  CHECK(crdt_test::from_binary<pn_counter>(crdt_test::to_binary(good)).value() == -1);
  refused({{{{2}, 5, 0}, {{1}, 0, 6}}});
  refused({{{{1}, 5, 0}, {{1}, 0, 6}}});
  refused({{{{1}, 5, 0}, {{2}, 0, 0}}});
}
