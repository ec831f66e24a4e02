// SPDX-License-Identifier: BSL-1.0
#include <array>
#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "hearsay/crdt/product.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::joined;
using crdt_test::replica_with_id;

namespace {

struct profile {
  lww_map<std::string, std::string> facts;
  or_set<std::string> tags;
  g_counter visits;
};

struct solo {
  g_counter only;
};

struct account {
  static constexpr std::string_view crdt_name = "my::account";

  product<profile> owner;
  g_set<std::uint8_t> flags;
  product<std::pair<g_counter, product<solo>>> usage;
};

/// No part, no metrics, no stamps; nothing but the contract.
struct plain {
  int largest = 0;
  void merge(const plain& other) { largest = std::max(largest, other.largest); }
  bool operator==(const plain&) const = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(largest);
  }
};

struct mixed {
  plain first;
  g_counter second;
};

template <class T>
concept has_newest = requires(const T& x) {
  x.newest();
};

/// A state with something in each field, at every depth.
product<account> filled(replica& me) {
  product<account> x;
  for (int i = 0; i < 20; ++i) {
    x.update(&account::owner, [&](auto& owner) {
      return owner.update(&profile::facts,
                          [&](auto& facts) { return facts.put(me, std::to_string(i), "fact"); });
    });
    x.update(&account::owner, [&](auto& owner) {
      return owner.update(&profile::tags, [&](auto& tags) { return tags.add(me, std::to_string(i)); });
    });
    x.update(&account::flags, [&](auto& flags) { return flags.add(me, static_cast<std::uint8_t>(i)); });
  }
  x.update(&account::usage, [&](auto& usage) {
    return usage.template update<1>([&](auto& inner) {
      return inner.update(&solo::only, [&](auto& counter) { return counter.increment(me, 5); });
    });
  });
  return x;
}

}  // namespace

static_assert(crdt<product<profile>> && crdt<product<account>> && crdt<product<solo>>);
static_assert(crdt<product<std::tuple<g_counter, g_counter>>>);
static_assert(crdt<product<std::array<g_counter, 3>>>);
static_assert(std::is_nothrow_move_constructible_v<product<profile>>);
static_assert(has_newest<product<account>> && !has_newest<product<solo>>);

TEST_CASE("the example of product") {
  replica alice;
  product<profile> here, there;
  const auto delta = here.update(&profile::tags, [&](auto& tags) { return tags.add(alice, "new"); });
  there.merge(delta);
  CHECK(there->tags.contains("new"));
  CHECK((*there).facts.empty());
  CHECK(there == here);
  CHECK(delta->visits.is_bottom());
  CHECK(fmt::to_string(there) == "({}, {new}, 0)");
}

TEST_CASE("fields are read and changed by name and by place") {
  replica alice;
  product<std::tuple<g_counter, or_set<std::string>>> x;
  const auto first = x.update<0>([&](auto& counter) { return counter.increment(alice, 2); });
  const auto second = x.update<1>([&](auto& set) { return set.add(alice, "a"); });
  CHECK(x.get<0>().value() == 2);
  CHECK(x.get<1>().contains("a"));
  CHECK(std::get<0>(*x).value() == 2);
  CHECK(joined(first, second) == x);

  product<std::pair<g_counter, g_counter>> y;
  using both = std::pair<g_counter, g_counter>;
  y.update(&both::second, [&](auto& counter) { return counter.increment(alice); });
  CHECK(y->second.value() == 1);
  CHECK(y.get<0>().is_bottom());

  product<std::array<g_counter, 3>> z;
  z.update<2>([&](auto& counter) { return counter.increment(alice); });
  CHECK(fmt::to_string(z) == "(0, 0, 1)");
}

TEST_CASE("an update with nothing to do is bottom") {
  replica alice;
  product<profile> x;
  const auto nothing = x.update(&profile::tags, [&](auto& tags) { return tags.remove(alice, "a"); });
  CHECK(nothing.is_bottom());
  CHECK(x.is_bottom());
  CHECK(split(x, 100).empty());
}

