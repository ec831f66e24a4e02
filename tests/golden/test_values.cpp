// SPDX-License-Identifier: BSL-1.0
#include "tests/golden/golden.hpp"

using golden::golden_file;
using namespace wire_test;

TEST_CASE("the golden encodings of values", "[golden]") {
  golden_file file("values.txt");

  file.holds<std::uint64_t>("u64 0", 0);
  file.holds<std::uint64_t>("u64 1", 1);
  file.holds<std::uint64_t>("u64 127", 127);
  file.holds<std::uint64_t>("u64 128", 128);
  file.holds<std::uint64_t>("u64 300", 300);
  file.holds<std::uint64_t>("u64 16383", 16383);
  file.holds<std::uint64_t>("u64 16384", 16384);
  file.holds<std::uint64_t>("u64 2^32", std::uint64_t{1} << 32);
  file.holds<std::uint64_t>("u64 2^63", std::uint64_t{1} << 63);
  file.holds<std::uint64_t>("u64 2^64 - 1", ~std::uint64_t{0});
  file.holds<std::uint16_t>("u16 65535", 65535);
  file.holds<std::uint32_t>("u32 2^32 - 1", 4294967295);

  file.holds<std::int32_t>("i32 0", 0);
  file.holds<std::int32_t>("i32 -1", -1);
  file.holds<std::int32_t>("i32 1", 1);
  file.holds<std::int32_t>("i32 -2", -2);
  file.holds<std::int32_t>("i32 63", 63);
  file.holds<std::int32_t>("i32 -64", -64);
  file.holds<std::int32_t>("i32 64", 64);
  file.holds<std::int32_t>("i32 2^31 - 1", std::numeric_limits<std::int32_t>::max());
  file.holds<std::int32_t>("i32 -2^31", std::numeric_limits<std::int32_t>::min());
  file.holds<std::int64_t>("i64 2^63 - 1", std::numeric_limits<std::int64_t>::max());
  file.holds<std::int64_t>("i64 -2^63", std::numeric_limits<std::int64_t>::min());

  file.holds<std::uint8_t>("u8 0", 0);
  file.holds<std::uint8_t>("u8 255", 255);
  file.holds<std::int8_t>("i8 -1", -1);
  file.holds<std::int8_t>("i8 -128", -128);
  file.holds("char 'h'", 'h');
  file.holds("byte 0x80", std::byte{0x80});
  file.holds("false", false);
  file.holds("true", true);

  file.holds("enum of u8, 3", color::blue);
  file.holds("enum of int, -1", balance::owed);

  file.holds<std::string>("string empty", "");
  file.holds<std::string>("string \"hi\"", "hi");
  bytes long_string = wire::encode(std::string(128, 'x'));
  CHECK(long_string.size() == 130);
  long_string.resize(4);
  CHECK((file.take("string of 128 bytes \"x\", its first four bytes") == long_string));
  file.holds("vector of byte", raw({0, 255, 7}));
  file.holds("vector of bool", std::vector<bool>{true, false, true});
  file.holds("vector of u64", std::vector<std::uint64_t>{0, 127, 128, 300});
  file.holds("vector of i16", std::vector<std::int16_t>{-1, 64});
  file.holds("vector of string", std::vector<std::string>{"a", ""});
  file.holds("vector of vector of u16", std::vector<std::vector<std::uint16_t>>{{}, {5}, {6, 7}});
  file.holds("set of u16", std::set<std::uint16_t>{300, 1, 2});
  file.holds("map of string to i32", std::map<std::string, std::int32_t>{{"b", 1}, {"a", -1}});

  file.holds("pair of u16 and bool", std::pair(std::uint16_t{9}, true));
  file.holds("tuple of bool, u16, string", std::tuple(true, std::uint16_t{5}, std::string("x")));
  file.holds("array of three u8", std::array<std::uint8_t, 3>{1, 2, 200});
  file.holds("array of two u32", std::array<std::uint32_t, 2>{1, 300});
  file.holds("optional without a value", std::optional<std::uint16_t>{});
  file.holds("optional of u16, 5", std::optional<std::uint16_t>{5});
  file.holds("variant, second type, bool true", std::variant<std::uint16_t, bool>{true});
  file.holds("struct of i32 and string", inner{-1, "a"});
  file.holds("replica id", hearsay::replica_id{0x0123456789abcdef});
}
