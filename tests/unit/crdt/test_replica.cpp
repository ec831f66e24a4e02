// SPDX-License-Identifier: BSL-1.0
#include <set>
#include <type_traits>

#include "hearsay/crdt/replica.hpp"
#include "tests/unit/crdt/crdt_test.hpp"

using namespace hearsay;

static_assert(!std::is_copy_constructible_v<replica>);
static_assert(!std::is_copy_assignable_v<replica>);
static_assert(std::is_nothrow_move_constructible_v<replica>);
static_assert(std::is_nothrow_move_assignable_v<replica>);

TEST_CASE("every replica is another one") {
  std::set<replica_id> ids;
  for (int i = 0; i < 1000; ++i) ids.insert(replica().id());
  CHECK(ids.size() == 1000);
  CHECK_FALSE(ids.contains(replica_id{}));
}

TEST_CASE("a replica has the id and the clock it was given, also after a move") {
  auto alice = crdt_test::replica_with_id(7);
  const auto first = alice.time().now();
  replica moved = std::move(alice);
  CHECK(moved.id() == replica_id{7});
  CHECK(moved.time().now() > first);
}

TEST_CASE("a replica id prints as 16 digits, and is encoded so that the order of bytes is that of ids") {
  const replica_id id{0x0123456789abcdef};
  CHECK(fmt::to_string(id) == "0123456789abcdef");
  CHECK(fmt::to_string(replica_id{1}) == "0000000000000001");
  CHECK(fmt::format("{:>18}", id) == "  0123456789abcdef");
  std::ostringstream text;
  text << id;
  CHECK(text.str() == "0123456789abcdef");

  CHECK(crdt_test::to_binary(id) == "\x01\x23\x45\x67\x89\xab\xcd\xef");
  CHECK(wire::encode(id).size() == 8);
  CHECK(wire::encode(id).front() == std::byte{0x01});
  CHECK(crdt_test::to_json(id) == R"({"value": "0123456789abcdef"})");
  crdt_test::check_round_trips(id);
}

TEST_CASE("a replica id as text has 16 digits and nothing else") {
  for (const std::string bad :
       {"", "123", "0123456789abcdeg", "0123456789abcdef0", "+123456789abcdef", "-123456789abcdef"}) {
    CAPTURE(bad);
    CHECK_THROWS_AS(crdt_test::from_json<replica_id>(R"({"value": ")" + bad + R"("})"), decode_error);
  }
}

TEST_CASE("dots are ordered by replica, then by counter") {
  CHECK(dot{{1}, 9} < dot{{2}, 1});
  CHECK(dot{{1}, 1} < dot{{1}, 2});
  CHECK(fmt::to_string(dot{{1}, 9}) == "0000000000000001:9");
  CHECK(fmt::to_string(interval{3, 3}) == "3");
  CHECK(fmt::to_string(interval{3, 5}) == "3-5");
  CHECK(interval{3, 5}.contains(5));
  CHECK_FALSE(interval{3, 5}.contains(6));
  crdt_test::check_round_trips(dot{{1}, 9});
  crdt_test::check_round_trips(cursor{1, 2, true});
}
