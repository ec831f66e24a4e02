// SPDX-License-Identifier: BSL-1.0
#include <map>
#include <sstream>

#include "console.hpp"
#include "tests/catch.hpp"

namespace {

using testing::console;
using cluster = std::map<std::string, console*>;  // by name

void all_say(const cluster& all, const std::string& line) {
  for (const auto& [name, node] : all) {
    CAPTURE(name);
    node->last(line);
  }
}

/// A client: asks any node, and goes where it is sent. Returns who answered, and what.
std::pair<std::string, std::string> ask(const cluster& all, std::string name, const std::string& command,
                                        const std::string& key) {
  for (int hops = 0; hops < 3; ++hops) {
    const auto line = all.at(name)->ask(command, key + ": ");
    const auto answer = line.substr(key.size() + 2);
    if (!answer.starts_with("MOVED ")) return {name, answer};
    std::string moved, slot;
    std::istringstream(answer) >> moved >> slot >> name;
  }
  throw std::runtime_error(key + ": sent around");
}

/// Writes the keys from `first` to `last` at whoever owns them.
void write(const cluster& all, int first, int last) {
  for (int i = first; i <= last; ++i) {
    const auto key = "key" + std::to_string(i);
    CHECK(ask(all, all.begin()->first, "set " + key + " " + std::to_string(i), key).second ==
          std::to_string(i));
  }
}

/// Every node sends a client to the same owner of the keys up to `last`. It has their values, or hears them
/// soon: a write is acknowledged by the owner alone.
void all_have(const cluster& all, int last) {
  for (int i = 1; i <= last; ++i) {
    const auto key = "key" + std::to_string(i);
    auto first = ask(all, all.begin()->first, "get " + key, key);
    while (first.second == "nothing") first = ask(all, all.begin()->first, "get " + key, key);
    CHECK(first.second == std::to_string(i));
    for (const auto& [name, node] : all) CHECK(ask(all, name, "get " + key, key) == first);
  }
}

}  // namespace

TEST_CASE("slots move while in use, and a replica takes over from a master that was killed") {
  console a({PROGRAM, "a"});
  const auto seed = a.line("tcp://");
  console b({PROGRAM, "b", seed}), c({PROGRAM, "c", seed}), d({PROGRAM, "d", seed});
  const cluster all{{"a", &a}, {"b", &b}, {"c", &c}, {"d", &d}};
  all_say(all, "nodes: a b c d");
  c.ask("replicate a", "replica of a");
  d.ask("replicate a", "replica of a");
  a.say("assign 0 8191 a");
  all_say(all, "map: 0:a 8192:nobody");
  a.say("assign 8192 16383 b");
  all_say(all, "map: 0:a 8192:b");
  CHECK(a.ask("get foo", "foo: ").starts_with("foo: MOVED 12182 b tcp://"));  // as CLUSTER KEYSLOT says

  write(all, 1, 10);
  c.say("assign 0 4095 b");
  write(all, 11, 20);
  all_say(all, "map: 0:b 4096:a 8192:b");
  all_have(all, 20);

  a.send(SIGKILL);
  c.line("promoted for a");
  const cluster rest{{"b", &b}, {"c", &c}, {"d", &d}};
  all_say(rest, "map: 0:b 4096:c 8192:b");
  all_have(rest, 20);
  CHECK(a.finish() == 1000 + SIGKILL);
  for (const auto& [name, node] : rest) CHECK(node->finish() == 0);
}

TEST_CASE("a master that was cut off is a replica of the one that took over") {
  console a({PROGRAM, "a"});
  const auto seed = a.line("tcp://");
  console b({PROGRAM, "b", seed}), c({PROGRAM, "c", seed});
  const cluster all{{"a", &a}, {"b", &b}, {"c", &c}};
  all_say(all, "nodes: a b c");
  b.ask("replicate a", "replica of a");
  a.say("assign 0 16383 a");
  all_say(all, "map: 0:a");

  a.send(SIGSTOP);
  b.line("promoted for a");
  c.last("map: 0:b");
  a.send(SIGCONT);
  a.last("replica of b");
  CHECK(ask(all, "a", "set foo bar", "foo") == std::pair<std::string, std::string>("b", "bar"));
  // And takes over in its turn.
  b.send(SIGKILL);
  a.line("promoted for b");
  c.last("map: 0:a");
  CHECK(b.finish() == 1000 + SIGKILL);
  for (auto* each : {&a, &c}) CHECK(each->finish() == 0);
}

TEST_CASE("what is not understood changes nothing, and wrong arguments are told") {
  console a({PROGRAM, "a"});
  a.say("assign 0 16383 a");
  a.last("map: 0:a");
  for (const char* wrong : {"del foo bar", "set foo", "replicate", "assign 0 9", "nothing"})
    a.ask(wrong, std::string("not understood: ") + wrong);
  CHECK(a.ask("get foo and more", "foo: ") == "foo: nothing");
  CHECK(a.ask("get foo", "foo: ") == "foo: nothing");
  CHECK(a.finish() == 0);
  console none({PROGRAM, "--help"}), wrong({PROGRAM, "a", "nowhere"});
  CHECK(none.end() == 2);
  CHECK(wrong.end() == 1);
}

TEST_CASE("both sides of a partition change the map, and all have the same in the end") {
  console a({PROGRAM, "a"});
  const auto seed = a.line("tcp://");
  console b({PROGRAM, "b", seed}), c({PROGRAM, "c", seed});
  const cluster all{{"a", &a}, {"b", &b}, {"c", &c}};
  all_say(all, "nodes: a b c");
  a.say("assign 0 16383 a");
  all_say(all, "map: 0:a");
  c.ask("replicate a", "replica of a");

  c.say("offline");
  c.line("promoted for a");
  c.last("map: 0:c");
  a.say("assign 0 9 b");
  for (auto* each : {&a, &b}) each->last("map: 0:b 10:a");
  CHECK(a.ask("set foo bar", "foo: ") == "foo: bar");
  c.say("online");
  // Of slots 0 to 9 the claim for b is the later one; of the others, c's.
  all_say(all, "map: 0:b 10:c");
  a.last("replica of c");
  write(all, 1, 10);
  all_have(all, 10);
  const auto first = ask(all, "b", "get foo", "foo");
  CHECK(first == std::pair<std::string, std::string>("c", "bar"));
  for (const auto& [name, node] : all) CHECK(ask(all, name, "get foo", "foo") == first);
  for (const auto& [name, node] : all) CHECK(node->finish() == 0);
}
