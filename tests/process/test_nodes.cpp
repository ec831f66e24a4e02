// SPDX-License-Identifier: BSL-1.0
#include <memory>

#include "tests/catch.hpp"
#include "tests/process/process.hpp"
#include "tests/unit/node/node_test.hpp"

using namespace testing;

namespace {

/// Three nodes in processes of their own, each with the next one as its seed.
struct trio {
  std::array<std::string, 3> places;
  std::array<std::unique_ptr<process>, 3> nodes;
  std::array<std::string, 3> ids;

  explicit trio(bool tcp) {
    for (auto& place : places) {
      place = tcp ? "tcp://127.0.0.1:" + std::to_string(free_port()) : "ipc://" + socket_path();
    }
    for (std::size_t i = 0; i < 3; ++i) start(i);
  }
  ~trio() {
    nodes = {};
    for (const auto& place : places) {  // of those that were killed
      if (place.starts_with("ipc://")) std::filesystem::remove(place.substr(6));
    }
  }

  void start(std::size_t i) {
    nodes[i] = std::make_unique<process>(std::vector<std::string>{PEER, places[i], places[(i + 1) % 3]});
    ids[i] = nodes[i]->hear();
    REQUIRE(ids[i].starts_with("here "));
  }
  void all_reach(std::uint64_t count, std::vector<std::size_t> which = {0, 1, 2}) {
    for (const auto i : which) nodes[i]->say("reach " + std::to_string(count));
    for (const auto i : which) {
      CAPTURE(i);
      CHECK(nodes[i]->hear() == "reached " + std::to_string(count));
    }
  }
};

}  // namespace

TEST_CASE("a node is killed and another takes its place", "[process]") {
  const bool tcp = GENERATE(true, false);
  CAPTURE(tcp);
  trio trio(tcp);
  for (auto& node : trio.nodes) node->say("add 1");
  trio.all_reach(3);

  trio.nodes[1]->send(SIGKILL);
  CHECK(trio.nodes[1]->end() == 1000 + SIGKILL);
  trio.nodes[0]->say("add 10");
  trio.nodes[2]->say("add 100");
  trio.all_reach(113, {0, 2});

  const std::string before = trio.ids[1];
  trio.start(1);  // the file of its socket was left behind, which is no obstacle
  CHECK(trio.ids[1] != before);
  trio.all_reach(113);
  trio.nodes[1]->say("add 1000");
  trio.all_reach(1113);

  for (auto& node : trio.nodes) {
    node->leave();
    CHECK(node->end() == 0);
  }
  if (!tcp) {
    for (const auto& place : trio.places) CHECK_FALSE(std::filesystem::exists(place.substr(6)));
  }
}

TEST_CASE("a node is stopped, and goes on later", "[process]") {
  trio trio(true);
  for (auto& node : trio.nodes) node->say("add 1");
  trio.all_reach(3);

  trio.nodes[1]->send(SIGSTOP);
  std::uint64_t total = 3;
  for (int i = 0; i < 20; ++i) {  // back and forth: the two do not wait for the third
    trio.nodes[0]->say("add 1");
    trio.nodes[2]->say("add 1");
    total += 2;
    trio.all_reach(total, {0, 2});
  }
  trio.nodes[1]->say("add 1000");  // heard later
  trio.nodes[1]->send(SIGCONT);
  trio.all_reach(total + 1000);
}

TEST_CASE("the last words of a node reach the others", "[process]") {
  trio trio(true);
  for (auto& node : trio.nodes) node->say("add 1");
  trio.all_reach(3);
  trio.nodes[0]->say("add 5");
  trio.nodes[0]->leave();
  CHECK(trio.nodes[0]->end() == 0);
  trio.all_reach(8, {1, 2});
}
