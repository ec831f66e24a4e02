// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string>
#include <unordered_set>

#include "hearsay/crdt/or_set.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;
using crdt_test::joined;
using crdt_test::replica_with_id;

using word_set = or_set<std::string>;
using number_set = or_set<std::uint64_t>;

static_assert(crdt<word_set> && crdt<number_set>);
static_assert(std::forward_iterator<word_set::const_iterator>);
static_assert(std::is_nothrow_move_constructible_v<word_set>);
static_assert(std::is_nothrow_swappable_v<word_set>);

TEST_CASE("the example of or_set") {
  replica alice, bob;
  word_set here, there;
  there.merge(here.add(alice, "apple"));
  const auto gone = there.remove(bob, "apple");
  here.add(alice, "apple");
  here.merge(gone);
  CHECK(here.contains("apple"));
  CHECK(there.empty());
  there.merge(here);
  CHECK(there == here);
  CHECK(fmt::to_string(here) == "{apple}");
}

TEST_CASE("of a concurrent add and remove the add wins") {
  replica alice, bob;
  word_set x, y;
  y.merge(x.add(alice, "k"));
  const auto removed = x.remove(alice, "k");
  const auto renewed = y.add(bob, "k");
  CHECK(joined(x, renewed).contains("k"));
  CHECK(joined(y, removed).contains("k"));
  CHECK(joined(x, y) == joined(y, x));
}

TEST_CASE("a remove takes out what it has seen, also before that arrives") {
  replica alice, bob;
  word_set x, y, z;
  const auto added = x.add(alice, "k");
  y.merge(added);
  const auto removed = y.remove(bob, "k");
  z.merge(removed);
  z.merge(added);
  CHECK(z.empty());
  CHECK(z == joined(x, removed));
}

TEST_CASE("an add of what is there kills the old dot with its delta alone") {
  replica alice;
  word_set x, y;
  const auto first = x.add(alice, "k");
  const auto second = x.add(alice, "k");
  CHECK(x.size() == 1);
  y.merge(second);
  CHECK(y == x);
  y.merge(first);  // comes late
  CHECK(y == x);
  CHECK(y.metrics().dots == 1);
}

TEST_CASE("the remove of what is not there, and the clearing of nothing, are bottom") {
  replica alice;
  word_set x;
  CHECK(x.remove(alice, "k").is_bottom());
  CHECK(x.clear(alice).is_bottom());
  x.add(alice, "k");
  x.remove(alice, "k");
  CHECK(x.remove(alice, "k").is_bottom());
  CHECK(x.clear(alice).is_bottom());
  CHECK(x.empty());
  CHECK_FALSE(x.is_bottom());
}

TEST_CASE("a set cleared keeps what is added at the same time") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  word_set x;
  for (const auto* word : {"a", "b", "c"}) x.add(alice, word);
  auto y = x;
  const auto cleared = x.clear(alice);
  CHECK(x.empty());
  y.add(bob, "b");
  y.add(bob, "d");
  y.merge(cleared);
  CHECK(fmt::to_string(y) == "{b, d}");
}

TEST_CASE("removed elements leave nothing behind") {
  replica alice;
  number_set x;
  for (int round = 0; round < 20; ++round) {
    for (std::uint64_t i = 0; i < 100; ++i) x.add(alice, i);
    for (std::uint64_t i = 0; i < 100; ++i) x.remove(alice, i);
  }
  CHECK(wire::encode(x).size() < 20);
  CHECK(x.metrics().bytes == sizeof x);
}

namespace {

// What each replica has heard of is a set of operations; what it holds follows from that alone.
struct operation {
  dot added;  // none: counter 0
  std::uint64_t element = 0;
  std::set<dot> observed;  // by the operation, which takes them out
};

struct knowledge {
  std::set<std::size_t> heard;

  std::set<std::pair<std::uint64_t, dot>> visible(const std::vector<operation>& all) const {
    std::set<dot> dead;
    for (const auto i : heard) dead.insert(all[i].observed.begin(), all[i].observed.end());
    std::set<std::pair<std::uint64_t, dot>> alive;
    for (const auto i : heard) {
      if (all[i].added.counter != 0 && !dead.contains(all[i].added))
        alive.emplace(all[i].element, all[i].added);
    }
    return alive;
  }
  causal_context context(const std::vector<operation>& all) const {
    causal_context dots;
    for (const auto i : heard) {
      if (all[i].added.counter != 0) dots.insert(all[i].added);
      for (const auto& d : all[i].observed) dots.insert(d);
    }
    return dots;
  }
};

template <class T>
void check_histories(std::uint64_t seeds, const std::function<T(std::uint64_t)>& element) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    const auto count = 2 + choose.below(3);
    const auto elements = 1 + choose.below(seed % 2 == 0 ? 4 : 60);
    std::vector<operation> operations;
    std::vector<or_set<T>> deltas, states(count);
    std::vector<knowledge> known(count);
    std::vector<replica> writers;
    for (std::uint64_t i = 0; i < count; ++i) writers.push_back(replica_with_id(100 - i));

