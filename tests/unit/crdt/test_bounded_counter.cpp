// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>
#include <string>

#include "hearsay/crdt/bounded_counter.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;
using crdt_test::joined;
using crdt_test::replica_with_id;

static_assert(crdt<bounded_counter>);
static_assert(std::is_nothrow_move_constructible_v<bounded_counter>);
static_assert(std::is_nothrow_swappable_v<bounded_counter>);

namespace {

constexpr auto most = std::numeric_limits<std::uint64_t>::max();

/// The encoding, read and written without the type.
struct by_hand {
  struct sums {
    replica_id by;
    std::uint64_t up = 0, down = 0;
    template <class Archive>
    void serialize(Archive& archive) {
      archive(by, up, down);
    }
  };
  struct transferred {
    replica_id from, to;
    std::uint64_t sum = 0;
    template <class Archive>
    void serialize(Archive& archive) {
      archive(from, to, sum);
    }
  };
  std::vector<sums> counts;
  std::vector<transferred> transfers;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(counts, transfers);
  }

  /// Increments without decrements, which value() would not show below zero.
  std::int64_t difference() const {
    std::uint64_t result = 0;
    for (const auto& each : counts) result += each.up - each.down;
    return static_cast<std::int64_t>(result);
  }
};

std::int64_t difference(const bounded_counter& x) {
  return wire::decode<by_hand>(wire::encode(x)).difference();
}

}  // namespace

TEST_CASE("the example of bounded_counter") {
  replica alice, bob;
  bounded_counter here, there;
  here.increment(alice, 10);
  here.transfer(alice, bob.id(), 4);
  there.merge(here);
  there.decrement(bob, 3);
  CHECK(there.value() == 7);
  CHECK(there.rights(bob.id()) == 1);
  CHECK(there.rights(alice.id()) == 6);
  CHECK_THROWS_AS(there.decrement(bob, 2), std::domain_error);
  CHECK(fmt::to_string(there) == "7");
  CHECK(type_name<bounded_counter>() == "bounded_counter");
}

TEST_CASE("who has too few rights is told how many, and nothing changes") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  bounded_counter x;
  x.increment(alice, 5);
  x.transfer(alice, bob.id(), 2);
  const auto before = x;
  const auto refusal = [](auto&& write) -> std::string {
    try {
      write();
    } catch (const std::domain_error& error) {
      return error.what();
    }
    return "none";
  };
  CHECK(refusal([&] { x.decrement(alice, 4); }) == "bounded_counter: 4 wanted, rights to 3 at hand");
  CHECK(refusal([&] { x.transfer(bob, alice.id(), 3); }) == "bounded_counter: 3 wanted, rights to 2 at hand");
  CHECK(refusal([&] { x.decrement(bob, most); }) ==
        "bounded_counter: 18446744073709551615 wanted, rights to 2 at hand");
  CHECK(x == before);
  CHECK(refusal([&] { x.decrement(alice, 3); }) == "none");
  CHECK(refusal([&] { x.decrement(bob, 2); }) == "none");
  CHECK(x.value() == 0);
}

TEST_CASE("the last seat is sold once, whoever asks first, and with nobody asking anybody") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  bounded_counter here;
  here.increment(alice, 1);
  auto there = here;
  CHECK_THROWS_AS(there.decrement(bob), std::domain_error);  // it sees the seat, and has no right to it
  here.decrement(alice);
  CHECK_THROWS_AS(here.decrement(alice), std::domain_error);
  CHECK(joined(there, here).value() == 0);
}

TEST_CASE("rights that were handed over are gone at once, and there when it was heard") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  bounded_counter here, there;
  there.merge(here.increment(alice, 3));
  const auto handed = here.transfer(alice, bob.id(), 3);
  CHECK_THROWS_AS(here.decrement(alice), std::domain_error);
  CHECK_THROWS_AS(there.decrement(bob), std::domain_error);
  CHECK(here.value() == 3);
  there.merge(handed);
  there.merge(handed);
  CHECK(there.rights(bob.id()) == 3);
  CHECK(there.rights(alice.id()) == 0);
  there.transfer(bob, alice.id(), 1);  // and back
  CHECK(there.rights(bob.id()) == 2);
  CHECK(there.rights(alice.id()) == 1);
  CHECK(there.value() == 3);
}

