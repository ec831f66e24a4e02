// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace simulate {

/// One line on standard error that is written over and over: once a run has taken a second, a few times a
/// second.
class progress {
 public:
  /// `when`: "never", "always", or "auto": where standard error is a terminal. "always" does not wait.
  explicit progress(std::string_view when);
  progress(const progress&) = delete;
  progress& operator=(const progress&) = delete;
  /// Takes the line away.
  ~progress();

  /// What comes before the figures: which run of how many.
  void name(std::string text) { name_ = std::move(text); }
  /// Called for every event of a run: virtual seconds, below 0 while the nodes greet each other, and the
  /// share of those that know all there is to know.
  void step(double seconds, double share);

 private:
  using clock = std::chrono::steady_clock;

  std::string name_;
  bool wanted_;
  clock::time_point next_;
  std::size_t events_ = 0;
  std::size_t shown_ = 0;  // characters in the line
};

}  // namespace simulate