    for (int step = 0; step < 150; ++step) {
      CAPTURE(step);
      const auto at = choose.below(count);
      const auto what = choose.below(elements);
      const auto from = choose.below(count);
      const auto visible = known[at].visible(operations);
      operation op{.added = {}, .element = what, .observed = {}};
      const bool all = choose.one_in(60);
      for (const auto& [e, d] : visible) {
        if (all || e == what) op.observed.insert(d);
      }
      switch (choose.below(7)) {
        case 0:
        case 1: {  // add
          if (all) break;
          op.added = {writers[at].id(), states[at].context().next(writers[at].id())};
          for (const auto& other : operations) CHECK(other.added != op.added);
          deltas.push_back(states[at].add(writers[at], element(what)));
          operations.push_back(op);
          known[at].heard.insert(operations.size() - 1);
          break;
        }
        case 2: {  // remove, or clear
          const auto delta =
              all ? states[at].clear(writers[at]) : states[at].remove(writers[at], element(what));
          CHECK(delta.is_bottom() == op.observed.empty());
          CHECK(delta.context().dots() == op.observed.size());
          deltas.push_back(delta);
          operations.push_back(op);
          known[at].heard.insert(operations.size() - 1);
          break;
        }
        case 3:
          states[at].merge(states[from]);
          known[at].heard.insert(known[from].heard.begin(), known[from].heard.end());
          break;
        case 4: {  // several deltas as one
          or_set<T> batch;
          const auto before = states[at];
          for (auto n = choose.below(5); n != 0 && !deltas.empty(); --n) {
            const auto i = choose.below(deltas.size());
            batch.merge(deltas[i]);
            known[at].heard.insert(i);
          }
          const auto news = states[at].absorb(batch);
          CHECK(joined(before, news) == states[at]);
          CHECK(news.is_bottom() == (before == states[at]));
          break;
        }
        case 5: {  // what it lacks of another's adds
          const auto before = states[at].context();
          const auto lacked = states[from].missing_from(before);
          CHECK(lacked.context() == states[from].context().minus(before));
          CHECK(joined(states[at], lacked).context() == joined(before, states[from].context()));
          const auto there = known[from].visible(operations);
          for (const auto& [e, d] : there) CHECK((before.contains(d) || lacked.contains(element(e))));
          CHECK(lacked.size() <= there.size());
          CHECK(crdt_test::below_or_equal(lacked, states[from]));
          break;
        }
        default:
          if (!deltas.empty()) {  // any delta, again or with a gap
            const auto i = choose.below(deltas.size());
            states[at].merge(deltas[i]);
            known[at].heard.insert(i);
          }
      }
      const auto& x = states[at];
      const auto expected = known[at].visible(operations);
      std::set<T> values;
      for (const auto& [e, d] : expected) values.insert(element(e));
      REQUIRE(std::set<T>(x.begin(), x.end()) == values);
      CHECK(static_cast<std::size_t>(std::distance(x.begin(), x.end())) == x.size());
      CHECK(x.size() == values.size());
      CHECK(x.empty() == values.empty());
      for (std::uint64_t e = 0; e < elements; ++e)
        CHECK(x.contains(element(e)) == values.contains(element(e)));
      CHECK(x.context() == known[at].context(operations));
      CHECK(x.metrics().dots == expected.size());
      CHECK(x.metrics().items == values.size());
    }

    for (std::size_t i = 0; i < count; ++i) {
      crdt_test::check_round_trips(states[i]);
      for (std::size_t j = 0; j < count; ++j) {
        const bool equal = known[i].visible(operations) == known[j].visible(operations) &&
                           known[i].context(operations) == known[j].context(operations);
        CHECK((states[i] == states[j]) == equal);
        CHECK((wire::encode(states[i]) == wire::encode(states[j])) == equal);
        CHECK(joined(states[i], states[j]) == joined(states[j], states[i]));
      }
    }
    auto all_in_order = or_set<T>{}, all_shuffled = or_set<T>{};
    for (const auto& delta : deltas) all_in_order.merge(delta);
    std::shuffle(deltas.begin(), deltas.end(), choose.engine());
    for (const auto& delta : deltas) all_shuffled.merge(delta);
    CHECK(all_in_order == all_shuffled);
    CHECK(wire::encode(all_in_order) == wire::encode(all_shuffled));

