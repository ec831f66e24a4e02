// SPDX-License-Identifier: BSL-1.0
#include <unistd.h>

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

std::size_t members_here(const hearsay::node& node) { return node.members().size(); }

TEST_CASE("a node goes offline and comes back to the same endpoint and the same state", "[members]") {
  hearsay::node a(member("first"));
  hearsay::node b(member("second", {a.endpoint()}));
  auto here = a.open<hearsay::g_counter>("visits");
  auto there = b.open<hearsay::g_counter>("visits");
  const auto count = [](auto& now, auto& me) { return now.increment(me, 1); };
  CHECK(a.wait_for(10s, [&] { return members_here(a) == 2 && members_here(b) == 2; }));
  CHECK(a.online());

  const auto endpoint = b.endpoint();
  b.set_online(false);
  b.set_online(false);
  CHECK_FALSE(b.online());
  here.update(count);
  there.update(count);
  CHECK(a.wait_for(20s, [&] { return members_here(a) == 1; }));
  CHECK(b.wait_for(20s, [&] { return members_here(b) == 1; }));
  CHECK(a.known_members().size() == 2);
  CHECK(here.value() == 1);
  CHECK(there.value() == 1);
  there.update(count);

  b.set_online(true);
  CHECK(b.online());
  CHECK(b.endpoint() == endpoint);
  // At once, not after one of the pauses of up to 30 s between two greetings.
  CHECK(a.wait_for(3s, [&] { return here.value() == 3 && members_here(a) == 2; }));
  CHECK(b.wait_for(3s, [&] { return there.value() == 3 && members_here(b) == 2; }));
}

TEST_CASE("who is not told to have an update is behind", "[members]") {
  hearsay::node a(member("first"));
  hearsay::node b(member("second", {a.endpoint()}));
  CHECK(a.wait_for(10s, [&] { return members_here(a) == 2 && members_here(b) == 2; }));
  CHECK(a.wait_for(10s, [&] { return a.behind() == std::map{std::pair(b.id(), std::uint64_t{0})}; }));
  b.set_online(false);
  auto here = a.open<hearsay::g_counter>("visits");
  here.update([](auto& now, auto& me) { return now.increment(me, 1); });
  // Until it is taken for dead; then it is not here.
  CHECK(a.wait_for(10s, [&] { return !a.behind().empty() && a.behind().begin()->second > 0; }));
  b.set_online(true);
  CHECK(a.wait_for(20s, [&] { return a.behind() == std::map{std::pair(b.id(), std::uint64_t{0})}; }));
}

TEST_CASE("going online needs the endpoint, and a thread that may wait", "[node]") {
  std::atomic<int> refusals = 0;
  hearsay::node* self = nullptr;
  auto options = member("first");
  options.on_event = [&](const hearsay::gossip::event&) {
    CHECK_THROWS_AS(self->set_online(false), std::logic_error);
    ++refusals;
  };
  hearsay::node a(options);
  self = &a;
  hearsay::node other(member("second", {a.endpoint()}));
  CHECK(a.wait_for(10s, [&] { return refusals > 0; }));

  a.set_online(false);
  {
    hearsay::node_options taker;
    taker.listen = a.endpoint();
    hearsay::node squatter(taker);
    CHECK_THROWS_AS(a.set_online(true), std::runtime_error);
    CHECK_FALSE(a.online());
  }
  a.set_online(true);
  CHECK(a.online());
  a.stop();
  CHECK_FALSE(a.online());
  CHECK_THROWS_AS(a.set_online(true), std::logic_error);
}

TEST_CASE("inproc and ipc endpoints are free when a node is offline, and bound when it is back", "[node]") {
  const std::string pid = std::to_string(getpid());
  for (const std::string& where : {"inproc://switched" + pid, "ipc://@hearsay-switched-" + pid}) {
    CAPTURE(where);
    auto first = member("first");
    first.listen = where;
    hearsay::node a(first);
    for (int i = 0; i < 20; ++i) {
      a.set_online(false);
      a.set_online(true);
    }
    hearsay::node b(member("second", {where}));
    CHECK(b.wait_for(10s, [&] { return members_here(b) == 2; }));
  }
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
