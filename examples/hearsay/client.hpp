// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "protocol.hpp"

namespace program {

/// @name Exit codes
/// @{
inline constexpr int exit_done = 0;
inline constexpr int exit_refused = 1;  ///< what was asked for does not exist, or the agent refused
inline constexpr int exit_usage = 2;
inline constexpr int exit_no_agent = 3;
inline constexpr int exit_timeout = 4;
/// @}

struct client_options {
  std::string ipc;
  bool json = false;
  std::chrono::milliseconds timeout{10'000};  ///< of an agent that says nothing
};

/// Asks the agent, prints what it answers, and returns the exit code. A watch goes on until the agent ends.
/// Throws as `channel` does.
int ask(const request& wanted, const client_options& options);

}  // namespace program