TEST_CASE("a decrement heard before all that made it possible leaves the value right") {
  auto alice = replica_with_id(1), bob = replica_with_id(2), carol = replica_with_id(3);
  bounded_counter at_alice, at_bob, at_carol;
  std::vector<bounded_counter> deltas;
  const auto heard = [&](bounded_counter& by, bounded_counter delta) {
    by.merge(delta);
    deltas.push_back(std::move(delta));
  };
  heard(at_bob, at_alice.increment(alice, 10));
  heard(at_bob, at_alice.transfer(alice, bob.id(), 10));
  heard(at_carol, at_bob.transfer(bob, carol.id(), 8));
  heard(at_bob, at_carol.decrement(carol, 8));
  bounded_counter only;
  only.merge(deltas.back());
  CHECK(only.value() == 2);
  std::vector<std::size_t> order{0, 1, 2, 3};
  do {
    bounded_counter x;
    for (const auto i : order) {
      x.merge(deltas[i]);
      CHECK(difference(x) >= 0);
      CHECK(static_cast<std::int64_t>(x.value()) == difference(x));
    }
    CHECK(x == at_bob);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("the delta of who spends its own increments names no other replica") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  bounded_counter x;
  x.increment(bob, 100);
  x.increment(alice, 5);
  CHECK(x.decrement(alice, 2).metrics().dots == 1);
  CHECK(x.transfer(alice, bob.id(), 3).metrics().dots == 2);
  x.transfer(bob, alice.id(), 1);
  CHECK(x.decrement(alice, 1).metrics().dots == 2);  // that of bob made it possible
}

TEST_CASE("whatever subset of deltas is heard in whatever order, no more was taken than was there") {
  std::size_t refused = 0, spent = 0;
  for (std::uint64_t seed = 0; seed < 150; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    const auto count = 2 + choose.below(5);
    const auto creators = 1 + choose.below(count);  // the others live on what they are given
    std::vector<replica> writers;
    for (std::uint64_t i = 0; i < count; ++i) writers.push_back(replica_with_id(i * 7 % 11 + 1));
    std::vector<bounded_counter> states(count), deltas;
    std::int64_t truth = 0;

    for (int step = 0; step < 150; ++step) {
      CAPTURE(step);
      const auto at = choose.below(count), other = (at + 1 + choose.below(count - 1)) % count;
      auto& x = states[at];
      const auto amount = 1 + choose.below(4);
      const auto spend = [&](auto write) {
        const auto before = x;
        const auto rights = x.rights(writers[at].id());
        try {
          deltas.push_back(write());
          REQUIRE(amount <= rights);
          ++spent;
          return true;
        } catch (const std::domain_error&) {
          REQUIRE(amount > rights);
          REQUIRE(x == before);
          ++refused;
          return false;
        }
      };
      switch (choose.below(8)) {
        case 0:
          deltas.push_back(states[at % creators].increment(writers[at % creators], amount));
          truth += static_cast<std::int64_t>(amount);
          break;
        case 1:
        case 2:
          if (spend([&] { return x.decrement(writers[at], amount); })) {
            truth -= static_cast<std::int64_t>(amount);
          }
          break;
        case 3:
        case 4:
          spend([&] { return x.transfer(writers[at], writers[other].id(), amount); });
          break;
        case 5:
          x.merge(states[other]);
          break;
        default: {  // some old delta, or several as one
          bounded_counter batch;
          for (auto n = 1 + choose.below(3); n != 0 && !deltas.empty(); --n) batch.merge(choose.of(deltas));
          const auto before = x;
          const auto news = x.absorb(batch);
          REQUIRE(joined(before, news) == x);
        }
      }
      REQUIRE(truth >= 0);
      for (const auto& state : states) REQUIRE(difference(state) >= 0);
    }

    for (int subset = 0; subset < 50; ++subset) {
      CAPTURE(subset);
      std::shuffle(deltas.begin(), deltas.end(), choose.engine());
      bounded_counter heard;
      for (auto n = choose.below(deltas.size() + 1); n != 0; --n) {
        heard.merge(deltas[n - 1]);
        REQUIRE(difference(heard) >= 0);
        REQUIRE(static_cast<std::int64_t>(heard.value()) == difference(heard));
      }
    }

    bounded_counter all;
    for (const auto& delta : deltas) all.merge(delta);
    for (const auto& state : states) CHECK(joined(all, state) == all);
    CHECK(static_cast<std::int64_t>(all.value()) == truth);
    std::uint64_t rights = 0;
    for (const auto& writer : writers) rights += all.rights(writer.id());
    CHECK(rights == all.value());
    crdt_test::check_round_trips(all);
    crdt_test::check_parts(states[0], choose.below(100), [&] {
      states[0].increment(writers[0], 2);
      states[0].transfer(writers[0], writers[1].id(), 1);
      states[0].merge(choose.of(states));
    });
  }
  CHECK(refused > 1000);
  CHECK(spent > 1000);
}

TEST_CASE("parts that tell of decrements before increments show zero, not less") {
  const by_hand part{{{{1}, 2, 5}}, {}};
  const auto x = wire::decode<bounded_counter>(wire::encode(part));
  CHECK(x.value() == 0);
  CHECK(fmt::to_string(x) == "0");
  CHECK(x.rights({1}) == 0);
  const by_hand rest{{{{2}, 4, 0}}, {{{2}, {1}, 3}}};
  const auto whole = joined(x, wire::decode<bounded_counter>(wire::encode(rest)));
  CHECK(whole.value() == 1);
  CHECK(whole.rights({1}) == 0);
  CHECK(whole.rights({2}) == 1);
}

TEST_CASE("sums of a bounded_counter stay within 64 bits, and it is as it was") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  bounded_counter x;
  x.increment(alice, most);
  const auto before = x;
  CHECK_THROWS_AS(x.increment(bob), std::overflow_error);
  CHECK(x == before);
  bounded_counter y;
  y.increment(bob, 1);
  auto both = joined(x, y);
  CHECK_THROWS_AS(both.value(), std::overflow_error);
  CHECK(fmt::to_string(both) == "over 18446744073709551615");
  both.transfer(bob, alice.id(), 1);
  CHECK(both.rights(alice.id()) == most);  // and one more

  x.transfer(alice, bob.id(), most);
  x.transfer(bob, alice.id(), most);
  const auto full = x;
  CHECK_THROWS_AS(x.transfer(alice, bob.id(), 1), std::overflow_error);
  CHECK(x == full);
  CHECK(x.rights(alice.id()) == most);
  x.decrement(alice, most);
  CHECK(x.value() == 0);
}

