// SPDX-License-Identifier: BSL-1.0
#include <hearsay/gossip/version_vector.hpp>
#include <hearsay/wire.hpp>
#include <map>
#include <random>

#include "tests/catch.hpp"

using namespace hearsay;
using namespace hearsay::gossip;
using namespace std::chrono_literals;

TEST_CASE("a version vector agrees with a map, and its hash depends on the entries alone") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    std::map<replica_id, std::uint64_t> model;
    version_vector vector;
    for (int step = 0; step < 300; ++step) {
      const replica_id origin{random() % 20 + 1};
      const std::uint64_t sequence = random() % 50;
      const bool news = sequence > (model.contains(origin) ? model[origin] : 0);
      if (news) model[origin] = sequence;
      REQUIRE(vector.raise(origin, sequence) == news);
    }
    version_vector sorted;
    std::size_t rank = 0;
    for (const auto& [origin, sequence] : model) {
      CHECK(vector.at(origin) == sequence);
      CHECK(vector.rank(origin) == rank++);
      sorted.raise(origin, sequence);
    }
    CHECK(vector.at(replica_id{99}) == 0);
    CHECK(vector == sorted);
    CHECK(vector.hash() == sorted.hash());
    CHECK(vector.origins_tag() == sorted.origins_tag());
    sorted.raise(sorted.entries().front().origin, 1000);
    CHECK(vector.hash() != sorted.hash());
    CHECK(vector.origins_tag() == sorted.origins_tag());
  }
}

TEST_CASE("a sketch entry resolves to its sequence from anywhere within the slack") {
  std::mt19937_64 random(7);
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t sequence = random() >> (random() % 63 + 1);
    const std::uint64_t slack = std::min(sequence, random() >> (random() % 63 + 1));
    vector_sketch sketch;
    sketch.add(3, sequence, slack);
    const std::uint64_t low = sequence - slack;
    const std::uint64_t high = sequence + std::min(slack, ~sequence);
    for (const std::uint64_t own : {low, sequence, high}) {
      CAPTURE(sequence, slack, own, +sketch.entries[0].width);
      REQUIRE(vector_sketch::resolve(sketch.entries[0], own) == sequence);
    }
  }
}

TEST_CASE("a sketch of neighbours that moved little costs a byte an entry, of others two") {
  const auto bytes_of = [](std::size_t gap) {
    vector_sketch sketch;
    for (std::size_t i = 0; i < 15; ++i) sketch.add(i * gap, 1'000'000 + i, 20);
    const bytes encoded = wire::encode(sketch);
    CHECK(wire::decode<vector_sketch>(encoded).entries == sketch.entries);
    return encoded.size();
  };
  CHECK(bytes_of(1) == 2 + 1 + 2 + 15);
  CHECK(bytes_of(2) == 2 + 1 + 15 * 2);
  CHECK(bytes_of(8) == 2 + 1 + 15 * 2);
}

TEST_CASE("a sketch survives the wire, whatever is in it") {
  std::mt19937_64 random(11);
  for (int i = 0; i < 5'000; ++i) {
    CAPTURE(i);
    vector_sketch sketch;
    sketch.origins_tag = static_cast<std::uint16_t>(random());
    std::size_t rank = 0;
    for (auto count = random() % 30; count > 0; --count) {
      rank += 1 + (random() % 3 == 0 ? random() % 200 : 0);
      const std::uint64_t slack = random() >> (random() % 5 == 0 ? random() % 64 : 56);
      sketch.add(rank, random() >> random() % 64, slack);
    }
    const auto decoded = wire::decode<vector_sketch>(wire::encode(sketch));
    REQUIRE(decoded.origins_tag == sketch.origins_tag);
    REQUIRE(decoded.entries == sketch.entries);
  }
}

TEST_CASE("changes settle after the window, and busy origins stay small") {
  recent_changes recent;
  const replica_id origin{1};
  for (int i = 1; i <= 10'000; ++i) {
    recent.changed(origin, static_cast<std::uint64_t>(i) - 1, static_cast<std::uint64_t>(i), i * 1ms, 1s);
    recent.settle(i * 1ms, 1s);
  }
  REQUIRE(recent.hot().size() == 1);
  CHECK(recent.hot().at(origin).changes.size() <= 18);
  const std::uint64_t settled = recent.hot().at(origin).settled;
  CHECK(settled >= 8'900);
  CHECK(settled <= 9'070);
  recent.settle(11'001ms, 1s);
  CHECK(recent.hot().empty());
}