TEST_CASE("the deltas of fields may come in any order, joined or not") {
  replica alice;
  product<profile> x;
  std::vector<product<profile>> deltas{
      x.update(&profile::tags, [&](auto& tags) { return tags.add(alice, "a"); }),
      x.update(&profile::visits, [&](auto& visits) { return visits.increment(alice); }),
      x.update(&profile::facts, [&](auto& facts) { return facts.put(alice, "k", "v"); })};
  std::array<std::size_t, 3> order{0, 1, 2};
  do {
    product<profile> y, pair;
    for (const auto i : order) y.merge(deltas[i]);
    CHECK(y == x);
    pair.merge(joined(deltas[order[0]], deltas[order[1]]));
    CHECK(pair != x);
    CHECK(pair.absorb(x) == deltas[order[2]]);
    CHECK(pair == x);
    CHECK(wire::encode(pair) == wire::encode(x));
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("a product has the newest stamp of its fields, and the sums of their metrics") {
  auto now = std::make_shared<std::uint64_t>(1000);
  auto alice = replica_with_id(1, now);
  auto x = filled(alice);
  const auto before = x.newest();
  CHECK(before == x->owner->facts.newest());
  *now += 10;
  x.update(&account::owner, [&](auto& owner) {
    return owner.update(&profile::facts, [&](auto& facts) { return facts.put(alice, "k", "v"); });
  });
  CHECK(x.newest() > before);
  CHECK(x.newest().milliseconds() == 1010);
  const auto m = x.metrics();
  CHECK(m.items == 21 + 20 + metrics_of(x->owner->visits).items + 20 + 2);
  CHECK(m.bytes >= sizeof x);
}

TEST_CASE("types have the names of their fields, or their own") {
  CHECK(type_name<product<profile>>() == "product<lww_map<string,string>,or_set<string>,g_counter>");
  CHECK(type_name<product<std::tuple<g_counter, g_set<std::uint64_t>>>>() == "product<g_counter,g_set<u64>>");
  CHECK(type_name<product<std::pair<g_counter, g_counter>>>() == "product<g_counter,g_counter>");
  CHECK(type_name<product<solo>>() == "product<g_counter>");
  CHECK(type_name<product<account>>() == "my::account");
}

TEST_CASE("the parts of a product walk field after field, at every depth") {
  auto alice = replica_with_id(1);
  const auto x = filled(alice);
  for (const std::size_t max_bytes : {0u, 1u, 20u, 60u, 200u, 1000u, 100'000u}) {
    CAPTURE(max_bytes);
    product<account> together;
    std::size_t count = 0, longest = 0;
    for (cursor at; !at.end; ++count) {
      CAPTURE(at);
      const auto same = wire::decode<cursor>(wire::encode(at));  // what a peer sends back
      CHECK(same == at);
      const auto part = x.part(at, max_bytes);
      REQUIRE_FALSE(part.is_bottom());
      together.merge(part);
      longest = std::max(longest, wire::encode(part).size());
      REQUIRE(count < 100);
    }
    CHECK(together == x);
    if (max_bytes <= 1) CHECK(count == 61);
    if (max_bytes == 100'000) CHECK(count == 1);
    if (max_bytes >= 60) CHECK(longest <= 2 * max_bytes);
  }
}

TEST_CASE("the parts of a product are complete while all fields change") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    CAPTURE(seed);
    crdt_test::choices choose(seed);
    auto alice = replica_with_id(1), bob = replica_with_id(2);
    auto x = filled(alice);
    crdt_test::check_parts(x, choose.below(100), [&] {
      x.update(&account::owner, [&](auto& owner) {
        return owner.update(&profile::facts, [&](auto& facts) {
          return facts.put(bob, std::to_string(choose.below(30)), "new");
        });
      });
      x.update(&account::owner, [&](auto& owner) {
        return owner.update(&profile::tags, [&](auto& tags) {
          const auto tag = std::to_string(choose.below(30));
          return choose.one_in(2) ? tags.add(bob, tag) : tags.remove(bob, tag);
        });
      });
      x.update(&account::usage, [&](auto& usage) {
        return usage.template update<0>([&](auto& counter) { return counter.increment(bob); });
      });
    });
  }
}

TEST_CASE("a cursor that no walk has been at does no harm") {
  auto alice = replica_with_id(1);
  const auto x = filled(alice);
  crdt_test::choices choose(7);
  for (int i = 0; i < 2000; ++i) {
    const auto number = [&] { return choose.one_in(2) ? choose.below(40) : ~choose.below(3); };
    cursor at{number(), number(), choose.one_in(10), number()};
    CAPTURE(i, at);
    std::size_t count = 0;
    while (!at.end) {
      CHECK(crdt_test::below_or_equal(x.part(at, choose.below(50)), x));
      REQUIRE(++count < 200);
    }
    CHECK(x.part(at, 10).is_bottom());
  }
}

TEST_CASE("a field without members of its own for parts and metrics will do") {
  replica alice;
  product<mixed> x;
  x.update(&mixed::first, [&](auto& first) {
    first.largest = 3;
    return first;
  });
  x.update(&mixed::second, [&](auto& second) { return second.increment(alice); });
  CHECK(split(x, 1).size() == 2);
  CHECK(split(x, 1000).size() == 1);
  product<mixed> y;
  CHECK(y.absorb(x) == x);
  CHECK(y.absorb(x).is_bottom());
  CHECK(y.metrics().items == 2);
  crdt_test::check_round_trips(x);
}

TEST_CASE("a product is a value: it copies, moves, swaps, and merges with itself") {
  auto alice = replica_with_id(1);
  auto x = filled(alice);
  const auto original = x;
  x.merge(x);
  CHECK(x == original);
  CHECK(x.absorb(x).is_bottom());
  auto moved = std::move(x);
  CHECK(moved == original);
  CHECK(x.is_bottom());
  std::swap(x, moved);
  CHECK(x == original);
  auto& self = x;
  x = self;
  CHECK(x == original);
  CHECK(product<profile>(*original->owner) == original->owner);
  crdt_test::check_round_trips(x);
  crdt_test::check_round_trips(product<account>{});
}

TEST_CASE("if a change throws the product is as its field") {
  auto alice = replica_with_id(1);
  product<solo> x;
  x.update<0>([&](auto& counter) { return counter.increment(alice, ~std::uint64_t{0}); });
  const auto before = x;
  CHECK_THROWS_AS(x.update<0>([&](auto& counter) { return counter.increment(alice); }), std::overflow_error);
  CHECK(x == before);
}

TEST_CASE("the bytes of a product are those of its fields") {
  auto alice = replica_with_id(1);
  product<std::pair<g_counter, g_set<std::uint64_t>>> x;
  x.update<0>([&](auto& counter) { return counter.increment(alice, 300); });
  x.update<1>([&](auto& set) { return set.add(alice, 7); });
  auto expected = wire::encode(x.get<0>());
  wire::encode_to(expected, x.get<1>());
  CHECK(wire::encode(x) == expected);
  CHECK(fmt::to_string(cursor{1, 2, false, 3}) == "3:1.2");
}
