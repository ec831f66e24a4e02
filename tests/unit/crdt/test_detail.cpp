// SPDX-License-Identifier: BSL-1.0
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/detail/dot_index.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/slot_table.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using namespace hearsay::detail;
using crdt_test::choices;

TEST_CASE("boxed values are copied deeply, and equal by value") {
  boxed<std::string> none, one, other;
  CHECK(none == one);
  one.make() = "x";
  CHECK_FALSE(none == one);
  other.make() = "x";
  CHECK(one == other);
  auto copy = one;
  *copy += "y";
  CHECK(*one == "x");
  copy = one;
  CHECK(copy == one);
  one = none;
  CHECK_FALSE(one);
  CHECK(*copy == "x");
  none = std::move(copy);
  CHECK(none->size() == 1);
  CHECK_FALSE(copy);
}

TEST_CASE("a slot table keeps every value at its number") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    slot_table<std::string> table;
    std::map<slot_number, std::string> model;
    std::map<slot_number, const std::string*> where;
    for (int step = 0; step < 2000; ++step) {
      if (model.empty() || !choose.one_in(step < 1000 ? 4 : 2)) {
        auto text = std::string(choose.below(40), 'x') + std::to_string(step);
        const auto slot = table.emplace(text);
        REQUIRE(model.emplace(slot, text).second);
        where[slot] = &table[slot];
      } else {
        const auto at = std::next(model.begin(), static_cast<std::ptrdiff_t>(choose.below(model.size())));
        table.erase(at->first);
        model.erase(at);
      }
    }
    const auto copy = table;
    for (const auto* t : std::initializer_list<const slot_table<std::string>*>{&table, &copy}) {
      CHECK(t->size() == model.size());
      auto slot = t->next_alive(0);
      for (const auto& [number, text] : model) {
        REQUIRE(slot == number);
        REQUIRE((*t)[slot] == text);
        slot = t->next_alive(slot + 1);
      }
      CHECK(slot == no_slot);
    }
    for (const auto& [number, text] : model) CHECK(where[number] == &table[number]);
    auto grown = copy;  // goes on where the original would
    CHECK(grown.emplace("next") == table.emplace("next"));
  }
}

