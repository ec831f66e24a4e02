// SPDX-License-Identifier: BSL-1.0
#include "cluster.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <sstream>

namespace word_count {
namespace {

constexpr auto tick = std::chrono::milliseconds(100);
constexpr int patience = 600;  // ticks without progress; while this process is suspended there are none

volatile sig_atomic_t ended_by = 0;

[[noreturn]] void failed(std::size_t node, const std::string& how) {
  throw std::runtime_error(fmt::format("node {} {}", node + 1, how));
}

}  // namespace

stopped::stopped(int which)
    : std::runtime_error(fmt::format("stopped by a signal: {}", strsignal(which))), signal(which) {}

void catch_signals() {
  struct sigaction action {};
  action.sa_handler = [](int which) { ended_by = which; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int which : {SIGINT, SIGTERM, SIGHUP}) sigaction(which, &action, nullptr);
}

cluster::cluster(const std::string& program, const std::array<share, nodes>& work, double pace, screen& out)
    : screen_(out) {
  const auto name = fmt::format("word_count {}", getpid());
  for (std::size_t node = 0; node < nodes; ++node) {
    all_[node].share = bytes_in(work[node]);
    processes_.emplace_back(program, node_arguments(name, pace, endpoints_, work[node]));
    wait_until([&] { return endpoints_.size() > node; });
  }
}

cluster::~cluster() {
  for (auto& process : processes_) process.dismiss();  // all at once: each says goodbye to the others
}

double cluster::run() {
  running_ = true;
  started_ = clock::now();
  for (auto& process : processes_) process.tell("go");
  wait_until([&] {
    return std::ranges::all_of(all_, [](const row& each) { return each.now.done; }) &&
           agreeing(all_, 0) == nodes;
  });
  running_ = false;
  const auto took = seconds();
  screen_.show(all_, took, true);
  return took;
}

state cluster::show() {
  processes_.front().tell("show");
  wait_until([&] { return !state_.empty(); });
  if (hearsay::wire::hash(state_) != all_[0].now.hash)
    throw std::runtime_error("node 1 has changed after the end");
  return hearsay::wire::decode<state>(state_, hearsay::wire::limits::none());
}

void cluster::stop() {
  for (auto& process : processes_) process.dismiss();
  for (std::size_t node = 0; node < nodes; ++node) {
    if (const auto end = processes_[node].wait(); !end.empty()) failed(node, end);
  }
}

template <class Holds>
void cluster::wait_until(Holds&& holds) {
  for (int quiet = 0; !holds(); ++quiet) {
    if (quiet == patience) throw std::runtime_error("the nodes neither change nor agree");
    const auto before = all_;
    const auto end = clock::now() + tick;
    for (auto now = clock::now(); now < end && !holds(); now = clock::now()) {
      listen(std::chrono::ceil<std::chrono::milliseconds>(end - now));
    }
    const auto same = [](const row& a, const row& b) { return a.now.progress() == b.now.progress(); };
    if (!std::ranges::equal(before, all_, same)) quiet = 0;
    if (running_) screen_.show(all_, seconds());
  }
}

void cluster::listen(std::chrono::milliseconds longest) {
  std::vector<pollfd> pipes;
  for (auto& process : processes_) pipes.push_back({process.output().pipe(), POLLIN, 0});
  const int ready = poll(pipes.data(), pipes.size(), static_cast<int>(longest.count()));
  if (ended_by != 0) throw stopped(ended_by);
  if (ready <= 0) return;
  for (std::size_t node = 0; node < pipes.size(); ++node) {
    if (pipes[node].revents == 0) continue;
    auto& process = processes_[node];
    if (!process.output().fill()) {
      const auto end = process.wait();
      failed(node, end.empty() ? "ended early" : end);
    }
    while (const auto line = process.output().next()) take(node, *line);
  }
}

void cluster::take(std::size_t node, const std::string& line) {
  const auto space = line.find(' ');
  const auto kind = line.substr(0, space);
  const auto rest = space == std::string::npos ? "" : line.substr(space + 1);
  if (kind == "at") {
    endpoints_.push_back(rest);
  } else if (kind == "report") {
    auto& now = all_[node].now;
    std::istringstream(rest) >> now.bytes_read >> now.done >> now.words >> now.distinct >> now.places >>
        now.sent >> now.received >> now.hash;
  } else if (kind == "log") {
    screen_.print(fmt::format("node {}: {}", node + 1, rest));
  } else if (kind == "state") {
    for (std::size_t at = 0; at + 1 < rest.size(); at += 2) {
      std::uint8_t byte = 0;
      std::from_chars(rest.data() + at, rest.data() + at + 2, byte, 16);
      state_.push_back(std::byte{byte});
    }
  }
}

}  // namespace word_count
