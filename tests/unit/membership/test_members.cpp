// SPDX-License-Identifier: BSL-1.0
#include <hearsay/laws/catch2.hpp>
#include <hearsay/membership/members.hpp>

#include "tests/catch.hpp"
#include "tests/unit/crdt/orders.hpp"
#include "tests/unit/membership/members_model.hpp"

HEARSAY_CHECK_LAWS(hearsay::membership::members);

namespace {

using hearsay::replica;
using hearsay::replica_id;
using hearsay::timestamp;
using hearsay::membership::members;
using hearsay::membership::profile;
using hearsay::membership::status;

/// Replicas whose clocks stand still, so that only their logic tells one time from the next.
struct world {
  replica one(std::uint64_t id, std::uint64_t wall = 1000) const {
    return replica(replica_id{id}, hearsay::clock([wall] { return wall; }));
  }
  replica a = one(1), b = one(2), c = one(3);
  profile about = {"a", "inproc://a", {}, {}};
};

TEST_CASE("accusations and refutations end in one view in every order of arrival", "[members]") {
  world w;
  members seen_by_b, seen_by_c;
  const auto joined = seen_by_b.announce(w.a, w.about);
  members own = joined;
  seen_by_c.merge(joined);
  const auto first = seen_by_b.accuse(w.b, w.a.id());
  const auto second = seen_by_c.accuse(w.c, w.a.id());
  const auto buried = seen_by_b.bury(w.b, w.a.id());
  own.merge(first);
  const auto refuted = own.refute(w.a);
  const auto tagged = own.retag(w.a, {{"zone", "x"}});
  seen_by_c.merge(refuted);
  const auto again = seen_by_c.accuse(w.c, w.a.id());
  const auto expect = [&](status state, std::size_t accusers) {
    return [=, &w](const members& x) {
      const auto* found = x.find(w.a.id());
      REQUIRE(found != nullptr);
      CHECK(found->status == state);
      CHECK(found->accusers.size() == accusers);
      CHECK(found->about.endpoint == "inproc://a");
    };
  };
  crdt_test::in_all_orders<members>({joined, first, second, buried}, expect(status::dead, 0));
  crdt_test::in_all_orders<members>({joined, first, second, buried, refuted, tagged},
                                    expect(status::alive, 0));
  crdt_test::in_all_orders<members>({joined, first, second, buried, refuted, again},
                                    expect(status::suspect, 1));
}

TEST_CASE("a suspicion counts who uttered it, up to a limit", "[members]") {
  world w;
  members x;
  x.announce(w.a, w.about);
  for (std::uint64_t id = 20; id > 2; --id) {
    auto accuser = w.one(id);
    members other = x;
    x.merge(other.accuse(accuser, w.a.id()));
    x.merge(other.accuse(accuser, w.a.id()));
  }
  const auto& accusers = x.find(w.a.id())->accusers;
  REQUIRE(accusers.size() == hearsay::membership::max_accusers);
  CHECK(accusers.front() == replica_id{3});
  CHECK(accusers.back() == replica_id{10});
}

TEST_CASE("what is forgotten does not come back from who still remembers it", "[members]") {
  world w;
  auto late = w.one(4, 5000);
  members x;
  x.announce(w.a, w.about);
  x.announce(late, w.about);
  const members before = x;
  x.bury(w.b, w.a.id());
  const auto forgot = x.forget(w.b, timestamp::from_milliseconds(2000));
  CHECK(x.find(w.a.id()) == nullptr);
  x.merge(before);
  CHECK(x.find(w.a.id()) == nullptr);
  members there = before;
  there.merge(forgot);
  CHECK(there == x);
  // And the member itself, when it was alive all the time, comes back with a later incarnation.
  x.announce(w.a, w.about);
  CHECK(x.find(w.a.id())->here());
}

TEST_CASE("nobody who is here is forgotten", "[members]") {
  world w;
  members x;
  x.announce(w.a, w.about);
  auto late = w.one(4, 5000);
  x.announce(late, w.about);
  x.bury(w.b, late.id());
  CHECK(x.forget(w.b, timestamp::from_milliseconds(9000)).is_bottom());
  x.leave(w.a);
  CHECK_FALSE(x.forget(w.b, timestamp::from_milliseconds(9000)).is_bottom());
  CHECK(x.all().empty());
}

TEST_CASE("a profile beyond its limits is refused, and nothing has changed", "[members]") {
  world w;
  members x;
  CHECK_THROWS_AS(x.announce(w.a, {"a", "", {}, {}}), std::invalid_argument);
  CHECK_THROWS_AS(x.announce(w.a, {std::string(257, 'n'), "e", {}, {}}), std::invalid_argument);
  CHECK(x.is_bottom());
  x.announce(w.a, w.about);
  const members before = x;
  CHECK_THROWS_AS(x.retag(w.a, {{"key", std::string(4094, 'v')}}), std::invalid_argument);
  CHECK(x == before);
  CHECK_FALSE(x.retag(w.a, {{"key", std::string(4093, 'v')}}).is_bottom());
}

TEST_CASE("bytes that are no members are refused", "[members]") {
  world w;
  members x;
  x.announce(w.a, w.about);
  x.announce(w.b, w.about);
  x.accuse(w.b, w.a.id());
  auto bytes = hearsay::wire::encode(x);
  CHECK(hearsay::wire::decode<members>(bytes) == x);
  std::size_t refused = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    auto damaged = bytes;
    damaged[at] ^= std::byte{0x80};
    try {
      const auto read = hearsay::wire::decode<members>(damaged);
      CHECK(hearsay::wire::encode(read) == damaged);
    } catch (const hearsay::decode_error&) {
      ++refused;
    }
  }
  CHECK(refused > 0);
}

}  // namespace
