// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>

#include "hearsay/crdt/lww_map.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;
using crdt_test::joined;
using crdt_test::replica_with_id;

using ages = lww_map<std::string, int>;

static_assert(crdt<ages>);
static_assert(std::forward_iterator<ages::const_iterator>);
static_assert(std::is_nothrow_move_constructible_v<ages>);
static_assert(std::is_nothrow_swappable_v<ages>);

TEST_CASE("the example of lww_map") {
  replica alice, bob;
  lww_map<std::string, int> here, there;
  there.merge(here.put(alice, "x", 1));
  there.put(bob, "x", 2);
  here.merge(there);
  CHECK(*here.get("x") == 2);
  CHECK(here == there);
}

TEST_CASE("the latest write wins, also against an erase") {
  auto now = std::make_shared<std::uint64_t>(1000);
  auto alice = replica_with_id(1, now), bob = replica_with_id(2, now);
  ages x, y;
  y.merge(x.put(alice, "k", 1));
  *now += 10;
  const auto erased = x.erase(alice, "k");
  *now += 10;
  const auto written = y.put(bob, "k", 2);
  x.merge(written);
  y.merge(erased);
  CHECK(x == y);
  CHECK(*x.get("k") == 2);
  *now += 10;
  const auto again = x.erase(alice, "k");
  y.merge(again);
  CHECK(y.get("k") == nullptr);
  CHECK(y.empty());
  CHECK(y == x);
  CHECK_FALSE(y.is_bottom());
}

TEST_CASE("of writes at the same time the one by the higher id wins") {
  auto now = std::make_shared<std::uint64_t>(1000);
  auto alice = replica_with_id(1, now), bob = replica_with_id(2, now);
  ages x, y;
  x.put(alice, "k", 1);
  y.put(bob, "k", 2);
  CHECK(x.newest() == y.newest());
  CHECK(joined(x, y) == y);
  CHECK(joined(y, x) == y);
}

TEST_CASE("a write wins over the one it has seen, whatever its clock says") {
  auto ahead = replica_with_id(9, std::make_shared<std::uint64_t>(5'000'000));
  auto behind = replica_with_id(1, std::make_shared<std::uint64_t>(1000));
  ages x;
  x.put(ahead, "k", 1);
  auto y = x;
  y.put(behind, "k", 2);
  x.merge(y);
  CHECK(*x.get("k") == 2);
  const auto written = y.put(behind, "other", 3);  // and its clock stays above
  CHECK(written.newest() > timestamp::from_milliseconds(5'000'000));
}

TEST_CASE("map: of two writes of one replica in one clock tick the second wins") {
  auto alice = replica_with_id(1);  // whose clock stands still
  ages x;
  const auto first = x.put(alice, "k", 1);
  const auto second = x.put(alice, "k", 2);
  const auto third = x.erase(alice, "k");
  CHECK(first.newest().milliseconds() == third.newest().milliseconds());
  CHECK(*joined(first, second).get("k") == 2);
  CHECK(*joined(second, first).get("k") == 2);
  CHECK_FALSE(joined(second, third).contains("k"));
  CHECK_FALSE(joined(third, second).contains("k"));
}

TEST_CASE("map: with a clock set back an hour a causally later write still wins") {
  constexpr std::uint64_t hour = 3'600'000;
  const auto now = std::make_shared<std::uint64_t>(1'700'000'000'000);
  auto alice = replica_with_id(9, now),
       bob = replica_with_id(1, std::make_shared<std::uint64_t>(*now - hour));
  ages x, y;
  const auto first = x.put(alice, "k", 1);
  *now -= hour;
  const auto second = x.put(alice, "k", 2);
  CHECK(*joined(second, first).get("k") == 2);
  y.merge(second);
  const auto third = y.put(bob, "k", 3);  // his clock is behind, and his id is lower
  CHECK(*joined(third, second).get("k") == 3);
  CHECK(*joined(second, third).get("k") == 3);
}

TEST_CASE("two values of a key with one stamp are a collision, and the key is as it was") {
  auto alice = replica_with_id(1), copy_of_alice = replica_with_id(1), third = replica_with_id(1);
  ages x, y, same;
  x.put(alice, "k", 1);
  y.put(copy_of_alice, "k", 2);
  same.put(third, "k", 1);
  const auto before = x;
  CHECK_THROWS_AS(x.merge(y), collision_error);
  CHECK_THROWS_AS(x.absorb(y), collision_error);
  CHECK(x == before);
  CHECK(x.absorb(same).is_bottom());

  ages gone = same;  // a value and an erase
  gone.erase(third, "k");
  x.put(alice, "k", 5);
  CHECK(gone.newest() == x.newest());
  CHECK_THROWS_AS(gone.merge(x), collision_error);
  CHECK_FALSE(gone.contains("k"));
}

