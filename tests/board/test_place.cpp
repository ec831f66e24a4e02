// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "board/place.hpp"
#include "tests/catch.hpp"

using board::is_place;
using board::place_between;

namespace {

const hearsay::replica_id alice{0x1234'5678'9abc'def0};
const hearsay::replica_id bob{0x0fed'cba9'8765'4321};

}  // namespace

TEST_CASE("between any two places there is another, wherever one drops notes") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (const int habit : {0, 1, 2, 3}) {  // anywhere, always first, always last, always in the same gap
    CAPTURE(habit);
    std::vector<std::string> order;
    std::size_t longest = 0;
    for (int i = 0; i < 1000; ++i) {
      const auto n = order.size();
      const auto at = habit == 0 ? random() % (n + 1) : habit == 1 ? 0 : habit == 2 ? n : n / 2;
      const auto low = at == 0 ? "" : order[at - 1];
      const auto high = at == n ? "" : order[at];
      const auto made = place_between(low, high, random() % 2 == 0 ? alice : bob);
      longest = std::max(longest, made.size());
      CAPTURE(low, high, made);
      REQUIRE(is_place(made));
      REQUIRE((low.empty() || low < made));
      REQUIRE((high.empty() || made < high));
      order.insert(order.begin() + static_cast<std::ptrdiff_t>(at), made);
    }
    CHECK(std::ranges::is_sorted(order));
    CHECK(longest < 400);  // 1000 halvings of one gap are 1000 bits at the least, 167 digits
  }
}

TEST_CASE("between any two texts that are places there is another") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto draw = [&] {  // few digits, so that one often is the beginning of the other
    std::string text(1 + random() % 4, '-');
    for (auto& c : text) c = "--0yz"[random() % 5];
    if (text.back() == '-') text.back() = '0';
    return text;
  };
  for (int i = 0; i < 20'000; ++i) {
    auto low = draw(), high = draw();
    if (low == high) continue;
    if (low > high) std::swap(low, high);
    const auto made = place_between(low, high, alice);
    CAPTURE(low, high, made);
    REQUIRE(low < made);
    REQUIRE(made < high);
    REQUIRE(is_place(made));
  }
}

TEST_CASE("two people who drop notes in one gap get two places, and there is room between those") {
  const auto first = place_between("", "", alice);
  const auto last = place_between(first, "", alice);
  const auto hers = place_between(first, last, alice);
  const auto his = place_between(first, last, bob);
  CHECK(hers != his);
  const auto low = std::min(hers, his), high = std::max(hers, his);
  const auto middle = place_between(low, high, bob);
  CHECK(low < middle);
  CHECK(middle < high);
}

TEST_CASE("what is no place is refused") {
  for (const auto* text : {"", "-", "a-", "a b", "ä", "a\n"}) {
    CAPTURE(text);
    CHECK(!is_place(text));
  }
  CHECK_THROWS_AS(place_between("b", "a", alice), std::invalid_argument);
  CHECK_THROWS_AS(place_between("a", "a", alice), std::invalid_argument);
  CHECK_THROWS_AS(place_between("a-", "b", alice), std::invalid_argument);
  CHECK_THROWS_AS(place_between("", "<b>", alice), std::invalid_argument);
}
