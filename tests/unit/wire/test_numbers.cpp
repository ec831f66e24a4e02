// SPDX-License-Identifier: BSL-1.0
#include <hearsay/wire/varint.hpp>
#include <limits>
#include <random>

#include "tests/unit/wire/wire_test.hpp"

using namespace wire_test;

namespace {

template <class T>
void both_ways(T value, std::initializer_list<int> expected) {
  CAPTURE(value);
  CHECK(hex(wire::encode(value)) == hex(raw(expected)));
  CHECK(wire::decode<T>(raw(expected)) == value);
}

template <class T>
void torture_edges() {
  for (const T value : {T{0}, T{1}, std::numeric_limits<T>::max(), std::numeric_limits<T>::min(),
                        static_cast<T>(std::numeric_limits<T>::max() / 2), static_cast<T>(-1)}) {
    torture(value);
  }
}

// LEB128 by its definition: a group of 7 bits a byte, the lowest first.
bytes plain_varint(std::uint64_t value) {
  bytes out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<std::byte>((value & 0x7f) | 0x80));
  out.push_back(static_cast<std::byte>(value));
  return out;
}

}  // namespace

TEST_CASE("unsigned numbers are the shortest LEB128", "[wire]") {
  both_ways<std::uint64_t>(0, {0});
  both_ways<std::uint64_t>(127, {0x7f});
  both_ways<std::uint64_t>(128, {0x80, 1});
  both_ways<std::uint64_t>(300, {0xac, 2});
  both_ways<std::uint64_t>(16383, {0xff, 0x7f});
  both_ways<std::uint64_t>(16384, {0x80, 0x80, 1});
  both_ways<std::uint64_t>(~std::uint64_t{0}, {255, 255, 255, 255, 255, 255, 255, 255, 255, 1});
  both_ways<std::uint16_t>(65535, {0xff, 0xff, 3});
  both_ways<std::uint32_t>(4294967295, {0xff, 0xff, 0xff, 0xff, 15});
  both_ways<char16_t>(u'é', {0xe9, 1});
  for (unsigned bit = 0; bit < 64; ++bit) {
    for (const std::uint64_t value : {std::uint64_t{1} << bit, (std::uint64_t{1} << bit) - 1}) {
      const bytes out = wire::encode(value);
      CAPTURE(value);
      REQUIRE(wire::decode<std::uint64_t>(out) == value);
      REQUIRE(out.size() == (value == std::uint64_t{1} << bit ? bit / 7 + 1
                             : bit == 0                       ? 1
                                                              : (bit - 1) / 7 + 1));
    }
  }
}

TEST_CASE("signed numbers are zigzag", "[wire]") {
  both_ways<std::int32_t>(0, {0});
  both_ways<std::int32_t>(-1, {1});
  both_ways<std::int32_t>(1, {2});
  both_ways<std::int32_t>(-64, {0x7f});
  both_ways<std::int32_t>(64, {0x80, 1});
  both_ways<std::int64_t>(std::numeric_limits<std::int64_t>::max(),
                          {254, 255, 255, 255, 255, 255, 255, 255, 255, 1});
  both_ways<std::int64_t>(std::numeric_limits<std::int64_t>::min(),
                          {255, 255, 255, 255, 255, 255, 255, 255, 255, 1});
  both_ways<std::int16_t>(-32768, {0xff, 0xff, 3});
}

TEST_CASE("what has one byte is one byte", "[wire]") {
  both_ways<std::uint8_t>(200, {200});
  both_ways<std::int8_t>(-1, {255});
  both_ways('h', {'h'});
  both_ways(true, {1});
  both_ways(false, {0});
  CHECK(wire::encode(std::byte{0x80}) == raw({0x80}));
  CHECK(wire::decode<std::byte>(raw({0x80})) == std::byte{0x80});
  for (int value = 2; value < 256; ++value) REQUIRE(refuses<bool>(raw({value})));
}

