// SPDX-License-Identifier: BSL-1.0
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <deque>
#include <random>
#include <set>

#include "program.hpp"
#include "tests/catch.hpp"

namespace {

// Free ports of the loopback interface, below those which the system gives to connections.
std::vector<std::string> free_ports(std::size_t how_many) {
  std::random_device random;
  std::set<std::string> found;
  while (found.size() < how_many) {
    const auto port = static_cast<std::uint16_t>(20'000 + random() % 12'000);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int one = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool is_free = bind(one, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    close(one);
    if (is_free) found.insert(std::to_string(port));
  }
  return {found.begin(), found.end()};
}

}  // namespace

TEST_CASE("three processes share a counter") {
  const auto ports = free_ports(3);
  std::deque<testing::program> running;
  running.emplace_back(
      std::vector<std::string>{PROGRAM, ports[0], ports[1], ports[2], "--add", "10", "--until", "60"});
  running.emplace_back(
      std::vector<std::string>{PROGRAM, ports[1], ports[0], ports[2], "--add", "20", "--until", "60"});
  running.emplace_back(
      std::vector<std::string>{PROGRAM, ports[2], ports[0], ports[1], "--add", "30", "--until", "60"});
  for (std::size_t node = 0; node < running.size(); ++node) {
    const int code = running[node].end();
    CHECK(running[node].text() == "tcp://127.0.0.1:" + ports[node] + ": counted to 60\n");
    CHECK(code == 0);
  }
}

TEST_CASE("a process counts what is typed") {
  const std::string command = "printf '5\\n\\nfive\\n' | '" PROGRAM "' " + free_ports(1).front();
  testing::program counter({"/bin/sh", "-c", command});
  CHECK(counter.end() == 0);
  CHECK(counter.text() == "5\n6\n'five' is no number\n");
}

TEST_CASE("wrong arguments are explained") {
  testing::program counter({PROGRAM, "--add"});
  CHECK(counter.end() == 2);
  CHECK(counter.text() == "--add needs a number\n");
}
