// SPDX-License-Identifier: BSL-1.0
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "hearsay/crdt/causal.hpp"
#include "hearsay/crdt/detail/item_store.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using crdt_test::choices;

namespace {

// A causal state of items, with all that its base and its store can do.
template <class Key, class Payload = nothing>
struct dot_store : causal<dot_store<Key, Payload>, detail::item_store<Key, Payload>> {
  void replace(replica_id by, Key key, Payload payload, dot_store& delta) {
    this->store_.replace(this->context_, by, std::move(key), std::move(payload), delta.context_,
                         delta.store_);
  }
  void erase(const Key& key, dot_store& delta) { this->store_.erase(key, delta.context_); }
  void clear(dot_store& delta) { this->store_.clear(delta.context_); }
  bool contains(const Key& key) const { return this->store_.contains(key); }
  std::size_t size() const { return this->store_.size(); }
  std::size_t items() const { return this->store_.items(); }
  auto begin() const { return this->store_.begin(); }
  auto end() const { return this->store_.end(); }
  auto restrict(const causal_context& among) const {
    return causal<dot_store, detail::item_store<Key, Payload>>::restrict(among);
  }
  template <class F>
  void for_each_item(const Key& key, F&& f) const {
    this->store_.for_each_under(key, f);
  }
  template <class F>
  void for_each_live(replica_id by, interval in, F&& f) const {
    this->store_.for_each_item(by, in, [&](interval run, auto) {
      for (const auto& key : *this) {
        for_each_item(key, [&](dot which, const Payload& payload) {
          if (which == dot{by, run.lo}) f(which.counter, key, payload);
        });
      }
    });
  }
};

// The same as a set of dots and a map from those alive to what they carry.
template <class Key, class Payload>
struct naive {
  std::set<dot> context;
  std::map<dot, std::pair<Key, Payload>> items;

  void merge(const naive& other) {
    std::erase_if(items, [&](const auto& i) {
      return other.context.contains(i.first) && !other.items.contains(i.first);
    });
    for (const auto& [d, item] : other.items) {
      if (!context.contains(d)) items.emplace(d, item);
    }
    context.insert(other.context.begin(), other.context.end());
  }
  naive restrict(const std::set<dot>& among) const {
    naive out;
    for (const auto& d : context) {
      if (!among.contains(d)) continue;
      out.context.insert(d);
      if (items.contains(d)) out.items.insert(*items.find(d));
    }
    return out;
  }
  friend bool operator==(const naive&, const naive&) = default;
};

template <class Key, class Payload>
naive<Key, Payload> model_of(const dot_store<Key, Payload>& store) {
  naive<Key, Payload> model;
  store.context().for_each_interval([&](replica_id by, interval in) {
    for (auto c = in.lo; c <= in.hi; ++c) model.context.insert({by, c});
    store.for_each_live(by, in, [&](std::uint64_t c, const Key& key, const Payload& payload) {
      model.items.emplace(dot{by, c}, std::pair(key, payload));
    });
  });
  return model;
}

causal_context context_of(const std::set<dot>& dots) {
  causal_context context;
  for (const auto& d : dots) context.insert(d);
  return context;
}

template <class Key, class Payload>
void check_equal(const dot_store<Key, Payload>& store, const naive<Key, Payload>& model) {
  REQUIRE(model_of(store) == model);
  CHECK(store.context() == context_of(model.context));
  CHECK(store.items() == model.items.size());
  std::map<Key, std::set<dot>> keys;
  for (const auto& [d, item] : model.items) keys[item.first].insert(d);
  CHECK(store.size() == keys.size());
  std::set<Key> walked;
  for (const auto& key : store) CHECK(walked.insert(key).second);
  CHECK(walked.size() == keys.size());
  for (const auto& [key, dots] : keys) {
    CHECK(walked.contains(key));
    CHECK(store.contains(key));
    std::set<dot> here;
    store.for_each_item(key, [&](dot d, const Payload& payload) {
      here.insert(d);
      CHECK(payload == model.items.at(d).second);
    });
    CHECK(here == dots);
  }
  CHECK(store.is_bottom() == model.context.empty());
}

// Three replicas write, and hear of each other's deltas in any order, any number of times, and in parts;
// beside each its model.
template <class Key, class Payload>
struct history {
  using store = dot_store<Key, Payload>;
  using model = naive<Key, Payload>;
  struct side {
    store state;
    model expected;
  };
  std::vector<side> replicas{3};
  std::vector<std::pair<store, model>> deltas{{store{}, model{}}};

  // What a mutation of `of` has to be: its dots die, and maybe one is new.
  void mutated(side& of, const store& delta, const std::set<dot>& observed,
               std::optional<std::pair<dot, std::pair<Key, Payload>>> added) {
    model expected;
    expected.context = observed;
    if (added) {
      expected.context.insert(added->first);
      expected.items.insert(*added);
    }
    check_equal(delta, expected);
    of.expected.merge(expected);
    deltas.emplace_back(delta, expected);
  }