TEST_CASE("the erase of what is not there is bottom") {
  replica alice;
  ages x;
  CHECK(x.erase(alice, "k").is_bottom());
  x.put(alice, "k", 1);
  CHECK_FALSE(x.erase(alice, "k").is_bottom());
  CHECK(x.erase(alice, "k").is_bottom());
}

TEST_CASE("where no time is left a write is refused, and the map is as it was") {
  auto alice = replica_with_id(1);
  ages x;
  x.put(alice, "k", 1);
  const auto before = x;
  alice.time().witness({std::numeric_limits<std::uint64_t>::max()});
  CHECK_THROWS_AS(x.put(alice, "k", 2), std::overflow_error);
  CHECK_THROWS_AS(x.put(alice, "l", 2), std::overflow_error);
  CHECK_THROWS_AS(x.erase(alice, "k"), std::overflow_error);
  CHECK(x == before);
}

namespace {

// What each replica has heard of is a set of writes; what it holds follows from that alone.
struct operation {
  std::uint64_t key;
  std::optional<std::uint64_t> value;
  stamp written;
};

template <class K>
void check_histories(std::uint64_t seeds, K (*key)(std::uint64_t)) {
  using map = lww_map<K, std::uint64_t>;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    const auto count = 2 + choose.below(3);
    const auto keys = 1 + choose.below(seed % 2 == 0 ? 3 : 50);
    std::vector<std::shared_ptr<std::uint64_t>> clocks;
    std::vector<replica> writers;
    for (std::uint64_t i = 0; i < count; ++i) {
      clocks.push_back(std::make_shared<std::uint64_t>(1'000'000 + choose.below(10)));
      writers.push_back(replica_with_id(50 - i, clocks.back()));
    }
    std::vector<operation> operations;
    std::vector<map> deltas, states(count);
    std::vector<std::set<std::size_t>> heard(count);
    const auto entries = [&](const std::set<std::size_t>& of) {
      std::map<std::uint64_t, const operation*> latest;
      for (const auto i : of) {
        auto& at = latest[operations[i].key];
        if (at == nullptr || at->written < operations[i].written) at = &operations[i];
      }
      return latest;
    };

    for (int step = 0; step < 150; ++step) {
      CAPTURE(step);
      const auto at = choose.below(count), from = choose.below(count), which = choose.below(keys);
      *clocks[at] += choose.below(3);
      if (choose.one_in(20)) *clocks[at] -= choose.below(100);
      const auto wrote = [&](const map& delta, std::optional<std::uint64_t> value) {
        deltas.push_back(delta);
        operations.push_back({which, value, {delta.newest(), writers[at].id()}});
        for (std::size_t i = 0; i + 1 < operations.size(); ++i)
          CHECK(operations[i].written != operations.back().written);
        heard[at].insert(operations.size() - 1);
      };
      switch (choose.below(6)) {
        case 0:
        case 1:
          wrote(states[at].put(writers[at], key(which), static_cast<std::uint64_t>(step)), step);
          break;
        case 2: {
          const bool there = states[at].contains(key(which));
          const auto delta = states[at].erase(writers[at], key(which));
          CHECK(delta.is_bottom() == !there);
          if (there) wrote(delta, std::nullopt);
          break;
        }
        case 3:
          states[at].merge(states[from]);
          heard[at].insert(heard[from].begin(), heard[from].end());
          break;
        default: {
          map batch;
          const auto before = states[at];
          auto old = entries(heard[at]);
          for (auto n = choose.below(4); n != 0 && !deltas.empty(); --n) {
            const auto i = choose.below(deltas.size());
            batch.merge(deltas[i]);
            heard[at].insert(i);
          }
          const auto news = states[at].absorb(batch);
          CHECK(joined(before, news) == states[at]);
          std::size_t won = 0;
          for (const auto& [k, op] : entries(heard[at])) won += old[k] != op ? 1 : 0;
          CHECK(news.metrics().dots == won);
        }
      }
      const auto& x = states[at];
      const auto expected = entries(heard[at]);
      std::map<K, std::uint64_t> live, walked;
      timestamp newest;
      std::set<replica_id> authors;
      for (const auto& [k, op] : expected) {
        if (op->value) live.emplace(key(k), *op->value);
        newest = std::max(newest, op->written.time);
        authors.insert(op->written.by);
      }
      for (const auto [k, v] : x) CHECK(walked.emplace(k, v).second);
      REQUIRE(walked == live);
      CHECK(x.size() == live.size());
      CHECK(x.newest() == newest);
      CHECK(x.metrics().items == live.size());
      CHECK(x.metrics().dots == expected.size());
      CHECK(x.metrics().replicas == authors.size());
      for (std::uint64_t k = 0; k < keys; ++k) {
        const auto* value = x.get(key(k));
        REQUIRE((value != nullptr) == live.contains(key(k)));
        if (value != nullptr) CHECK(*value == live[key(k)]);
      }
    }

    for (std::size_t i = 0; i < count; ++i) {
      crdt_test::check_round_trips(states[i]);
      for (std::size_t j = 0; j < count; ++j) {
        const bool equal = entries(heard[i]) == entries(heard[j]);
        CHECK((states[i] == states[j]) == equal);
        CHECK((wire::encode(states[i]) == wire::encode(states[j])) == equal);
        CHECK(joined(states[i], states[j]) == joined(states[j], states[i]));
      }
    }
    map in_order, shuffled;
    for (const auto& delta : deltas) in_order.merge(delta);
    std::shuffle(deltas.begin(), deltas.end(), choose.engine());
    for (const auto& delta : deltas) shuffled.merge(delta);
    CHECK(in_order == shuffled);
    crdt_test::check_parts(states[0], choose.below(200), [&] {
      states[0].put(writers[0], key(choose.below(keys + 5)), 1);
      if (choose.one_in(3)) states[0].merge(choose.of(states));
      states[0].erase(writers[0], key(choose.below(keys)));
    });
  }
}

