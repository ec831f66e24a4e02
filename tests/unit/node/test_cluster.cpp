// SPDX-License-Identifier: BSL-1.0
#include <hearsay/crdt/lww_map.hpp>
#include <hearsay/crdt/or_set.hpp>
#include <hearsay/wire/codec.hpp>
#include <list>
#include <thread>

#include "tests/catch.hpp"
#include "tests/unit/node/node_test.hpp"

using namespace testing;

namespace {

using words = hearsay::or_set<std::string>;
using places = hearsay::lww_map<std::string, std::uint64_t>;

struct member {
  explicit member(hearsay::node_options options) : node(std::move(options)) {}
  hearsay::node node;
  hearsay::shared<hearsay::g_counter> total = node.open<hearsay::g_counter>("total");
  hearsay::shared<words> seen = node.open<words>("seen");
  hearsay::shared<places> last = node.open<places>("last");

  hearsay::bytes encoded() const {
    hearsay::bytes out;
    const auto append = [&](const auto& state) { hearsay::wire::encode_to(out, state); };
    total.read(append);
    seen.read(append);
    last.read(append);
    return out;
  }
};

/// Nodes that know only the one before them.
std::list<member> chain(std::size_t size) {
  std::list<member> all;
  for (std::size_t i = 0; i < size; ++i) {
    all.emplace_back(i == 0 ? quick() : quick({all.back().node.endpoint()}));
  }
  return all;
}

bool equal(const std::list<member>& all) {
  return std::ranges::all_of(all, [&](const member& one) { return one.encoded() == all.front().encoded(); });
}

}  // namespace

TEST_CASE("nodes agree on every type", "[cluster]") {
  const std::size_t size = GENERATE(std::size_t{2}, std::size_t{5});
  CAPTURE(size);
  auto all = chain(size);
  std::uint64_t number = 0;
  for (member& one : all) {
    ++number;
    const std::string word = "word " + std::to_string(number);
    one.total.update(plus(number));
    one.seen.update([&](auto& set, auto& me) { return set.add(me, word); });
    one.seen.update([](auto& set, auto& me) { return set.add(me, "common"); });
    one.last.update([&](auto& map, auto& me) { return map.put(me, "common", number); });
    one.last.update([&](auto& map, auto& me) { return map.put(me, word, number); });
  }
  for (member& one : all) {
    CHECK(one.node.wait_for(deadline, [&] { return one.total.value() == size * (size + 1) / 2; }));
    CHECK(one.node.wait_for(deadline,
                            [&] { return one.seen.read([](auto& set) { return set.size(); }) == size + 1; }));
    CHECK(one.node.wait_for(deadline,
                            [&] { return one.last.read([](auto& map) { return map.size(); }) == size + 1; }));
  }
  CHECK(all.back().node.wait_for(deadline, [&] { return equal(all); }));

  // Removes and overwrites travel as well.
  all.front().seen.update([](auto& set, auto& me) { return set.remove(me, "common"); });
  all.back().last.update([](auto& map, auto& me) { return map.erase(me, "common"); });
  for (member& one : all) {
    CHECK(one.node.wait_for(
        deadline, [&] { return !one.seen.read([](auto& set) { return set.contains("common"); }); }));
    CHECK(one.node.wait_for(
        deadline, [&] { return !one.last.read([](auto& map) { return map.contains("common"); }); }));
  }
  CHECK(all.back().node.wait_for(deadline, [&] { return equal(all); }));
}

TEST_CASE("value() is a copy of the state where a type has no value of its own", "[cluster]") {
  member alone(quick());
  alone.seen.update([](auto& set, auto& me) { return set.add(me, "apple"); });
  const words copy = alone.seen.value();
  alone.seen.update([](auto& set, auto& me) { return set.clear(me); });
  CHECK(copy.contains("apple"));
  CHECK(alone.seen.value().empty());
  CHECK(alone.total.value() == 0);
  CHECK(alone.total.name() == "total");
}

