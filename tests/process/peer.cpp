// SPDX-License-Identifier: BSL-1.0
//
// process_peer ENDPOINT SEED...: a node that does what it is told on standard input, one order a line.
//   add N      counts
//   reach V    waits until the count is V, then says so
//   look       says the count and how many peers there are
#include <fmt/format.h>

#include <cstdio>
#include <iostream>
#include <sstream>

#if defined(__linux__)
#include <sys/prctl.h>

#include <csignal>
#endif

#include "tests/unit/node/node_test.hpp"

namespace {

void say(const std::string& line) {
  std::fputs((line + '\n').c_str(), stdout);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
#if defined(__linux__)
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // not to outlive a test that crashes
#endif
  if (argc < 2) return 2;
  hearsay::node node(testing::quick({argv + 2, argv + argc}, argv[1]));
  auto counter = node.open<hearsay::g_counter>("count");
  say(fmt::format("here {}", node.id()));
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string order;
    std::uint64_t number = 0;
    words >> order >> number;
    if (order == "add") counter.update(testing::plus(number));
    if (order == "reach") {
      const bool reached = node.wait_for(testing::deadline, [&] { return counter.value() == number; });
      say(fmt::format("{} {}", reached ? "reached" : "missed", counter.value()));
    }
    if (order == "look") say(fmt::format("count {} peers {}", counter.value(), node.stats().peers));
  }
}