std::string text_key(std::uint64_t i) { return "a key of some length, number " + std::to_string(i); }
std::uint64_t number_key(std::uint64_t i) { return i * 77; }

}  // namespace

TEST_CASE("maps with numbers for keys hold the latest writes they have heard of") {
  check_histories<std::uint64_t>(100, number_key);
}

TEST_CASE("maps with strings for keys hold the latest writes they have heard of") {
  check_histories<std::string>(100, text_key);
}

TEST_CASE("a map is a value: it copies, moves, swaps, and merges with itself") {
  replica alice;
  for (const std::size_t size : {0u, 1u, 2u, 1000u}) {
    CAPTURE(size);
    ages x;
    for (std::size_t i = 0; i < size; ++i) x.put(alice, text_key(i), static_cast<int>(i));
    if (size > 1) x.erase(alice, text_key(1));
    const auto original = x;
    x.merge(x);
    CHECK(x == original);
    CHECK(x.absorb(x).is_bottom());
    auto moved = std::move(x);
    CHECK(moved == original);
    CHECK(x == ages{});
    CHECK(x.newest() == timestamp{});
    CHECK(x.empty());
    x.put(alice, "other", 1);
    std::swap(x, moved);
    CHECK(x == original);
    CHECK(moved.size() == 1);
    auto& self = x;
    x = self;
    x = std::move(self);
    CHECK(x == original);
    moved = x;
    moved.put(alice, "one more", 1);
    CHECK(x == original);
    CHECK(moved != original);
  }
}

TEST_CASE("a merge may move what it takes, with the same outcome") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    auto now = std::make_shared<std::uint64_t>(1000);
    auto alice = replica_with_id(1, now), bob = replica_with_id(2, now);
    ages x, y;
    const auto most = choose.one_in(3) ? 1 : choose.below(40);
    for (std::uint64_t i = 0; i < most; ++i) {
      x.put(alice, text_key(choose.below(40)), static_cast<int>(i));
      y.put(bob, text_key(choose.below(40)), static_cast<int>(i));
      if (choose.one_in(4)) y.erase(bob, text_key(choose.below(40)));
      if (choose.one_in(4)) y.merge(x);
      *now += choose.below(3);
    }
    const auto expected = joined(x, y);
    auto taken = y;
    x.merge(std::move(taken));
    CHECK(x == expected);
    CHECK(taken == ages{});
    CHECK(taken.is_bottom());
    x.merge(std::move(y));
    CHECK(x == expected);
    auto& self = x;
    x.merge(std::move(self));
    CHECK(x == expected);
  }
}

TEST_CASE("a merge that fails while it moves leaves bottom behind") {
  for (const std::size_t size : {1u, 5u}) {
    CAPTURE(size);
    auto alice = replica_with_id(1), copy_of_alice = replica_with_id(1);
    ages x, y;
    for (std::size_t i = 0; i < size; ++i) {
      x.put(alice, text_key(i), 1);
      y.put(copy_of_alice, text_key(i), i + 1 == size ? 2 : 1);
    }
    const auto before = x;
    CHECK_THROWS_AS(x.merge(std::move(y)), collision_error);
    CHECK(x == before);
    CHECK(y == ages{});
    y.put(alice, "again", 1);
    CHECK(y.size() == 1);
  }
}

