// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <map>
#include <vector>

#include "hearsay/crdt/detail/code_table.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;
using namespace hearsay::detail;
using crdt_test::choices;

namespace {

/// Slots by number; `code_of` says which code a slot has.
template <class CodeOf>
void check_against_model(std::uint64_t slots, CodeOf code_of) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    CAPTURE(slots, seed);
    choices choose(seed);
    code_table table;
    std::map<slot_number, slot_number> model;  // what each was replaced by
    const auto check = [&](const code_table& in) {
      REQUIRE(in.size() == model.size());
      for (slot_number key = 0; key < slots; ++key) {
        const auto known = model.find(key);
        const auto now = known == model.end() ? no_slot : known->second;
        REQUIRE(in.find(code_of(key), [&](slot_number slot) { return slot % slots == key; }) == now);
      }
    };
    for (std::uint64_t step = 0; step < 4 * slots; ++step) {
      const auto key = static_cast<slot_number>(choose.below(slots));
      const auto is = [&](slot_number slot) { return slot % slots == key; };
      const bool mostly_out = step / slots % 2 == 1;
      if (!model.contains(key)) {
        table.insert(code_of(key), key);
        model[key] = key;
      } else if (mostly_out || choose.one_in(4)) {
        table.replace(code_of(key), no_slot, is);
        model.erase(key);
      } else {
        model[key] = key + static_cast<slot_number>(slots * choose.below(3));
        table.replace(code_of(key), model[key], is);
      }
      if (step % slots == 0) check(table);
    }
    check(table);
    const auto copy = table;
    check(copy);
  }
}

}  // namespace

TEST_CASE("a code table finds each slot by its code, and no other") {
  const auto mixed = [](slot_number key) { return key * 0x9e37'79b9u; };
  for (const std::uint64_t slots : {1u, 7u, 50u, 3000u}) check_against_model(slots, mixed);
}

TEST_CASE("a code table finds slots whose codes are alike") {
  check_against_model(600,
                      [](slot_number) { return 0xffff'ffffu; });  // more than a word counts, round the end
  check_against_model(600, [](slot_number key) { return key % 3 << 30; });
  check_against_model(600, [](slot_number key) { return key << 7; });  // alike in what a word has of them
}

TEST_CASE("a code table that is filled and emptied again and again does not grow") {
  code_table table;
  const auto code_of = [](std::uint64_t n) { return static_cast<code_table::code>(n * 0x9e37'79b9); };
  std::size_t heap = 0;
  for (std::uint64_t n = 0; n < 100'000; ++n) {
    const auto slot = [](std::uint64_t i) { return static_cast<slot_number>(i); };
    table.insert(code_of(n), slot(n));
    if (n >= 100) {
      table.replace(code_of(n - 100), no_slot, [&](slot_number at) { return at == slot(n - 100); });
    }
    if (n == 1000) heap = table.heap();
  }
  CHECK(table.size() == 100);
  CHECK(table.heap() == heap);
  CHECK(table.find(code_of(5), [](slot_number) { return true; }) == no_slot);
}

TEST_CASE("room that a code table was asked for is enough, and takes what filling it one by one takes") {
  for (const std::size_t count : {1u, 6u, 7u, 12u, 13u, 1000u}) {
    CAPTURE(count);
    code_table table, one_by_one;
    table.reserve(count);
    const auto heap = table.heap();
    for (slot_number i = 0; i < count; ++i) {
      table.insert(i * 0x9e37'79b9u, i);
      one_by_one.insert(i * 0x9e37'79b9u, i);
    }
    CHECK(table.heap() == heap);
    CHECK(one_by_one.heap() == heap);
  }
}
