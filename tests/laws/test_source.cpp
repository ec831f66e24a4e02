// SPDX-License-Identifier: BSL-1.0
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/source.hpp"
#include "tests/catch.hpp"

using hearsay::laws::choices;
using hearsay::laws::parse_choices;
using hearsay::laws::source;
using hearsay::laws::to_string;

TEST_CASE("choices print and parse") {
  CHECK(to_string({3, 0, 1, 4}) == "3.0.1.4");
  CHECK(to_string({}).empty());
  CHECK(parse_choices("3.0.1.4") == choices{3, 0, 1, 4});
  CHECK(parse_choices("18446744073709551615") == choices{18446744073709551615u});
  CHECK(parse_choices("").empty());
  for (const auto* wrong : {"3.", ".3", "3..4", "3,4", "a", "3.-1", "18446744073709551616", "3 ", "."}) {
    CAPTURE(wrong);
    CHECK_THROWS_AS(parse_choices(wrong), std::invalid_argument);
  }
}

TEST_CASE("a recorded sequence gives the same choices again, and zeros where it ends") {
  auto c = source::random(7);
  const choices drawn{c.below(10), c.below(1000), c.below(2), c.below(std::uint64_t{1} << 40), c.below(1)};
  CHECK(c.made() == drawn);
  auto again = source::replay(drawn);
  CHECK(choices{again.below(10), again.below(1000), again.below(2), again.below(std::uint64_t{1} << 40),
                again.below(1)} == drawn);
  CHECK(again.below(10) == 0);
  CHECK(again.made().size() == 6);
}

TEST_CASE("a number too large for its choice becomes the largest, and is recorded so") {
  auto c = source::replay({9, 9});
  CHECK(c.below(4) == 3);
  CHECK(c.below(100) == 9);
  CHECK(c.made() == choices{3, 9});
}

TEST_CASE("there is nothing below 0") {
  source c;
  CHECK_THROWS_AS(c.below(0), std::invalid_argument);
  CHECK_THROWS_AS(c.weighted({}), std::invalid_argument);
}

TEST_CASE("random choices depend on the seed only and reach every value") {
  std::set<choices> sequences;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    auto a = source::random(seed), b = source::random(seed);
    for (int i = 0; i < 50; ++i) CHECK(a.below(7) == b.below(7));
    sequences.insert(a.made());
  }
  CHECK(sequences.size() == 20);

  auto c = source::random(1);
  std::map<std::uint64_t, int> counts;
  for (int i = 0; i < 7000; ++i) ++counts[c.below(7)];
  REQUIRE(counts.size() == 7);
  for (const auto& [value, count] : counts) {
    CAPTURE(value);
    CHECK(count > 800);
    CHECK(count < 1200);
  }
}

TEST_CASE("weights count for random choices alone") {
  const std::array<std::uint64_t, 3> weights{1, 0, 9};
  auto c = source::random(1);
  std::array<int, 3> counts{};
  for (int i = 0; i < 1000; ++i) ++counts[c.weighted(weights)];
  CHECK(counts[0] > 50);
  CHECK(counts[1] == 0);
  CHECK(counts[2] > 800);
  CHECK(source::replay({1}).weighted(weights) == 1);
}

TEST_CASE("an odometer turns through every sequence of a tree of choices, once") {
  // Three ways, and behind the first two more, behind one of these again two.
  const auto generate = [](source& c) {
    if (c.below(3) == 0 && c.flip()) c.below(2);
  };
  source c;
  std::vector<std::string> all;
  do {
    generate(c);
    all.push_back(to_string(c.made()));
  } while (c.next());
  CHECK(all == std::vector<std::string>{"0.0", "0.1.0", "0.1.1", "1", "2"});
}

TEST_CASE("an odometer turns through the choices behind a prefix") {
  source c;
  std::vector<std::string> all;
  do {
    const auto prefix = c.below(2) + 1;
    const auto begin = c.made().size();
    c.cut();
    do {
      for (std::uint64_t i = 0; i < prefix; ++i) c.flip();
      all.push_back(to_string(c.made()));
    } while (c.next(begin));
    CHECK(c.made().size() == begin);
  } while (c.next());
  CHECK(all == std::vector<std::string>{"0.0", "0.1", "1.0.0", "1.0.1", "1.1.0", "1.1.1"});
}

TEST_CASE("bytes decide, as many as a choice needs, then zeros") {
  const std::array data{std::byte{5}, std::byte{1}, std::byte{2}, std::byte{255}};
  auto c = source::bytes(data);
  CHECK(c.below(1) == 0);  // takes no byte
  CHECK(c.below(4) == 1);
  CHECK(c.below(65536) == 0x0102);
  CHECK(c.below(256) == 255);
  CHECK(c.below(4) == 0);
  CHECK(c.made() == choices{0, 1, 0x0102, 255, 0});
}

TEST_CASE("notes are kept only for a report") {
  source c;
  c.note("add({})", 1);
  CHECK(c.words().empty());
  c.wordy(true);
  c.note("add({})", 1);
  c.note(" twice");
  CHECK(c.words() == "add(1) twice");
  CHECK(c.words().empty());
}

TEST_CASE("alphabets are small, and begin with what is plain") {
  source c;
  CHECK(c.item<std::uint64_t>() == 0);
  CHECK(c.item<bool>() == false);
  CHECK(c.item<std::string>() == "a");
  CHECK(c.item<std::pair<int, std::string>>() == std::pair(0, std::string("a")));
  CHECK(c.item<std::optional<int>>() == std::nullopt);

  const auto all = []<class T>(T, std::uint64_t elements) {
    source each;
    each.elements(elements);
    std::set<T> values;
    std::size_t draws = 0;
    do {
      values.insert(each.item<T>());
      ++draws;
    } while (each.next());
    CHECK(values.size() == draws);
    return values;
  };
  CHECK(all(std::int8_t{}, 6) == std::set<std::int8_t>{0, 1, 127, -128, 2, 3});
  CHECK(all(std::uint64_t{}, 4) == std::set<std::uint64_t>{0, 1, 1ull << 63, ~0ull});
  CHECK(all(std::string{}, 60).size() == 60);
  CHECK(all(std::string{}, 1) == std::set<std::string>{"a"});
  CHECK(all(std::pair<bool, std::uint8_t>{}, 3).size() == 6);

  source pick;
  CHECK(pick.one_of(std::string_view("xyz")) == 'x');
  CHECK(source::replay({2}).one_of(std::array{1, 2, 3}) == 3);
}
