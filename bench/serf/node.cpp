// SPDX-License-Identifier: BSL-1.0
//
// bench_serf_node NAME PORT SEED-PORT: what `hearsay agent` runs, a member with all options at their
// defaults, that writes a line for whatever happens to other members, as Serf's agent logs it. A line on
// standard input is its tag from then on.
#include <fmt/format.h>

#include <cstdio>
#include <hearsay/node.hpp>
#include <iostream>
#include <string>

namespace {

using hearsay::gossip::event_kind;

const char* name(event_kind kind) {
  switch (kind) {
    case event_kind::member_joined:
      return "EventMemberJoin";
    case event_kind::member_changed:
      return "EventMemberUpdate";
    case event_kind::member_died:
      return "EventMemberFailed";
    default:
      return nullptr;
  }
}

}  // namespace

int main(int, char** argv) {
  hearsay::node_options options{.listen = fmt::format("tcp://127.0.0.1:{}", argv[2]),
                                .seeds = {fmt::format("tcp://127.0.0.1:{}", argv[3])}};
  options.gossip.members.emplace().name = argv[1];
  options.log = [](std::string_view) {};
  options.on_event = [](const hearsay::gossip::event& event) {
    if (!name(event.kind)) return;
    std::fputs(fmt::format("{}: {}\n", name(event.kind), event.object).c_str(), stdout);
    std::fflush(stdout);
  };
  hearsay::node node(options);
  for (std::string line; std::getline(std::cin, line);) node.set_tags({{"k", line}});
}