TEST_CASE("numbers have one encoding only", "[wire]") {
  CHECK(refuses<std::uint64_t>({}));
  CHECK(refuses<std::uint64_t>(raw({0x80})));
  CHECK(refuses<std::uint64_t>(raw({0x80, 0})));
  CHECK(refuses<std::uint64_t>(raw({0xff, 0x80, 0})));
  CHECK(refuses<std::uint64_t>(raw({255, 255, 255, 255, 255, 255, 255, 255, 255, 2})));
  CHECK(refuses<std::uint64_t>(raw({255, 255, 255, 255, 255, 255, 255, 255, 255, 0x81, 0})));
  CHECK(refuses<std::uint64_t>(raw({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1})));
  CHECK(refuses<std::uint16_t>(raw({0x80, 0x80, 4})));
  CHECK(refuses<std::uint32_t>(raw({0xff, 0xff, 0xff, 0xff, 16})));
  CHECK(refuses<std::int16_t>(raw({0x80, 0x80, 4})));
  CHECK(refuses<std::int16_t>(raw({0x81, 0x80, 4})));
  CHECK(refuses<std::int32_t>(raw({0x80, 0x80, 0x80, 0x80, 16})));
  torture_edges<std::uint16_t>();
  torture_edges<std::uint32_t>();
  torture_edges<std::uint64_t>();
  torture_edges<std::int8_t>();
  torture_edges<std::int16_t>();
  torture_edges<std::int32_t>();
  torture_edges<std::int64_t>();
}

TEST_CASE("varints of every length, with anything behind them", "[wire]") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t value = random() >> random() % 64;
    const bytes plain = plain_varint(value);
    CAPTURE(value);
    REQUIRE(wire::encode(value) == plain);
    bytes in = plain;
    for (auto more = random() % 12; more > 0; --more) in.push_back(static_cast<std::byte>(random()));
    std::uint64_t read = ~value;
    REQUIRE(wire::get_varint(in.data(), in.data() + in.size(), read) == in.data() + plain.size());
    REQUIRE(read == value);
    // One group of zeros more than is needed, and then a byte too few.
    in = plain;
    in.back() |= std::byte{0x80};
    REQUIRE(wire::get_varint(in.data(), in.data() + in.size(), read) == nullptr);
    in.push_back(std::byte{0});
    in.resize(in.size() + random() % 8);
    REQUIRE(wire::get_varint(in.data(), in.data() + in.size(), read) == nullptr);
    REQUIRE(read == value);
  }
}

TEST_CASE("every sequence of three bytes is refused or canonical", "[wire]") {
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; b += (b & 0x7e) == 0x7e || (b & 0x7f) < 2 ? 1 : 31) {
      for (const int c : {0, 1, 3, 4, 0x7f, 0x80, 0xff}) {
        const bytes in = raw({a, b, c});
        REQUIRE(refused_or_canonical<std::uint64_t>(in));
        REQUIRE(refused_or_canonical<std::int16_t>(in));
        REQUIRE(refused_or_canonical<std::vector<bool>>(in));
        REQUIRE(refused_or_canonical<std::set<std::uint16_t>>(in));
      }
    }
  }
}

TEST_CASE("enums stay within their range", "[wire]") {
  both_ways(static_cast<int>(color::red), {2});
  CHECK(wire::encode(color::blue) == raw({3}));
  CHECK(wire::encode(balance::owed) == raw({1}));
  CHECK(wire::decode<balance>(raw({1})) == balance::owed);
  for (int value = 0; value < 256; ++value) REQUIRE(refuses<color>(raw({value})) == (value < 1 || value > 3));
  for (int value = 0; value < 128; ++value) REQUIRE(refuses<balance>(raw({value})) == (value > 2));
  CHECK_THROWS_AS(wire::encode(static_cast<color>(4)), std::invalid_argument);
  CHECK_THROWS_AS(wire::encode(static_cast<balance>(-2)), std::invalid_argument);
  CHECK_THROWS_AS(wire::encode(std::vector<color>{color::red, color{}}), std::invalid_argument);
  CHECK(refuses<std::vector<color>>(raw({2, 1, 0})));
}

TEST_CASE("zigzag and its inverse", "[wire]") {
  static_assert(wire::zigzag(0) == 0 && wire::zigzag(-1) == 1 && wire::zigzag(1) == 2);
  static_assert(wire::zigzag(std::numeric_limits<std::int64_t>::min()) == ~std::uint64_t{0});
  std::mt19937_64 random(7);
  for (int i = 0; i < 1000; ++i) {
    const auto value = static_cast<std::int64_t>(random() >> random() % 64);
    REQUIRE(wire::unzigzag(wire::zigzag(value)) == value);
    REQUIRE(wire::unzigzag(wire::zigzag(-value)) == -value);
  }
}
