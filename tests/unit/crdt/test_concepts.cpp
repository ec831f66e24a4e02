// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt/concepts.hpp"
#include "hearsay/crdt/type_name.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;

namespace my {

// The least that is a CRDT.
struct high_score {
  static constexpr std::string_view crdt_name = "my_high_score";
  int best = 0;

  void merge(const high_score& other) { best = std::max(best, other.best); }
  friend bool operator==(const high_score&, const high_score&) = default;
};

struct other {};

struct no_merge {
  friend bool operator==(const no_merge&, const no_merge&) = default;
};

}  // namespace my

template <>
struct hearsay::name_of<my::other> {
  static std::string get() { return "my_other"; }
};

static_assert(crdt<my::high_score>);
static_assert(!crdt<my::other> && !crdt<my::no_merge> && !crdt<int>);

TEST_CASE("a type with nothing but merge has all the free functions") {
  my::high_score x{5};
  CHECK(absorb(x, my::high_score{3}) == my::high_score{});
  CHECK(x.best == 5);
  CHECK(absorb(x, my::high_score{7}) == my::high_score{7});
  CHECK(x.best == 7);
  CHECK(newest(x) == timestamp{});
  CHECK(metrics_of(x) == metrics{1, 0, 0, 0, sizeof x});
  CHECK_FALSE(is_bottom(x));
  CHECK(is_bottom(my::high_score{}));

  cursor at;
  CHECK(part(x, at, 10) == x);
  CHECK(at.end);
  CHECK(part(x, at, 10) == my::high_score{});
  CHECK(split(x, 10) == std::vector{x});
  CHECK(split(my::high_score{}, 10).empty());
}

TEST_CASE("the free functions use the members that a type has") {
  replica alice;
  g_counter counter, there;
  const auto delta = counter.increment(alice, 3);
  CHECK(absorb(there, delta) == delta);
  CHECK(absorb(there, delta).is_bottom());
  CHECK(is_bottom(g_counter{}));
  CHECK(metrics_of(counter).dots == 1);
  lww_map<std::string, int> map;
  map.put(alice, "x", 1);
  CHECK(newest(map) == map.newest());
  CHECK(newest(map) != timestamp{});
  CHECK(newest(counter) == timestamp{});
}

TEST_CASE("type names are the same everywhere") {
  CHECK(type_name<std::uint64_t>() == "u64");
  CHECK(type_name<unsigned long long>() == "u64");
  CHECK(type_name<int>() == "i32");
  CHECK(type_name<std::int8_t>() == "i8");
  CHECK(type_name<bool>() == "bool");
  CHECK(type_name<std::string>() == "string");
  CHECK(type_name<std::pair<int, std::optional<std::string>>>() == "pair<i32,optional<string>>");
  CHECK(type_name<std::vector<std::vector<bool>>>() == "vector<vector<bool>>");
  CHECK(type_name<g_counter>() == "g_counter");
  CHECK(type_name<or_set<std::string>>() == "or_set<string>");
  CHECK(type_name<lww_map<std::string, std::uint64_t>>() == "lww_map<string,u64>");
  CHECK(type_name<my::high_score>() == "my_high_score");
  CHECK(type_name<std::vector<my::other>>() == "vector<my_other>");
}

TEST_CASE("metrics and cursors print") {
  CHECK(fmt::to_string(metrics{1, 2, 3, 4, 5}) == "items 1, dots 2, replicas 3, intervals 4, bytes 5");
  CHECK(fmt::to_string(cursor{1, 2, false}) == "1.2");
  CHECK(fmt::to_string(cursor{1, 2, true}) == "1.2 end");
}
