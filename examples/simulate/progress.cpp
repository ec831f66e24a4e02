// SPDX-License-Identifier: BSL-1.0
#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

namespace simulate {
namespace {

using namespace std::chrono_literals;

constexpr auto patience = 1s;     // before the first line
constexpr auto pause = 200ms;     // between two
constexpr std::size_t look = 64;  // at the clock once in so many events

}  // namespace

progress::progress(std::string_view when)
    : wanted_(when == "always" || (when == "auto" && isatty(STDERR_FILENO) != 0)),
      next_(clock::now() + (when == "always" ? 0s : patience)) {}

progress::~progress() {
  if (shown_ != 0) fmt::print(stderr, "\r{:{}}\r", "", shown_);
}

void progress::step(double seconds, double share) {
  if (++events_ % look != 0 || !wanted_) return;
  const auto now = clock::now();
  if (now < next_) return;
  next_ = now + pause;
  const auto what = seconds < 0 ? std::string("the nodes greet each other")
                                : fmt::format("{:.1f} s, {:.0f} % of the nodes know", seconds, share * 100);
  const auto line = fmt::format("{}: {}, {} events", name_, what, events_);
  fmt::print(stderr, "\r{:<{}}", line, shown_);
  std::fflush(stderr);
  shown_ = line.size();
}

}  // namespace simulate