TEST_CASE("a slot table has little slack, and uses erased slots again") {
  slot_table<std::uint64_t> table;
  for (std::uint64_t i = 0; i < 100'000; ++i) table.emplace(i);
  CHECK(table.heap() < 100'000 * 8 * 103 / 100);
  for (slot_number i = 0; i < 1000; ++i) table.erase(i * 7);
  const auto before = table.heap();
  for (std::uint64_t i = 0; i < 1000; ++i) table.emplace(i);
  CHECK(table.heap() == before);
}

TEST_CASE("a value that cannot be made leaves the slot table as it was") {
  struct picky {
    explicit picky(int i) : value(i) {
      if (i < 0) throw std::invalid_argument("negative");
    }
    int value;
  };
  slot_table<picky> table;
  CHECK_THROWS_AS(table.emplace(-1), std::invalid_argument);
  CHECK(table.size() == 0);
  CHECK(table.emplace(1) == 0);
  CHECK(table.emplace(2) == 1);
  table.erase(0);
  table.erase(1);
  CHECK_THROWS_AS(table.emplace(-1), std::invalid_argument);
  CHECK(table.size() == 0);
  CHECK(table.emplace(3) == 1);
  CHECK(table.emplace(4) == 0);
  CHECK(table[1].value == 3);
}

namespace {

// Every dot of the model is found, and no other; also by a walk over any interval.
void check_dots(const dot_index& index, const std::map<dot, slot_number>& model, std::uint64_t highest,
                choices& choose) {
  for (std::uint64_t by = 1; by <= 3; ++by) {
    const auto lane = index.find_lane({by});
    const bool known = lane != dot_index::no_lane;
    const auto lo = choose.below(highest), hi = lo + choose.below(highest);
    std::vector<std::pair<std::uint64_t, slot_number>> walked, expected;
    for (const auto* c = index.next_chunk(lane, lo / 64); c != nullptr && c->number() <= hi / 64;
         c = index.next_chunk(lane, c->number() + 1)) {
      for (auto bits = c->live({lo, hi}); bits != 0; bits &= bits - 1) {
        const auto i = static_cast<unsigned>(std::countr_zero(bits));
        walked.emplace_back(c->number() * 64 + i, c->slot(i));
      }
    }
    for (auto at = model.lower_bound({{by}, lo});
         at != model.end() && at->first.by.value == by && at->first.counter <= hi; ++at) {
      expected.emplace_back(at->first.counter, at->second);
    }
    CHECK(walked == expected);
    for (int i = 0; i < 100; ++i) {
      const auto counter = choose.below(highest);
      const auto at = model.find({{by}, counter});
      const auto found = known ? index.find(lane, counter) : no_slot;
      REQUIRE(found == (at == model.end() ? no_slot : at->second));
    }
  }
}

}  // namespace

TEST_CASE("a dot index finds the slots of dots") {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    dot_index index;
    std::map<dot, slot_number> model;
    const auto highest = 10 + choose.below(seed % 2 == 0 ? 300 : 20'000);  // dense or sparse
    for (slot_number step = 0; step < 3000; ++step) {
      const dot d{{1 + choose.below(3)}, 1 + choose.below(highest)};
      const auto lane = index.lane(d.by);
      CHECK(index.by(lane) == d.by);
      if (model.emplace(d, step).second) {
        index.insert(lane, d.counter, step);
      } else if (choose.one_in(4)) {
        index.assign(lane, d.counter, step);
        model[d] = step;
      } else {
        index.erase(lane, d.counter);
        model.erase(d);
      }
      if (step % 500 == 499) check_dots(index, model, highest + 2, choose);
    }
    const auto copy = index;
    while (!model.empty()) {
      const auto at = std::next(model.begin(), static_cast<std::ptrdiff_t>(choose.below(model.size())));
      index.erase(index.find_lane(at->first.by), at->first.counter);
      model.erase(at);
      if (model.size() % 100 == 0) check_dots(index, model, highest + 2, choose);
    }
    CHECK(index.next_chunk(index.find_lane({1}), 0) == nullptr);
    CHECK(copy.next_chunk(copy.find_lane({1}), 0) != nullptr);
  }
}

TEST_CASE("a dot index takes about five bytes a dot, and gives back what dies") {
  dot_index index;
  const auto lane = index.lane({1});
  constexpr std::uint64_t n = 100'000;
  for (std::uint64_t c = 1; c <= n; ++c) index.insert(lane, c, 0);
  CHECK(index.heap() < n * 6);
  for (std::uint64_t c = 1; c <= n; ++c) {
    if (c % 1000 != 0) index.erase(lane, c);
  }
  CHECK(index.heap() < n);
  for (std::uint64_t c = n + 1; c <= 10 * n; ++c) {  // a queue
    index.insert(lane, c, 0);
    index.erase(lane, c);
  }
  CHECK(index.heap() < n);
  CHECK(index.find(lane, 5000) == 0);
  CHECK(index.find(lane, 5001) == no_slot);
}

namespace {

struct named {
  std::string key;
};
struct numbered {
  std::uint64_t key;
};

template <class Slot, class Make>
void check_keys(Make make) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    choices choose(seed);
    slot_table<Slot> table;
    key_index<decltype(Slot::key), Slot> index;
    std::map<decltype(Slot::key), slot_number> model;
    for (int step = 0; step < 500; ++step) {
      const auto key = make(choose.below(100));
      const auto slot = table.emplace(Slot{key});
      const auto [at, added] = index.insert(table, slot);
      REQUIRE(added == model.emplace(key, slot).second);
      REQUIRE(at == model[key]);
      if (!added && choose.one_in(2)) {
        index.replace(table, key, slot, index.code_of(key));
        model[key] = slot;
      } else if (!added) {
        index.replace(table, key, no_slot, index.code_of(key));
        model.erase(key);
      }
    }
    const slot_table<Slot> other_table = table;
    const auto copy = index;
    for (std::uint64_t i = 0; i < 110; ++i) {
      const auto at = model.find(make(i));
      const auto expected = at == model.end() ? no_slot : at->second;
      REQUIRE(index.find(table, make(i)) == expected);
      REQUIRE(copy.find(other_table, make(i)) == expected);
    }
    CHECK(index.size() == model.size());
    CHECK(copy.size() == model.size());
  }
}

}  // namespace

TEST_CASE("a key index finds slots by key, whether it holds the keys or not") {
  check_keys<named>([](std::uint64_t i) { return "a key of some length " + std::to_string(i); });
  check_keys<numbered>([](std::uint64_t i) { return i * i; });
}

TEST_CASE("encoded sizes are estimated for whatever cereal can save") {
  const auto size = [](const auto& value) {
    size_counter counter;
    counter(value);
    return counter.bytes();
  };
  CHECK(size(std::uint64_t{1}) == 8);
  CHECK(size('x') == 1);
  CHECK(size(replica_id{1}) == 8);
  CHECK(size(std::string(100, 'x')) == 102);
  CHECK(size(std::vector<std::string>{"a", "bc"}) == 2 + 3 + 4);
  CHECK(size(std::pair<bool, std::optional<std::uint32_t>>{true, 5u}) == 1 + 1 + 4);
}