  void heard(side& by, const store& delta, const model& expected, bool absorb) {
    model news = expected;
    std::erase_if(news.items, [&](const auto& i) { return by.expected.context.contains(i.first); });
    std::erase_if(news.context, [&](const dot& d) {
      const bool dies = by.expected.items.contains(d) && !expected.items.contains(d);
      return by.expected.context.contains(d) && !dies;
    });
    if (absorb) {
      check_equal(by.state.absorb(delta), news);
    } else {
      by.state.merge(delta);
    }
    by.expected.merge(expected);
  }

  std::set<dot> alive(const side& of, const Key* key) const {
    std::set<dot> dots;
    for (const auto& [d, item] : of.expected.items) {
      if (key == nullptr || item.first == *key) dots.insert(d);
    }
    return dots;
  }

  void step(choices& choose, const Key& key, const Payload& payload) {
    const auto number = choose.below(replicas.size());
    auto& at = replicas[number];
    const replica_id by{10 * (3 - number)};
    store delta;
    switch (choose.below(9)) {
      case 0:
      case 1:
      case 2: {
        const dot fresh{by, at.state.context().next(by)};
        CHECK(at.expected.context.upper_bound(fresh) == at.expected.context.lower_bound({{by.value + 1}, 0}));
        at.state.replace(by, key, payload, delta);
        mutated(at, delta, alive(at, &key), std::pair(fresh, std::pair(key, payload)));
        break;
      }
      case 3:
      case 4:
        at.state.erase(key, delta);
        mutated(at, delta, alive(at, &key), std::nullopt);
        break;
      case 5:
        if (!choose.one_in(10)) break;
        at.state.clear(delta);
        mutated(at, delta, alive(at, nullptr), std::nullopt);
        break;
      case 6: {
        const auto from = choose.of(replicas);
        heard(at, from.state, from.expected, choose.one_in(2));
        break;
      }
      case 7: {  // any part of any state
        const auto& from = choose.of(replicas);
        std::set<dot> some;
        for (const auto& one : replicas)
          some.insert(one.expected.context.begin(), one.expected.context.end());
        std::erase_if(some, [&](const dot&) { return choose.one_in(2); });
        const auto part = from.state.restrict(context_of(some));
        check_equal(part, from.expected.restrict(some));
        heard(at, part, from.expected.restrict(some), choose.one_in(2));
        break;
      }
      default: {
        const auto [heard_of, expected] = choose.of(deltas);
        heard(at, heard_of, expected, choose.one_in(2));
      }
    }
    check_equal(at.state, at.expected);
  }
};

template <class Key, class Payload, class MakeKey, class MakePayload>
void check_histories(std::uint64_t seeds, MakeKey make_key, MakePayload make_payload) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    history<Key, Payload> world;
    const auto keys = 1 + choose.below(seed % 3 == 0 ? 3 : 40);
    for (int step = 0; step < 120; ++step) {
      CAPTURE(step);
      world.step(choose, make_key(choose.below(keys)), make_payload(choose.below(1000)));
    }
    auto& x = world.replicas[0];
    auto& y = world.replicas[1];
    CHECK((x.state == y.state) == (x.expected == y.expected));
    crdt_test::check_round_trips(x.state);
    CHECK(crdt_test::joined(x.state, y.state) == crdt_test::joined(y.state, x.state));
    CHECK(wire::encode(crdt_test::joined(x.state, y.state)) ==
          wire::encode(crdt_test::joined(y.state, x.state)));

    auto copy = x.state;
    copy.merge(copy);
    CHECK(copy == x.state);
    CHECK(copy.absorb(copy).is_bottom());
    const auto moved = std::move(copy);
    CHECK(moved == x.state);
    CHECK(copy == dot_store<Key, Payload>{});
    crdt_test::check_parts(x.state, 1 + choose.below(300),
                           [&] { world.step(choose, make_key(choose.below(keys)), make_payload(0)); });
  }
}

std::string text_key(std::uint64_t i) { return "key number " + std::to_string(i); }
std::uint64_t number_key(std::uint64_t i) { return i * 1'000'003; }
nothing no_payload(std::uint64_t) { return {}; }

constexpr replica_id a{1}, b{2};

}  // namespace

TEST_CASE("a dot store equals a naive one") {
  check_histories<std::uint64_t, nothing>(60, number_key, no_payload);
}

TEST_CASE("a dot store with payloads equals a naive one") {
  check_histories<std::string, std::string>(60, text_key, [](std::uint64_t i) { return std::to_string(i); });
}