TEST_CASE("many threads update at once", "[cluster]") {
  constexpr std::uint64_t threads = 4;
  constexpr std::uint64_t times = 500;
  auto all = chain(3);
  std::vector<std::jthread> writers;
  for (std::uint64_t i = 0; i < threads; ++i) {
    for (member& one : all) {
      writers.emplace_back([&one, i] {
        for (std::uint64_t n = 0; n < times; ++n) {
          one.total.update(plus(1));
          one.last.update([&](auto& map, auto& me) { return map.put(me, std::to_string(n % 10), i); });
        }
      });
    }
  }
  writers.clear();
  for (member& one : all) {
    CHECK(one.node.wait_for(deadline, [&] { return one.total.value() == 3 * threads * times; }));
  }
  CHECK(all.back().node.wait_for(deadline, [&] { return equal(all); }));
  // Updates between two flushes travel as one.
  CHECK(all.front().node.stats().gossip.flushed < threads * times);
}

TEST_CASE("two names, two types, two objects", "[cluster]") {
  hearsay::node one(quick());
  hearsay::node two(quick({one.endpoint()}));
  auto number = one.open<hearsay::g_counter>("x");
  auto same = one.open<hearsay::g_counter>("x");
  auto set = two.open<words>("x");
  auto count = two.open<hearsay::g_counter>("x");
  auto other = two.open<hearsay::g_counter>("y");
  number.update(plus(2));
  same.update(plus(3));
  other.update(plus(7));
  CHECK(two.wait_for(deadline, [&] { return count.value() == 5; }));
  CHECK(set.value().empty());
  CHECK(number.value() == 5);
  CHECK_THROWS_AS(one.open<words>(""), std::invalid_argument);
  CHECK_THROWS_AS(one.open<words>(std::string(1000, 'x')), std::invalid_argument);
}

TEST_CASE("an object that is opened late has what came before", "[cluster]") {
  hearsay::node one(quick());
  hearsay::node two(quick({one.endpoint()}));
  one.open<hearsay::g_counter>("late").update(plus(5));
  CHECK(two.wait_for(deadline, [&] { return two.stats().objects == 1; }));
  CHECK(two.open<hearsay::g_counter>("late").value() == 5);
}

TEST_CASE("nodes of one process meet over inproc and ipc", "[cluster]") {
  const std::string path = socket_path();
  const std::string place = GENERATE_COPY("ipc://" + path, std::string("inproc://meeting"));
  const std::string second = place + "-2";
  {
    member one(quick({}, place));
    member two(quick({place}, second));
    CHECK(two.node.endpoint() == second);
    one.total.update(plus(1));
    two.total.update(plus(2));
    CHECK(one.node.wait_for(deadline, [&] { return one.total.value() == 3; }));
    CHECK(two.node.wait_for(deadline, [&] { return two.total.value() == 3; }));
    // A place that is taken stays with who has it.
    CHECK_THROWS_AS(hearsay::node(quick({}, place)), std::runtime_error);
    one.total.update(plus(4));
    CHECK(two.node.wait_for(deadline, [&] { return two.total.value() == 7; }));
  }
  CHECK_FALSE(std::filesystem::exists(path));
  CHECK_FALSE(std::filesystem::exists(path + "-2"));
}

TEST_CASE("a node that is added at run time, and an own endpoint among the seeds", "[cluster]") {
  member one(quick({}, "ipc://" + socket_path()));
  member two(quick({}, "ipc://" + socket_path()));
  one.total.update(plus(5));
  one.node.add_peer(one.node.endpoint());
  one.node.add_peer(two.node.endpoint());
  CHECK_THROWS_AS(one.node.add_peer("tcp://192.0.2.1:7400"), std::invalid_argument);
  CHECK(two.node.wait_for(deadline, [&] { return two.total.value() == 5; }));
  CHECK(one.node.stats().peers == 1);
}
