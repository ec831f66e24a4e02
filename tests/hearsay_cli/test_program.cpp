// SPDX-License-Identifier: BSL-1.0
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "tests/catch.hpp"
#include "tests/examples/program.hpp"

namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using words = std::vector<std::string>;

struct outcome {
  int code = 0;
  std::string text;
};

words command(const std::string& ipc, const words& rest) {
  words all{PROGRAM, "--ipc", ipc};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

outcome run(const std::string& ipc, const words& rest) {
  testing::program one(command(ipc, rest));
  const int code = one.end();
  return {code, one.text()};
}

json run_json(const std::string& ipc, words rest) {
  rest.insert(rest.begin(), "--json");
  const auto [code, text] = run(ipc, rest);
  INFO(text);
  REQUIRE(code == 0);
  return json::parse(text);
}

/// An agent that serves.
class agent {
 public:
  explicit agent(std::string ipc, words more = {}) : ipc_(std::move(ipc)) {
    words all{"--json", "agent"};
    all.insert(all.end(), more.begin(), more.end());
    process_.emplace(command(ipc_, all));
    const bool started = process_->says("\n");
    INFO(process_->text());
    REQUIRE(started);
    about_ = json::parse(process_->text().substr(0, process_->text().find('\n')));
  }

  const std::string& ipc() const { return ipc_; }
  std::string endpoint() const { return about_.at("endpoint"); }
  testing::program& process() { return *process_; }
  outcome operator()(const words& rest) const { return run(ipc_, rest); }
  json ask(const words& rest) const { return run_json(ipc_, rest); }

 private:
  std::string ipc_;
  std::optional<testing::program> process_;
  json about_;
};

/// Asks until the answer is right, or the time is over.
bool in_time(std::chrono::seconds most, const std::function<bool()>& holds) {
  const auto end = std::chrono::steady_clock::now() + most;
  do {
    if (holds()) return true;
  } while (std::chrono::steady_clock::now() < end);
  return false;
}

/// A connection to an agent that knows nothing of the protocol.
int connected(const std::string& ipc) {
  const int raw = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ipc.copy(address.sun_path, sizeof address.sun_path - 1);
  REQUIRE(connect(raw, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return raw;
}

std::vector<std::string> names(const json& members) {
  std::vector<std::string> all;
  for (const auto& one : members) all.push_back(one.at("name"));
  return all;
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST_CASE("three agents share what commands write, and see who comes and goes") {
  const testing::folder home;
  std::deque<agent> all;
  all.emplace_back(home.path("a"), words{"--name", "alpha", "--tag", "zone=a", "--tag", "role=web"});
  const auto seed = all[0].endpoint();
  all.emplace_back(home.path("b"), words{"--name", "beta", "--seed", seed});
  all.emplace_back(home.path("c"), words{"--name", "gamma", "--seed", seed});
  const agent &a = all[0], &b = all[1], &c = all[2];
  for (const auto& each : all) {
    CHECK(in_time(10s, [&] { return names(each.ask({"members"})) == words{"alpha", "beta", "gamma"}; }));
  }

  SECTION("members and tags") {
    const auto table = a({"members"});
    CHECK(table.code == 0);
    CHECK(lines(table.text) == 4);
    CHECK(table.text.rfind("NAME", 0) == 0);
    CHECK(table.text.find("role=web zone=a\n") != std::string::npos);
    const auto first = a.ask({"members"}).at(0);
    CHECK(first.at("endpoint") == seed);
    CHECK(first.at("status") == "alive");
    CHECK(first.at("id").get<std::string>().size() == 16);
    CHECK(first.at("incarnation").is_string());

    CHECK(a({"tags"}).text == "role=web\nzone=a\n");
    CHECK(a.ask({"tags", "zone=b=c", "role-", "new="}) == json{{"zone", "b=c"}, {"new", ""}});
    CHECK(in_time(10s, [&] {
      return c.ask({"members"}).at(0).at("tags") == json{{"zone", "b=c"}, {"new", ""}};
    }));
    CHECK(b.ask({"tags", "zone=1", "zone=2", "role=x", "role-"}) == json{{"zone", "2"}});
    CHECK(a({"tags", "nonsense"}).code == 2);
    CHECK(a({"tags", "long=" + std::string(5000, 'x')}).code == 1);
    CHECK(a({"tags"}).text == "new=\nzone=b=c\n");
  }

  SECTION("data") {
    CHECK(a({"incr", "visits"}).text == "1\n");
    CHECK(a.ask({"incr", "visits", "41"}) == json{{"name", "visits"}, {"counter", 42}});
    CHECK(a({"incr", "visits", "-2"}).text == "40\n");
    CHECK(in_time(10s, [&] { return b({"get", "visits"}).text == "40\n"; }));

    CHECK(b({"add", "fruit", "pear"}).code == 0);
    CHECK(b.ask({"add", "fruit", "apple"}).at("changed") == true);
    CHECK(b.ask({"add", "fruit", "apple"}).at("changed") == false);
    CHECK(in_time(10s, [&] { return c({"get", "fruit"}).text == "apple\npear\n"; }));
    CHECK(c({"remove", "fruit", "pear"}).code == 0);
    CHECK(c({"remove", "fruit", "pear"}).code == 1);

    CHECK(c({"put", "config", "colour", "red"}).code == 0);
    CHECK(c({"put", "config", "\x1b[31m\n", "\xff"}).code == 0);
    CHECK(in_time(10s, [&] { return a({"get", "config", "colour"}).text == "red\n"; }));
    CHECK(in_time(10s, [&] { return lines(a({"get", "config"}).text) == 2; }));
    CHECK(a({"get", "config"}).text == "\\x1b[31m\\n = \\xff\ncolour = red\n");
    CHECK(a.ask({"get", "config"}).at("map").at("\x1b[31m\n") == "\xef\xbf\xbd");
    CHECK(a({"get", "config", "size"}).code == 1);
    CHECK(a.ask({"get", "config", "colour"}).at("value") == "red");

    CHECK(c({"incr", "fruit", "3"}).text == "3\n");
    CHECK(c.ask({"get", "fruit"}) == json{{"name", "fruit"}, {"counter", 3}, {"set", {"apple"}}});
    CHECK(c({"get", "fruit"}).text == "counter:\n3\nset:\napple\n");
  }

  SECTION("a watch tells of changes here and elsewhere") {
    testing::program lines_of(command(a.ipc(), {"watch", "list"}));
    testing::program json_of(command(b.ipc(), {"--json", "watch", "list"}));
    CHECK(a({"add", "list", "x"}).code == 0);
    CHECK(lines_of.says("+ x\n"));
    CHECK(json_of.says("{\"name\":\"list\",\"set\":{\"added\":[\"x\"],\"removed\":[]}}\n"));
    CHECK(b({"remove", "list", "x"}).code == 0);
    CHECK(lines_of.says("- x\n"));
    CHECK(b({"put", "list", "k", "v"}).code == 0);
    CHECK(lines_of.says("k = v\n"));
    CHECK(b({"incr", "list"}).code == 0);
    CHECK(json_of.says("{\"name\":\"list\",\"counter\":1}\n"));
    lines_of.send(SIGINT);
    CHECK(lines_of.end() == 1000 + SIGINT);
    CHECK(b({"leave"}).code == 0);
    CHECK(json_of.end() == 3);
  }

  SECTION("one leaves and hands over what it wrote last") {
    CHECK(c({"incr", "last", "7"}).code == 0);
    CHECK(c.ask({"leave"}) == json{{"left", true}});
    CHECK(all[2].process().end() == 0);
    CHECK(c({"members"}).code == 3);
    CHECK(in_time(10s, [&] { return names(a.ask({"members"})) == words{"alpha", "beta"}; }));
    CHECK(a({"get", "last"}).text == "7\n");
    all[1].process().send(SIGTERM);
    CHECK(all[1].process().end() == 0);
    CHECK(in_time(10s, [&] { return names(a.ask({"members"})) == words{"alpha"}; }));
  }

  SECTION("a name that is taken is refused, and shown as that") {
    const agent twin(home.path("d"), words{"--name", "alpha", "--seed", seed});
    CHECK(in_time(10s, [&] {
      const auto known = b.ask({"members", "--all"});
      return known.size() == 4 &&
             (known.at(0).at("status") == "refused") != (known.at(1).at("status") == "refused");
    }));
    CHECK(names(b.ask({"members"})) == words{"alpha", "beta", "gamma"});
  }

  SECTION("an answer that cannot be written is no success") {
    testing::program full({"/bin/sh", "-c", "exec " PROGRAM " --ipc \"$0\" members > /dev/full", a.ipc()});
    CHECK(full.end() == 1);
    CHECK(full.text().find("standard output") != std::string::npos);
  }

  SECTION("one is killed") {
    all[2].process().send(SIGKILL);
    CHECK(all[2].process().end() == 1000 + SIGKILL);
    CHECK(in_time(10s, [&] { return names(a.ask({"members"})) == words{"alpha", "beta"}; }));
    CHECK(in_time(10s, [&] { return names(b.ask({"members"})) == words{"alpha", "beta"}; }));
    const auto known = a.ask({"members", "--all"});
    CHECK(names(known) == words{"alpha", "beta", "gamma"});
    CHECK(known.at(2).at("status") == "dead");
    const agent again(c.ipc(), words{"--name", "gamma", "--seed", seed});  // over what the killed one left
    CHECK(in_time(10s, [&] { return names(a.ask({"members"})).size() == 3; }));
  }
}

TEST_CASE("no agent is an exit code and a message that helps") {
  const testing::folder home;
  const auto ipc = home.path("none");
  const auto [code, text] = run(ipc, {"members"});
  CHECK(code == 3);
  CHECK(text == "hearsay: no agent runs at " + ipc + "; start one with: hearsay agent --ipc " + ipc + "\n");
  const auto as_json = run(ipc, {"--json", "get", "x"});
  CHECK(as_json.code == 3);
  CHECK(json::parse(as_json.text).at("code") == 3);

  const auto runtime = "XDG_RUNTIME_DIR=" + home.path("run");
  testing::program by_default({"/usr/bin/env", "-u", "HEARSAY_IPC", runtime, PROGRAM, "leave"});
  CHECK(by_default.end() == 3);
  CHECK(by_default.text().find(home.path("run/hearsay/agent")) != std::string::npos);
  testing::program chosen({"/usr/bin/env", "HEARSAY_IPC=" + ipc, runtime, PROGRAM, "leave"});
  CHECK(chosen.end() == 3);
  CHECK(chosen.text() == text);
}

TEST_CASE("wrong arguments are exit code 2") {
  const testing::folder home;
  const auto ipc = home.path("none");
  for (const auto& wrong : std::vector<words>{{},
                                              {"gossip"},
                                              {"incr"},
                                              {"incr", "x", "many"},
                                              {"incr", "x", "5 "},
                                              {"incr", "x", "9223372036854775808"},
                                              {"put", "a", "b"},
                                              {"members", "--timeout", "0"},
                                              {"members", "--timeout", "nan"},
                                              {"agent", "--tag", "zone"},
                                              {"agent", "--listen", "nowhere"}}) {
    const auto [code, text] = run(ipc, wrong);
    INFO(text);
    CHECK(code == 2);
    CHECK(!text.empty());
  }
  CHECK(run(ipc, {"membrs"}).text.find("membrs") != std::string::npos);
  CHECK(json::parse(run(ipc, {"--json", "gossip"}).text).at("code") == 2);
  const words far{"agent", "--listen", "tcp://192.0.2.1:7400"};  // an address that nobody has
  CHECK(run(ipc, far).code == 2);
  words allowed = far;
  allowed.emplace_back("--allow-insecure-network");
  const auto [code, text] = run(ipc, allowed);
  CHECK(code == 1);
  CHECK(text.find("cannot listen on tcp://192.0.2.1:7400") != std::string::npos);

  const auto help = run(ipc, {"--help"});
  CHECK(help.code == 0);
  CHECK(help.text.find("3 no agent runs") != std::string::npos);
}

TEST_CASE("an agent lets nobody else in, and none beside it") {
  const testing::folder home;
  const agent one(home.path("a"));
  struct stat about {};
  REQUIRE(lstat(one.ipc().c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  const auto second = run(one.ipc(), {"agent"});
  CHECK(second.code == 1);
  CHECK(second.text.find("runs at " + one.ipc() + " already") != std::string::npos);
  CHECK(one({"members"}).code == 0);

  std::filesystem::create_directory(home.path("open"));
  std::filesystem::permissions(home.path("open"), std::filesystem::perms(0755));
  CHECK(run(home.path("open/a"), {"agent"}).code == 1);
  std::filesystem::create_directory_symlink(home.path("."), home.path("link"));
  CHECK(run(home.path("link/b"), {"agent"}).code == 1);
  CHECK(run(home.file("file", "mine"), {"agent"}).code == 1);
  CHECK(std::filesystem::file_size(home.path("file")) == 4);
  CHECK(run(home.path(std::string(120, 'x')), {"agent"}).code == 2);
}

TEST_CASE("what is hostile is refused, and the agent goes on") {
  const testing::folder home;
  const agent one(home.path("a"), words{"--name", "x\n\x1b[2J\xff"});
  const auto table = one({"members"});
  CHECK(lines(table.text) == 2);
  CHECK(table.text.find("x\\n\\x1b[2J\\xff  ") != std::string::npos);
  CHECK(one.ask({"members"}).at(0).at("name") == "x\n\x1b[2J\xef\xbf\xbd");

  CHECK(one({"incr", std::string(70'000, 'n')}).code == 1);
  CHECK(one({"incr", std::string(10'000, 'n')}).code == 1);
  CHECK(one({"incr", ""}).code == 1);
  CHECK(one({"put", "m", "k", std::string(70'000, 'v')}).code == 1);
  CHECK(one({"incr", "most", "9223372036854775807"}).code == 0);
  const auto name = one({"get", "\x1b[31m"});
  CHECK(name.code == 1);
  CHECK(name.text.find('\x1b') == std::string::npos);

  const std::vector<std::string> frames{{},
                                        std::string(3, '\0'),
                                        std::string(4, '\xff'),
                                        std::string("\x03\0\0\0\x01\x02\x03", 7),
                                        std::string("\x01\0\0\0\x09", 5)};
  for (const auto& bytes : frames) {
    const int raw = connected(one.ipc());
    CHECK(write(raw, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    close(raw);
  }
  CHECK(one({"incr", "alive"}).text == "1\n");

  std::vector<int> silent;
  for (int i = 0; i < 64; ++i) silent.push_back(connected(one.ipc()));
  const auto full = one({"members"});
  CHECK(full.code == 1);
  CHECK(full.text == "hearsay: 64 clients are served already; try again later\n");
  for (const int each : silent) close(each);
  CHECK(in_time(10s, [&] { return one({"incr", "alive"}).text == "2\n"; }));
}

TEST_CASE("an agent that does not answer is exit code 4") {
  const testing::folder home;
  agent one(home.path("a"));
  one.process().send(SIGSTOP);
  const auto late = one({"--timeout", "0.2", "members"});
  CHECK(late.code == 4);
  CHECK(late.text == "hearsay: no answer in time\n");
  one.process().send(SIGCONT);
  CHECK(one({"members"}).code == 0);
}

}  // namespace
