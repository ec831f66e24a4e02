// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "hearsay/wire.hpp"

/// Values to encode, with no test framework: the fuzzers use them too.
namespace wire_test {

using hearsay::bytes;
using hearsay::decode_error;
namespace wire = hearsay::wire;

inline bytes raw(std::initializer_list<int> values) {
  bytes out;
  for (const int value : values) out.push_back(static_cast<std::byte>(value));
  return out;
}

inline std::string hex(const bytes& data) {
  constexpr char digits[] = "0123456789abcdef";
  std::string out;
  for (const std::byte each : data) {
    out += digits[std::to_integer<unsigned>(each) >> 4];
    out += digits[std::to_integer<unsigned>(each) & 15];
  }
  return out;
}

enum class color : std::uint8_t { red = 1, green, blue };
enum class balance : int { owed = -1, even, due };

struct inner {
  std::int32_t number = 0;
  std::string text;
  auto operator<=>(const inner&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::make_nvp("number", number), CEREAL_NVP(text));
  }
};

/// One of everything that can be on the wire.
struct everything {
  bool flag = false;
  char letter = 'a';
  std::int8_t tiny = 0;
  std::uint16_t small = 0;
  std::int32_t medium = 0;
  std::uint64_t large = 0;
  std::int64_t signed_large = 0;
  color paint = color::red;
  balance account = balance::even;
  std::string text;
  std::vector<std::byte> blob;
  std::vector<bool> flags;
  std::vector<std::uint64_t> numbers;
  std::vector<color> paints;
  std::vector<inner> inners;
  std::vector<std::vector<std::int16_t>> grid;
  std::map<std::string, std::set<std::int32_t>> index;
  std::set<std::pair<std::uint8_t, inner>> pairs;
  std::optional<std::string> maybe;
  std::optional<inner> nothing;
  std::variant<std::monostate, std::uint64_t, inner> either;
  std::tuple<bool, std::uint32_t, std::string> triple;
  std::array<std::uint8_t, 8> id{};
  std::array<inner, 2> both;
  std::uint32_t plain[2] = {0, 0};
  bool operator==(const everything&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(flag, letter, tiny, small, medium, large, signed_large, paint, account, text, blob, flags,
            numbers, paints, inners, grid, index, pairs, maybe, nothing, either, triple, id, both, plain);
  }

  static everything sample() {
    return {.flag = true,
            .letter = 'z',
            .tiny = -128,
            .small = 65535,
            .medium = -1000,
            .large = ~std::uint64_t{0},
            .signed_large = std::numeric_limits<std::int64_t>::min(),
            .paint = color::blue,
            .account = balance::owed,
            .text = "text",
            .blob = raw({0, 255, 7}),
            .flags = {true, false, true},
            .numbers = {0, 127, 128, 1u << 31, ~std::uint64_t{0}},
            .paints = {color::green, color::red},
            .inners = {{1, "one"}, {-2, ""}},
            .grid = {{}, {1, -1}, {300}},
            .index = {{"", {}}, {"a", {-5, 0, 5}}, {"b", {7}}},
            .pairs = {{1, {1, "x"}}, {1, {2, ""}}, {2, {0, ""}}},
            .maybe = "here",
            .nothing = std::nullopt,
            .either = inner{5, "five"},
            .triple = {true, 77, "seven"},
            .id = {1, 2, 3, 4, 5, 6, 7, 8},
            .both = {inner{1, "l"}, inner{2, "r"}},
            .plain = {1, 1000}};
  }
};

/// A value that holds itself: what depth limits are for.
struct tree {
  std::vector<tree> branches;
  bool operator==(const tree&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(branches);
  }
};

}  // namespace wire_test

template <>
struct hearsay::wire::enum_range<wire_test::color> {
  static constexpr auto first = wire_test::color::red, last = wire_test::color::blue;
};
template <>
struct hearsay::wire::enum_range<wire_test::balance> {
  static constexpr auto first = wire_test::balance::owed, last = wire_test::balance::due;
};
