// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <chrono>
#include <deque>
#include <stdexcept>
#include <string>
#include <vector>

#include "pipes.hpp"
#include "state.hpp"
#include "table.hpp"

namespace word_count {

/// Thrown when a signal asks this process to end.
struct stopped : std::runtime_error {
  explicit stopped(int which);
  int signal;
};

/// From here on SIGINT, SIGTERM and SIGHUP become `stopped`; a second one ends this process at once.
void catch_signals();

/// The five node processes. They end when this does, if not before. Everything throws std::runtime_error when
/// one of them fails, and `stopped`.
class cluster {
 public:
  using clock = std::chrono::steady_clock;

  /// Starts them: each listens on a free port, and greets those before it.
  cluster(const std::string& program, const std::array<share, nodes>& work, double pace, screen& out);
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;
  ~cluster();

  /// Lets them read their shares, until all have, and all are equal. Returns the seconds that took.
  double run();
  /// The state that all of them hold.
  state show();
  /// Ends them in good order.
  void stop();

  const rows& all() const { return all_; }

 private:
  template <class Holds>
  void wait_until(Holds&& holds);
  void listen(std::chrono::milliseconds longest);
  void take(std::size_t node, const std::string& line);
  double seconds() const { return std::chrono::duration<double>(clock::now() - started_).count(); }

  screen& screen_;
  std::deque<child> processes_;  // which do not move
  std::vector<std::string> endpoints_;
  rows all_{};
  hearsay::bytes state_;
  bool running_ = false;
  clock::time_point started_{};
};

}  // namespace word_count
