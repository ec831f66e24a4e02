// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <hearsay/node.hpp>
#include <string>

namespace program {

/// What `hearsay agent` is told.
struct agent_options {
  hearsay::node_options node;
  std::string ipc;
  bool json = false;
  std::size_t clients = 64;                  ///< at a time, those that watch included; the next are refused
  std::chrono::milliseconds patience{2000};  ///< with a client that does not send its request, or read
};

/// Runs a node and serves requests until it is told to leave, or by SIGINT or SIGTERM. Returns whether
/// enough members have its last updates. Throws as `node` and `listener` do.
bool run_agent(agent_options options);

}  // namespace program
