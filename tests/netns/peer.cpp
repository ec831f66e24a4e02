// SPDX-License-Identifier: BSL-1.0
//
// netns_peer [NAME ADDRESS SEED]: goes into a network namespace of its own, says its process id, and waits
// for a line on standard input. Then it is a member that listens at port 7400 of the address, and writes a
// line whenever another one is suspect or dead, or it sees more or fewer alive: milliseconds of the monotonic
// clock, what, whom, and how many it sees. Without arguments it only holds the namespace. That ends with the
// process, and all that is in there.
#include <fmt/format.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <hearsay/node.hpp>
#include <iostream>
#include <string>

namespace {

using namespace std::chrono_literals;
using hearsay::gossip::event_kind;

void say(const std::string& line) {
  std::fputs((line + '\n').c_str(), stdout);
  std::fflush(stdout);
}

std::size_t alive(const hearsay::node& node) {
  const auto here = node.members();
  return static_cast<std::size_t>(std::ranges::count_if(
      here, [](const auto& each) { return each.second.status == hearsay::membership::status::alive; }));
}

}  // namespace

int main(int argc, char** argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // not to outlive a test that crashes
  if (unshare(CLONE_NEWNET) != 0) {
    std::perror("netns_peer: no network namespace");
    return 77;
  }
  say(fmt::format("{}", getpid()));
  std::string line;
  if (!std::getline(std::cin, line)) return 0;
  if (argc != 4) {
    std::getline(std::cin, line);
    return 0;
  }
  std::atomic<std::size_t> seen = 0;
  const auto tell = [&seen](std::string_view what, std::string_view whom) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch();
    say(fmt::format("{} {} {} {}", now / 1ms, what, whom, seen.load()));
  };
  hearsay::node_options options{.listen = fmt::format("tcp://{}:7400", argv[2]),
                                .seeds = {fmt::format("tcp://{}:7400", argv[3])},
                                .allow_insecure_network = true};
  options.gossip.members.emplace().name = argv[1];
  options.log = [](std::string_view) {};
  options.on_event = [&tell](const hearsay::gossip::event& event) {
    if (event.kind == event_kind::member_died) tell("died", event.object);
    if (event.kind == event_kind::member_suspected) tell("suspected", event.object);
  };
  const hearsay::node node(options);
  node.wait_for(24h, [&] {
    const std::size_t now = alive(node);
    if (seen.exchange(now) != now) tell("looked", argv[1]);
    return false;
  });
}