TEST_CASE("a bounded_counter counts neither by nothing nor by a negative amount") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  bounded_counter x;
  x.increment(alice, 3);
  const auto before = x;
  CHECK(x.increment(alice, 0).is_bottom());
  CHECK(x.decrement(bob, 0).is_bottom());
  CHECK(x.transfer(alice, bob.id(), 0).is_bottom());
  CHECK(x.transfer(alice, alice.id(), 2).is_bottom());
  CHECK_THROWS_AS(x.increment(alice, -1), std::invalid_argument);
  CHECK_THROWS_AS(x.decrement(alice, -1), std::invalid_argument);
  CHECK_THROWS_AS(x.transfer(alice, bob.id(), -1), std::invalid_argument);
  CHECK(x == before);
}

TEST_CASE("a bounded_counter is a value: it copies, moves, swaps, and merges with itself") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  bounded_counter x;
  x.increment(alice, 5);
  x.transfer(alice, bob.id(), 2);
  const auto original = x;
  auto moved = std::move(x);
  CHECK(moved == original);
  CHECK(x == bounded_counter{});
  CHECK(x.value() == 0);
  CHECK(x.rights(alice.id()) == 0);
  std::swap(x, moved);
  CHECK(x == original);
  CHECK(moved.is_bottom());
  x.merge(x);
  CHECK(x.absorb(x).is_bottom());
  CHECK(x == original);
}

TEST_CASE("a bounded_counter of many replicas goes in small parts") {
  std::vector<replica> writers(30);
  bounded_counter all;
  for (auto& writer : writers) all.increment(writer, 100);
  for (auto& from : writers) {
    for (auto& to : writers) all.transfer(from, to.id(), 1);
  }
  CHECK(all.metrics() == metrics{1, 30 + 30 * 29, 30, 0, all.metrics().bytes});
  for (const std::size_t size : {1u, 500u, 2000u}) {
    bounded_counter together;
    for (const auto& part : split(all, size)) {
      CHECK(wire::encode(part).size() <= std::max<std::size_t>(size, 30));
      together.merge(part);
    }
    CHECK(together == all);
  }
}

TEST_CASE("a bounded_counter in JSON can be read") {
  auto alice = replica_with_id(255);
  bounded_counter x;
  x.increment(alice, 7);
  x.decrement(alice, 2);
  x.transfer(alice, {1}, 3);
  CHECK(crdt_test::to_json(x) ==
        R"({"value": {"sums": [{"by": "00000000000000ff","up": 7,"down": 2}],)"
        R"("transfers": [{"from": "00000000000000ff","to": "0000000000000001","sum": 3}]}})");
}

TEST_CASE("a bounded_counter that is not canonical is refused") {
  const auto refused = [](const by_hand& bad) {
    CHECK_THROWS_AS(crdt_test::from_binary<bounded_counter>(crdt_test::to_binary(bad)), decode_error);
    CHECK_THROWS_AS(wire::decode<bounded_counter>(wire::encode(bad)), decode_error);
  };
  const by_hand good{{{{1}, 5, 1}, {{2}, 6, 0}}, {{{1}, {2}, 3}, {{2}, {1}, 3}}};
  CHECK(wire::decode<bounded_counter>(wire::encode(good)).value() == 10);
  refused({{{{2}, 5, 0}, {{1}, 6, 0}}, {}});
  refused({{{{1}, 0, 0}}, {}});
  refused({{}, {{{2}, {1}, 3}, {{1}, {2}, 3}}});
  refused({{}, {{{1}, {2}, 3}, {{1}, {2}, 4}}});
  refused({{}, {{{1}, {2}, 0}}});
  refused({{}, {{{1}, {1}, 3}}});
}