TEST_CASE("printing a map is by ascending key, without tombstones") {
  replica alice;
  ages x;
  for (const auto* key : {"d", "a", "c", "b"}) x.put(alice, key, key[0] - 'a');
  x.erase(alice, "c");
  CHECK(fmt::to_string(x) == "{a: 0, b: 1, d: 3}");
  std::ostringstream text;
  text << x;
  CHECK(text.str() == "{a: 0, b: 1, d: 3}");
  CHECK(fmt::to_string(ages{}) == "{}");
}

TEST_CASE("a hundred thousand overwrites of ten keys take at most 600 bytes") {
  replica alice;
  lww_map<std::uint64_t, std::uint64_t> x;
  for (std::uint64_t i = 0; i < 100'000; ++i) x.put(alice, i % 10 * 1'000'003, i);
  CHECK(x.metrics().dots == 10);
  CHECK(wire::encode(x).size() <= 600);
  CHECK(crdt_test::to_binary(x).size() <= 600);
}

TEST_CASE("a map in JSON can be read") {
  auto alice = replica_with_id(255, std::make_shared<std::uint64_t>(1));
  ages x;
  x.put(alice, "b", 7);
  x.put(alice, "a", 8);
  x.erase(alice, "b");
  CHECK(crdt_test::to_json(x) ==
        R"({"value": {"newest": 65538,"replicas": [{"by": "00000000000000ff","entries": 2}],"before": [0,1],)"
        R"("values": [{"nullopt": true},{"nullopt": false,"data": 8}],"keys": ["b","a"]}})");
}

namespace {

struct by_hand {
  std::uint64_t newest;
  std::vector<std::pair<replica_id, std::uint64_t>> replicas;
  std::vector<std::uint64_t> before;
  std::vector<std::uint64_t> keys;

  template <class Archive>
  void save(Archive& out) const {
    out(newest, cereal::make_size_tag(static_cast<cereal::size_type>(replicas.size())));
    for (const auto& [by, count] : replicas) out(by, count);
    out(cereal::make_size_tag(static_cast<cereal::size_type>(before.size())));
    for (const auto each : before) out(each);
    for (std::size_t i = 0; i < keys.size(); ++i) out(std::optional<std::uint8_t>(7));
    for (const auto each : keys) out(each);
  }
};

}  // namespace

TEST_CASE("a map that is not canonical is refused") {
  using map = lww_map<std::uint64_t, std::uint8_t>;
  const auto refused = [](const by_hand& bad) {
    CHECK_THROWS_AS(crdt_test::from_binary<map>(crdt_test::to_binary(bad)), decode_error);
    CHECK_THROWS_AS(wire::decode<map>(wire::encode(bad)), decode_error);
  };
  const by_hand good{9, {{{1}, 1}, {{2}, 2}}, {9, 0, 3}, {6, 5, 1}};
  const auto x = crdt_test::from_binary<map>(crdt_test::to_binary(good));
  CHECK(wire::decode<map>(wire::encode(good)) == x);
  CHECK(wire::encode(x) == wire::encode(good));
  CHECK(x.newest() == timestamp{9});
  CHECK(x.size() == 3);
  // Of one time by ascending key, and a key before another that was written later.
  const by_hand same_time{9, {{{1}, 3}}, {0, 0, 2}, {5, 6, 1}};
  CHECK(wire::encode(wire::decode<map>(wire::encode(same_time))) == wire::encode(same_time));

  refused({9, {{{1}, 1}, {{2}, 2}}, {9, 0, 3}, {6, 5, 6}});   // a key that comes twice
  refused({9, {{{1}, 3}}, {0, 0, 2}, {6, 5, 1}});             // keys of one time that do not ascend
  refused({9, {{{2}, 1}, {{1}, 2}}, {9, 0, 3}, {6, 5, 1}});   // replicas that do not ascend
  refused({9, {{{1}, 1}, {{1}, 2}}, {9, 0, 3}, {6, 5, 1}});   //
  refused({9, {{{1}, 1}, {{2}, 1}}, {9, 0, 3}, {6, 5, 1}});   // more entries than replicas have
  refused({9, {{{1}, 1}, {{2}, 3}}, {9, 0, 3}, {6, 5, 1}});   // fewer
  refused({9, {{{1}, 3}, {{2}, 0}}, {0, 1, 3}, {6, 5, 1}});   // a replica listed in vain
  refused({9, {{{1}, 1}, {{2}, 2}}, {9, 1, 3}, {6, 5, 1}});   // a newest time that nothing has
  refused({9, {{{1}, 1}, {{2}, 2}}, {10, 0, 3}, {6, 5, 1}});  // before the beginning of time
  refused({9, {{{1}, 1}, {{2}, 2}}, {9, 0, 10}, {6, 5, 1}});  //
  refused({9, {}, {}, {}});                                   // the time of nothing
}
