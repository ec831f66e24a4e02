// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <cereal/archives/portable_binary.hpp>
#include <cereal/types/list.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/memory.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/unordered_map.hpp>
#include <cereal/types/vector.hpp>
#include <sstream>

#include "tests/unit/wire/wire_test.hpp"

using namespace wire_test;

// cereal's own functions for containers are included above, and must lose against the archives.

namespace {

struct base {
  std::uint32_t id = 0;
  std::vector<std::uint32_t> more;
  bool operator==(const base&) const = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(id, more);
  }
};

struct derived : base, std::vector<std::uint16_t> {
  std::string name;
  bool operator==(const derived&) const = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(cereal::base_class<base>(this), cereal::base_class<std::vector<std::uint16_t>>(this), name);
  }
};

struct versioned {
  std::uint32_t value = 0;
  bool operator==(const versioned&) const = default;
  template <class Archive>
  void serialize(Archive& archive, std::uint32_t version) {
    archive(value);
    if (version != 3) throw decode_error("unknown class version");
  }
};

template <class Raw>
struct minimal {
  Raw value{};
  bool operator==(const minimal&) const = default;
  template <class Archive>
  Raw save_minimal(const Archive&) const {
    return value;
  }
  template <class Archive>
  void load_minimal(const Archive&, const Raw& from) {
    value = from;
  }
};

struct split {
  std::vector<std::uint32_t> values;
  bool operator==(const split&) const = default;
  template <class Archive>
  void save(Archive& archive) const {
    archive << cereal::make_size_tag(static_cast<cereal::size_type>(values.size()));
    for (const std::uint32_t value : values) archive& value;
  }
  template <class Archive>
  void load(Archive& archive) {
    cereal::size_type size = 0;
    archive >> cereal::make_size_tag(size);
    for (values.resize(size); std::uint32_t & value : values) archive& value;
  }
};

struct nothing {
  bool operator==(const nothing&) const = default;
  template <class Archive>
  void serialize(Archive&) {}
};

enum class undeclared { a, b };

}  // namespace

CEREAL_CLASS_VERSION(versioned, 3)

// `derived` is a std::vector too, for which cereal has functions.
template <class Archive>
struct cereal::specialize<Archive, derived, cereal::specialization::member_serialize> {};