    crdt_test::check_parts(states[0], 1 + choose.below(200), [&] {
      states[0].add(writers[0], element(choose.below(elements)));
      if (choose.one_in(2)) states[0].remove(writers[0], element(choose.below(elements)));
      if (choose.one_in(3)) states[0].merge(choose.of(states));
    });
  }
}

}  // namespace

TEST_CASE("sets of numbers hold what the operations they have heard of say") {
  check_histories<std::uint64_t>(100, [](std::uint64_t i) { return i * 77; });
}

TEST_CASE("sets of strings hold what the operations they have heard of say") {
  check_histories<std::string>(100,
                               [](std::uint64_t i) { return std::string(i % 30, '.') + std::to_string(i); });
}

TEST_CASE("a set is a value: it copies, moves, swaps, and merges with itself") {
  replica alice;
  for (const std::size_t size : {0u, 1u, 2u, 1000u}) {
    CAPTURE(size);
    word_set x;
    for (std::size_t i = 0; i < size; ++i) x.add(alice, "element " + std::to_string(i));
    const auto original = x;
    x.merge(x);
    CHECK(x == original);
    CHECK(x.absorb(x).is_bottom());
    auto moved = std::move(x);
    CHECK(moved == original);
    CHECK(x == word_set{});
    CHECK(x.empty());
    x.add(alice, "other");
    CHECK(x.size() == 1);
    std::swap(x, moved);
    CHECK(x == original);
    auto& self = x;
    x = self;
    x = std::move(self);
    CHECK(x == original);
    moved = x;
    moved.add(alice, "one more");
    CHECK(x == original);
    CHECK(moved != original);
  }
}

TEST_CASE("sets with the same elements from other adds are not equal") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  word_set x, y;
  x.add(alice, "k");
  y.add(bob, "k");
  CHECK(x != y);
  const auto both = joined(x, y);
  CHECK(both.size() == 1);
  CHECK(both.metrics().dots == 2);
  CHECK(both != x);
  CHECK(std::distance(both.begin(), both.end()) == 1);
}

TEST_CASE("printing does not depend on the order of what happened") {
  replica alice, bob;
  number_set x, y;
  for (std::uint64_t i = 0; i < 50; ++i) x.add(alice, i * 7919 % 50);
  for (std::uint64_t i = 50; i != 0; --i) y.add(bob, i - 1);
  CHECK(fmt::to_string(x) == fmt::to_string(y));
  CHECK(fmt::to_string(number_set{}) == "{}");
  std::ostringstream text;
  word_set w;
  w.add(alice, "b");
  w.add(alice, "a");
  text << w;
  CHECK(text.str() == "{a, b}");
  CHECK(fmt::format("[{:>8}]", w) == "[  {a, b}]");
}

namespace {

struct point {
  int x = 0, y = 0;

  friend auto operator<=>(const point&, const point&) = default;
  friend std::size_t hash_value(const point& p) { return static_cast<std::size_t>(p.x * 31 + p.y); }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(x), CEREAL_NVP(y));
  }
};

}  // namespace

TEST_CASE("elements of a user's type need an order, a hash and cereal") {
  static_assert(crdt<or_set<point>>);
  replica alice;
  or_set<point> x;
  for (int i = 0; i < 20; ++i) x.add(alice, {i, -i});
  x.remove(alice, {3, -3});
  CHECK(x.contains({4, -4}));
  CHECK_FALSE(x.contains({3, -3}));
  crdt_test::check_round_trips(x);
  or_set<std::pair<std::string, std::vector<std::uint32_t>>> nested;  // boost::hash
  nested.add(alice, {"a", {1, 2}});
  CHECK(nested.contains({"a", {1, 2}}));
  crdt_test::check_round_trips(nested);
}

TEST_CASE("a set in JSON can be read") {
  auto alice = replica_with_id(255);
  word_set x;
  x.add(alice, "a");
  x.add(alice, "b");
  x.remove(alice, "a");
  CHECK(crdt_test::to_json(x) ==
        R"({"value": {"context": {"replicas": [{"by": "00000000000000ff","runs": [0,2]}]},)"
        R"("alive_dead": [0,1],"items": ["b"]}})");
}

TEST_CASE("16-byte strings by one writer take at most 18.5 bytes each") {
  replica alice;
  word_set x;
  for (int i = 0; i < 10'000; ++i) x.add(alice, fmt::format("{:016}", i * 7919));
  CHECK(static_cast<double>(wire::encode(x).size()) <= 18.5 * 10'000);
}

TEST_CASE("memory for numbers is bounded") {
  replica alice;
  number_set x;
  for (std::uint64_t i = 0; i < 100'000; ++i) x.add(alice, i * 0x9e3779b97f4a7c15);
  CHECK(x.metrics().bytes < 54 * 100'000);
}
