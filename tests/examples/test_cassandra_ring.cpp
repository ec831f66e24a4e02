// SPDX-License-Identifier: BSL-1.0
#include <map>

#include "console.hpp"
#include "tests/catch.hpp"

namespace {

using testing::console;
using placement = std::map<std::string, std::string>;  // of keys; their owners, as printed

/// Which 40 keys are whose, as one node computes it.
placement owners(console& node) {
  placement found;
  for (int i = 0; i < 40; ++i) {
    const auto key = "key" + std::to_string(i);
    const auto before = key + ": ask ";
    found[key] = node.ask("owners " + key, before).substr(before.size());
  }
  return found;
}

bool has(const std::string& owners, const std::string& name) { return owners.find(name) != owners.npos; }

/// A key of which this node is an owner, and those are not.
std::string key_of(const placement& all, const std::string& name, const std::string& not_this) {
  for (const auto& [key, whose] : all) {
    if (has(whose, name) && !has(whose, not_this)) return key;
  }
  throw std::runtime_error("no key is " + name + "'s");
}

/// How many keys moved between two placements; a key may only if the node that came or went is an owner in
/// the one, and then its other owner there is an owner in the other, too.
int moved(const placement& without, const placement& with, const std::string& name) {
  int count = 0;
  for (const auto& [key, fewer] : without) {
    const auto& more = with.at(key);
    CAPTURE(key, fewer, more);
    if (!has(more, name)) {
      CHECK(more == fewer);
      continue;
    }
    ++count;
    const auto other = more.substr(more.find(name) == 0 ? 2 : 0, 1);
    CHECK(has(fewer, other));
  }
  return count;
}

std::string seed_of(console& node) { return node.line("tcp://"); }

}  // namespace

TEST_CASE("every node computes the same owners, and a join and a death move only what must move") {
  console a({PROGRAM, "a"});
  const auto seed = seed_of(a);
  console b({PROGRAM, "b", seed}), c({PROGRAM, "c", seed});
  for (auto* each : {&a, &b, &c}) each->last("members: a b c");
  const auto three = owners(a);
  CHECK(owners(b) == three);
  CHECK(owners(c) == three);

  console d({PROGRAM, "d", seed});
  for (auto* each : {&a, &b, &c, &d}) each->last("members: a b c d");
  const auto four = owners(d);
  CHECK(owners(a) == four);
  CHECK(owners(b) == four);
  const int to_d = moved(three, four, "d");
  CHECK(to_d > 0);
  CHECK(to_d < 40);

  // A key of b's that is not c's; who is asked elsewhere is told whom to ask.
  const auto key = key_of(four, "b", "c");
  CHECK(c.ask("put " + key + " x", key) == key + ": ask " + four.at(key));
  b.ask("put " + key + " precious", " = precious");
  auto& other = has(four.at(key), "a") ? a : d;
  other.line("peer has 1, fetched 1");

  b.send(SIGKILL);
  for (auto* each : {&a, &c, &d}) each->last("members: a c d");
  const auto last = owners(a);
  CHECK(owners(c) == last);
  CHECK(owners(d) == last);
  CHECK(moved(last, four, "b") > 0);
  for (const auto& [name, node] : std::map<std::string, console*>{{"a", &a}, {"c", &c}, {"d", &d}}) {
    if (has(last.at(key), name)) CHECK(node->ask("get " + key, key) == key + " = precious");
  }
  CHECK(b.finish() == 1000 + SIGKILL);
  for (auto* each : {&a, &c, &d}) CHECK(each->finish() == 0);
}

TEST_CASE("an owner that was cut off fetches the versions that it missed, and no others") {
  console a({PROGRAM, "a"});
  console b({PROGRAM, "b", seed_of(a)});
  for (auto* each : {&a, &b}) each->last("members: a b");
  for (const char* value : {"1", "2", "3", "4", "5"}) a.ask(std::string("put key ") + value, "key = ");
  b.line("peer has 5, ");

  b.say("offline");
  a.last("members: a");
  b.last("members: b");
  CHECK(b.ask("get key", "key = ") == "key = 5");
  CHECK(b.ask("put other there", "other = ") == "other = there, version 1");
  CHECK(a.ask("put key 6", "key = ") == "key = 6, version 6");
  CHECK(a.ask("put key 7", "key = ") == "key = 7, version 7");
  CHECK(a.ask("get other", "other = ") == "other = nothing");
  b.say("online");
  a.line("had 0, peer has 1, fetched 1");
  // Batches are merged one by one, so it may be told in two lines; each version once, and no other.
  const auto told = b.line("had 5, ");
  const auto news = told.substr(told.find("had"));
  if (news == "had 5, peer has 6, fetched 6") {
    const auto rest = b.line("had ");
    CHECK(rest.substr(rest.find("had")) == "had 6, peer has 7, fetched 7");
  } else {
    CHECK(news == "had 5, peer has 7, fetched 6 and 7");
  }
  CHECK(b.ask("get key", "key = ") == "key = 7");
  CHECK(a.ask("get other", "other = ") == "other = there");
  CHECK(a.finish() == 0);
  CHECK(b.finish() == 0);
}

TEST_CASE("one node alone answers, and says what it cannot do") {
  console a({PROGRAM, "a"});
  a.last("members: a");
  CHECK(a.ask("put key 1", "key = ") == "key = 1, version 1");
  a.ask("get", "not understood: get");
  CHECK(a.finish() == 0);
  console none({PROGRAM, "--help"}), wrong({PROGRAM, "a", "nowhere"});
  CHECK(none.end() == 2);
  CHECK(wrong.end() == 1);
}
