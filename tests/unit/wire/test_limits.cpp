// SPDX-License-Identifier: BSL-1.0
#include <new>
#include <stdexcept>

#include "tests/unit/wire/wire_test.hpp"

using namespace wire_test;

namespace {

/// At the limit `most` both archives take a value that uses `size` of it; one below, both refuse.
template <class T>
void bounded(const T& value, std::size_t wire::limits::*limit, std::size_t size) {
  const bytes encoded = wire::encode(value);
  for (const std::size_t most : {size - 1, size, size + 1}) {
    wire::limits limits;
    limits.*limit = most;
    CAPTURE(size, most);
    if (most < size) {
      CHECK(refuses<T>(encoded, limits));
      CHECK_THROWS_AS(wire::encode(value, limits), std::length_error);
    } else {
      CHECK(wire::decode<T>(encoded, limits) == value);
      CHECK(wire::encode(value, limits) == encoded);
    }
  }
}

tree chain(std::size_t length) {
  tree top;
  for (tree* at = &top; length > 1; --length) at = &at->branches.emplace_back();
  return top;
}

template <class Error>
struct throws_on_load {
  template <class Archive>
  void save(Archive&) const {}
  template <class Archive>
  void load(Archive&) {
    throw Error();
  }
};

struct cereal_error : cereal::Exception {
  cereal_error() : Exception("cereal") {}
};
struct length_error : std::length_error {
  length_error() : std::length_error("length") {}
};

/// Trusts the size that it reads, as it should not.
struct gullible {
  std::vector<std::uint64_t> values;
  template <class Archive>
  void serialize(Archive& archive) {
    std::uint64_t size = values.size();
    archive(size);
    values.resize(size);
  }
};

}  // namespace

TEST_CASE("strings, elements and depth at their limits", "[wire][limits]") {
  for (const std::size_t size : {1u, 2u, 127u, 128u, 1000u}) {
    bounded(std::string(size, 'x'), &wire::limits::string_bytes, size);
    bounded(std::vector<std::string>{std::string(size, 'x')}, &wire::limits::string_bytes, size);
    bounded(bytes(size), &wire::limits::elements, size);
    bounded(std::vector<std::uint32_t>(size, 7), &wire::limits::elements, size);
    bounded(std::vector<bool>(size, true), &wire::limits::elements, size);
    bounded(std::vector<std::string>(size), &wire::limits::elements, size);
    std::set<std::uint64_t> set;
    std::map<std::uint64_t, bool> map;
    while (set.size() < size) set.insert(set.size()), map[map.size()] = true;
    bounded(set, &wire::limits::elements, size);
    bounded(map, &wire::limits::elements, size);
  }
  // A tree and its vector count one each.
  for (const std::size_t length : {1u, 2u, 16u, 32u, 33u})
    bounded(chain(length), &wire::limits::depth, 2 * length);
  bounded(std::optional<std::vector<std::pair<bool, bool>>>{{{true, false}}}, &wire::limits::depth, 3);
}

TEST_CASE("the default limits", "[wire][limits]") {
  const wire::limits most;
  CHECK(most.frame_bytes == 1'048'576);
  CHECK(wire::decode<std::string>(wire::encode(std::string(65'536, 'x'))).size() == 65'536);
  CHECK(refuses<std::string>(wire::encode(std::string(65'537, 'x'))));
  CHECK(wire::decode<bytes>(wire::encode(bytes(1'048'576))).size() == 1'048'576);
  CHECK(refuses<bytes>(wire::encode(bytes(1'048'577))));
  CHECK(wire::decode<tree>(wire::encode(chain(32))) == chain(32));
  CHECK(refuses<tree>(wire::encode(chain(33))));
  CHECK_THROWS_AS(wire::encode(std::string(65'537, 'x'), most), std::length_error);
  CHECK(wire::limits::none().depth == static_cast<std::size_t>(-1));
}

TEST_CASE("depth is refused before the stack ends", "[wire][limits]") {
  CHECK(refuses<tree>(bytes(std::size_t{1} << 20, std::byte{1})));
  // What comes after a nested value starts at its own depth again.
  const std::vector<tree> wide(1000);
  CHECK(wire::decode<std::vector<tree>>(wire::encode(wide, wire::limits{})) == wide);
}

TEST_CASE("whatever a type's own load throws is a decode_error", "[wire]") {
  CHECK(refuses<throws_on_load<std::bad_alloc>>({}));
  CHECK(refuses<throws_on_load<std::bad_array_new_length>>({}));
  CHECK(refuses<throws_on_load<std::bad_cast>>({}));
  CHECK(refuses<throws_on_load<cereal_error>>({}));
  CHECK(refuses<std::vector<throws_on_load<length_error>>>(raw({1, 0})));
  CHECK(refuses<gullible>(raw({255, 255, 255, 255, 255, 255, 255, 255, 255, 1})));
  CHECK(refuses<gullible>(raw({255, 255, 255, 255, 255, 255, 255, 255, 31})));
  CHECK(refuses<std::variant<bool, std::uint16_t>>(raw({4, 1})));
  CHECK(refuses<std::variant<bool, std::uint16_t>>(raw({1, 1})));
  CHECK_THROWS_AS(wire::decode<throws_on_load<int>>({}), int);
}

TEST_CASE("errors say where", "[wire]") {
  try {
    wire::decode<std::pair<std::uint64_t, bool>>(raw({0xac, 2, 2}));
    FAIL("refused nothing");
  } catch (const decode_error& error) {
    CHECK(std::string(error.what()).find("at byte 2") != std::string::npos);
  }
}
