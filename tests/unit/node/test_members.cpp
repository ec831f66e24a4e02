// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <optional>

#include "tests/catch.hpp"
#include "tests/unit/node/node_test.hpp"

namespace {

using namespace std::chrono_literals;

hearsay::node_options member(const std::string& name, std::vector<std::string> seeds = {}) {
  hearsay::node_options options;
  options.seeds = std::move(seeds);
  options.log = [](std::string_view) {};
  options.gossip.members.emplace();
  options.gossip.members->name = name;
  return options;
}

TEST_CASE("nodes that share one seed know each other, their tags, and who leaves", "[members]") {
  std::atomic<int> left = 0;
  auto first = member("first");
  first.on_event = [&](const hearsay::gossip::event& event) {
    if (event.kind == hearsay::gossip::event_kind::member_left && event.object == "third") ++left;
  };
  hearsay::node a(first);
  hearsay::node b(member("second", {a.endpoint()}));
  std::optional<hearsay::node> c;
  c.emplace(member("third", {a.endpoint()}));
  CHECK(b.wait_for(10s, [&] { return b.members().size() == 3; }));
  c->set_tags({{"zone", "x"}});
  CHECK(b.wait_for(10s, [&] {
    for (const auto& [id, one] : b.members()) {
      if (one.about.name == "third") return one.about.tags.contains("zone");
    }
    return false;
  }));
  auto counter = c->open<hearsay::g_counter>("visits");
  auto same = b.open<hearsay::g_counter>("visits");
  counter.update([](auto& now, auto& me) { return now.increment(me, 7); });
  CHECK(c->leave());
  c.reset();
  CHECK(b.wait_for(10s, [&] { return same.value() == 7 && b.members().size() == 2; }));
  CHECK(a.wait_for(10s, [&] { return left == 1; }));
}

TEST_CASE("a node that stops without a word is found out", "[members]") {
  hearsay::node a(member("first"));
  hearsay::node b(member("second", {a.endpoint()}));
  {
    hearsay::node c(member("third", {a.endpoint()}));
    CHECK(b.wait_for(10s, [&] { return b.members().size() == 3; }));
  }
  CHECK(b.wait_for(20s, [&] { return b.members().size() == 2; }));
}

}  // namespace