TEST_CASE("one of everything survives, and nothing that was damaged", "[wire]") {
  torture(everything{});
  torture(everything::sample());
  torture_at_random(everything::sample(), 20, 20'000);
}

TEST_CASE("the bytes of composed values are those of their parts", "[wire]") {
  CHECK(wire::encode(std::string("hi")) == raw({2, 'h', 'i'}));
  CHECK(wire::encode(std::u8string(u8"é")) == raw({2, 0xc3, 0xa9}));
  CHECK(wire::decode<std::u8string>(raw({2, 0xc3, 0xa9})) == u8"é");
  CHECK(wire::encode(raw({7, 8})) == raw({2, 7, 8}));
  CHECK(wire::encode(std::vector<char>{'a'}) == raw({1, 'a'}));
  CHECK(wire::encode(std::vector<std::int8_t>{-1}) == raw({1, 255}));
  CHECK(wire::encode(std::vector<std::int16_t>{-1, 64}) == raw({2, 1, 0x80, 1}));
  CHECK(wire::encode(std::map<std::uint8_t, bool>{{2, true}, {1, false}}) == raw({2, 1, 0, 2, 1}));
  CHECK(wire::encode(std::set<std::uint16_t>{300, 1}) == raw({2, 1, 0xac, 2}));
  CHECK(wire::encode(std::optional<std::uint16_t>{}) == raw({1}));
  CHECK(wire::encode(std::optional<std::uint16_t>{5}) == raw({0, 5}));
  CHECK(wire::encode(std::pair(true, std::uint16_t{9})) == raw({1, 9}));
  CHECK(wire::encode(std::tuple(std::uint16_t{1}, std::string("x"))) == raw({1, 1, 'x'}));
  CHECK(wire::encode(std::array<std::uint8_t, 3>{1, 2, 200}) == raw({1, 2, 200}));
  CHECK(wire::decode<std::array<std::uint8_t, 3>>(raw({1, 2, 200})) ==
        std::array<std::uint8_t, 3>{1, 2, 200});
  CHECK(refuses<std::array<std::uint8_t, 3>>(raw({1, 2})));
  CHECK(refuses<std::array<bool, 2>>(raw({1, 2})));
  CHECK(wire::encode(std::variant<std::uint16_t, bool>{true}) == raw({2, 1}));
  CHECK(wire::encode(inner{-1, "a"}) == raw({1, 1, 'a'}));
}

TEST_CASE("keys ascend strictly", "[wire]") {
  using numbers = std::set<std::uint16_t>;
  using names = std::map<std::string, std::uint8_t>;
  using falling = std::set<std::uint16_t, std::greater<>>;
  CHECK(wire::decode<numbers>(raw({2, 1, 2})) == numbers{1, 2});
  CHECK(refuses<numbers>(raw({2, 2, 1})));
  CHECK(refuses<numbers>(raw({2, 1, 1})));
  CHECK(refuses<numbers>(raw({3, 1, 3, 2})));
  CHECK(wire::decode<names>(raw({2, 1, 'a', 0, 1, 'b', 0})) == names{{"a", 0}, {"b", 0}});
  CHECK(refuses<names>(raw({2, 1, 'b', 0, 1, 'a', 0})));
  CHECK(refuses<names>(raw({2, 1, 'a', 0, 1, 'a', 0})));
  CHECK(wire::decode<falling>(raw({2, 2, 1})) == falling{1, 2});
  CHECK(refuses<falling>(raw({2, 1, 2})));
}

TEST_CASE("whatever cereal serializes goes through the archives' own checks", "[wire]") {
  derived value;
  value.id = 300;
  value.more = {1, 2};
  value.push_back(9);
  value.name = "n";
  CHECK(wire::encode(value) == raw({0xac, 2, 2, 1, 2, 1, 9, 1, 'n'}));
  torture(value);
  torture(minimal<std::uint32_t>{70'000});
  torture(minimal<std::int64_t>{-70'000});
  torture(minimal<bool>{true});
  torture(minimal<std::string>{"text"});
  torture(std::vector<minimal<bool>>{{true}, {false}});
  torture(split{{1, 2, 300}});
  torture(std::optional<std::optional<bool>>{std::optional<bool>{}});
  torture(std::variant<std::vector<std::uint16_t>, std::set<std::string>>{std::set<std::string>{"a", "b"}});
  torture(std::map<std::pair<std::uint16_t, std::string>, std::optional<split>>{{{1, "a"}, split{{1}}},
                                                                                {{2, ""}, {}}});

  // A version stands once, before the first value of its type.
  CHECK(wire::encode(std::vector<versioned>{{5}, {6}}) == raw({2, 3, 5, 6}));
  torture(std::vector<versioned>{{5}, {6}});
}

TEST_CASE("the same type works with cereal's own archives", "[wire]") {
  std::stringstream text;
  {
    cereal::PortableBinaryOutputArchive archive(text);
    archive(everything::sample().inners, everything::sample().index);
  }
  everything read;
  cereal::PortableBinaryInputArchive archive(text);
  archive(read.inners, read.index);
  CHECK(read.inners == everything::sample().inners);
  CHECK(read.index == everything::sample().index);
}

TEST_CASE("several values, several writers, one buffer", "[wire]") {
  bytes out = raw({42});
  {
    wire::writer write(out);
    write(std::uint8_t{1}, std::string("two"));
    write << std::uint16_t{3};
    write& std::uint16_t{4};
    write.finish();
    CHECK(out == raw({42, 1, 3, 't', 'w', 'o', 3, 4}));
    write(std::vector<std::uint64_t>(1000, 1));
  }
  REQUIRE(out.size() == 8 + 2 + 1000);
  wire::encode_to(out, true);
  wire::reader read(out);
  std::uint8_t first = 0, one = 0;
  std::string two;
  std::uint16_t three = 0, four = 0;
  std::vector<std::uint64_t> many;
  bool last = false;
  read(first, one, two) >> three;
  CHECK(read.remaining() == out.size() - 7);
  CHECK_THROWS_AS(read.finish(), decode_error);
  (read & four)(many, last);
  read.finish();
  CHECK(std::tuple(first, one, two, three, four, last) == std::tuple(42, 1, "two", 3, 4, true));
  CHECK(many == std::vector<std::uint64_t>(1000, 1));
}

TEST_CASE("long vectors of numbers, whatever their lengths", "[wire]") {
  std::mt19937_64 random(3);
  for (const std::size_t size : {0u, 1u, 63u, 64u, 65u, 127u, 128u, 129u, 5000u}) {
    std::vector<std::uint64_t> numbers(size);
    std::vector<std::int32_t> others(size);
    std::vector<bool> flags(size);
    for (std::size_t i = 0; i < size; ++i) {
      numbers[i] = random() >> random() % 64;
      others[i] = static_cast<std::int32_t>(random());
      flags[i] = random() % 2 == 0;
    }
    CAPTURE(size);
    CHECK(wire::decode<std::vector<std::uint64_t>>(wire::encode(numbers)) == numbers);
    CHECK(wire::decode<std::vector<std::int32_t>>(wire::encode(others)) == others);
    CHECK(wire::decode<std::vector<bool>>(wire::encode(flags)) == flags);
  }
}

TEST_CASE("an encoding that fails leaves the buffer as it was", "[wire]") {
  bytes out = raw({1, 2, 3});
  const std::pair<std::vector<std::uint64_t>, color> bad{std::vector<std::uint64_t>(1000, 7), color{}};
  CHECK_THROWS_AS(wire::encode_to(out, bad), std::invalid_argument);
  CHECK(out == raw({1, 2, 3}));
}

TEST_CASE("elements without bytes cannot be counted, so they are not written", "[wire]") {
  CHECK(wire::encode(nothing{}).empty());
  CHECK(wire::decode<nothing>({}) == nothing{});
  CHECK(wire::encode(std::vector<nothing>{}) == raw({0}));
  CHECK_THROWS_AS(wire::encode(std::vector<nothing>(2)), std::invalid_argument);
  CHECK(refuses<std::vector<nothing>>(raw({1})));
}

TEST_CASE("some types do not compile", "[wire]") {
  using wire::detail::refused;
  STATIC_REQUIRE(refused<double> && refused<float> && refused<long double>);
  STATIC_REQUIRE(refused<int*> && refused<const char*> && refused<std::nullptr_t>);
  STATIC_REQUIRE(refused<std::unique_ptr<int>> && refused<std::shared_ptr<int>> &&
                 refused<std::weak_ptr<int>>);
  STATIC_REQUIRE(refused<std::unordered_map<int, int>> && refused<std::unordered_set<int>>);
  STATIC_REQUIRE(refused<std::list<int>> && refused<std::deque<int>> && refused<std::multimap<int, int>>);
  STATIC_REQUIRE(refused<wchar_t> && refused<std::wstring> && refused<std::u16string>);
  STATIC_REQUIRE(refused<cereal::BinaryData<int*>> && refused<cereal::virtual_base_class<base>>);
  STATIC_REQUIRE(refused<undeclared>);
  STATIC_REQUIRE_FALSE(refused<color> || refused<std::byte> || refused<everything> || refused<std::string>);
  STATIC_REQUIRE_FALSE(refused<std::vector<bool>> || refused<std::map<int, int>> || refused<char32_t>);
}