TEST_CASE("a delta of a number needs no memory of its own") {
  dot_store<std::uint64_t> store, delta, second, gone;
  store.replace(a, 5, {}, delta);
  store.replace(b, 6, {}, second);
  store.erase(5, gone);
  CHECK(delta.metrics().bytes == sizeof delta);
  CHECK(second.metrics().bytes == sizeof second);
  CHECK(gone.metrics().bytes == sizeof gone);
  CHECK(sizeof delta <= 96);
}

TEST_CASE("a store that is emptied gives its memory back") {
  dot_store<std::uint64_t> store;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    dot_store<std::uint64_t> delta;
    store.replace(a, i, {}, delta);
  }
  CHECK(store.metrics().bytes > 20'000);
  for (std::uint64_t i = 0; i < 1000; ++i) {
    dot_store<std::uint64_t> delta;
    store.erase(i, delta);
  }
  CHECK(store.size() == 0);
  CHECK(store.metrics().bytes == sizeof store);
  CHECK(store.context().max(a) == 1000);
}

namespace {

// What a store of numbers saves, by hand: a context of one interval, the turns of alive and dead, the keys.
struct by_hand {
  std::uint64_t before, dots;
  std::vector<std::uint64_t> turns, keys;

  template <class Archive>
  void save(Archive& out) const {
    const std::vector<std::uint64_t> runs{before, dots};
    out(cereal::make_size_tag(cereal::size_type{1}), a);
    for (const auto& list : {runs, turns, keys}) {
      out(cereal::make_size_tag(static_cast<cereal::size_type>(list.size())));
      for (const auto n : list) out(n);
    }
  }
};

dot_store<std::uint64_t> loaded(const by_hand& raw) {
  const auto store = crdt_test::from_binary<dot_store<std::uint64_t>>(crdt_test::to_binary(raw));
  CHECK(wire::decode<dot_store<std::uint64_t>>(wire::encode(raw)) == store);
  return store;
}

}  // namespace

TEST_CASE("what a store saves: dots, which of them are alive, and their keys") {
  const auto store = loaded({0, 6, {0, 2, 3}, {70, 80, 90}});  // 2 dead, 3 alive, 1 dead
  CHECK(store.items() == 3);
  CHECK(store.contains(80));
  store.for_each_item(90, [](dot which, nothing) { CHECK(which == dot{a, 5}); });
  CHECK(loaded({3, 2, {}, {7, 7}}).size() == 1);  // all alive; two adds of one key
  CHECK(loaded({0, 4, {0}, {}}).items() == 0);    // all dead
}

TEST_CASE("a store that is not canonical is refused") {
  const auto refused = [](const by_hand& bad) {
    CHECK_THROWS_AS(crdt_test::from_binary<dot_store<std::uint64_t>>(crdt_test::to_binary(bad)),
                    decode_error);
    CHECK_THROWS_AS(wire::decode<dot_store<std::uint64_t>>(wire::encode(bad)), decode_error);
  };
  refused({0, 3, {3}, {1, 2, 3}});     // the last turn is written
  refused({0, 3, {4}, {1, 2, 3, 4}});  // more than there are
  refused({0, 3, {1, 0}, {1, 2, 3}});  // a turn of nothing
  refused({0, 3, {0, 0}, {}});         //
  refused({0, 3, {}, {1, 2}});         // an item too few
  refused({0, 3, {1}, {1, 2}});        // one too many
  refused({0, 3, {~std::uint64_t{0}}, {}});
  refused({0, ~std::uint64_t{0} - 1, {}, {1}});
}

TEST_CASE("a replica whose counters are used up writes nothing any more") {
  auto store = loaded({~std::uint64_t{0} - 2, 1, {}, {5}});
  dot_store<std::uint64_t> delta, refused;
  store.replace(a, 6, {}, delta);
  const auto before = store;
  CHECK_THROWS_AS(store.replace(a, 7, {}, refused), std::overflow_error);
  CHECK(store == before);
  crdt_test::check_parts(store, 1, [] {});
}

TEST_CASE("a part is about as long as it may be") {
  choices choose(3);
  dot_store<std::string> store;
  for (int i = 0; i < 3000; ++i) {
    dot_store<std::string> delta;
    const replica_id by{1 + choose.below(20)};
    if (choose.one_in(3)) {
      store.erase(text_key(choose.below(1000)), delta);
    } else {
      store.replace(by, text_key(choose.below(1000)), {}, delta);
    }
  }
  for (const std::size_t max_bytes : {1u, 100u, 1000u, 100'000u}) {
    std::size_t parts = 0, bytes = 0;
    for (cursor at; !at.end; ++parts) {
      const auto size = wire::encode(store.part(at, max_bytes)).size();
      CHECK(size < 60 + max_bytes + max_bytes / 5);
      bytes += size;
    }
    if (max_bytes > 1) CHECK(parts <= 2 + 2 * bytes / max_bytes);
    crdt_test::check_parts(store, max_bytes, [] {});
  }
}
