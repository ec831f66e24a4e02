// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern char** environ;

namespace testing {

/// A program that runs, and both ends of a talk with it. It is killed in the end.
class process {
 public:
  explicit process(std::vector<std::string> command) {
    std::vector<char*> argv;
    for (auto& each : command) argv.push_back(each.data());
    argv.push_back(nullptr);
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    const int error = posix_spawn(&id_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
    if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  }
  process(const process&) = delete;
  process& operator=(const process&) = delete;
  ~process() {
    send(SIGKILL);
    end();
    if (to_ >= 0) close(to_);
    close(from_);
  }

  void say(const std::string& line) {
    const std::string text = line + '\n';
    if (write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size())) {
      throw std::runtime_error("the process does not listen");
    }
  }
  /// The next line that it writes; "silence" if none comes in that time, "the end" if it ended. What it
  /// writes to its standard error is not heard.
  std::string hear(std::chrono::nanoseconds within = std::chrono::minutes(1)) {
    const auto until = std::chrono::steady_clock::now() + within;
    for (;;) {
      if (const auto end = heard_.find('\n'); end != std::string::npos) {
        std::string line = heard_.substr(0, end);
        heard_.erase(0, end + 1);
        return line;
      }
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
      pollfd one{from_, POLLIN, 0};
      if (left <= 0 || poll(&one, 1, static_cast<int>(left)) == 0) return "silence";
      std::array<char, 4096> piece;
      const ssize_t got = read(from_, piece.data(), piece.size());
      if (got <= 0) return "the end";
      heard_.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  std::string ask(const std::string& line) {
    say(line);
    return hear();
  }

  void send(int signal) const {
    if (id_ > 0) kill(id_, signal);
  }
  /// Ends its input.
  void leave() { close(std::exchange(to_, -1)); }
  /// Waits until it has ended. The exit code; 1000 and the signal if one killed it.
  int end() {
    if (id_ <= 0) return -1;
    int status = 0;
    waitpid(std::exchange(id_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

 private:
  pid_t id_ = -1;
  int to_ = -1;
  int from_ = -1;
  std::string heard_;
};

/// A port that nobody uses, from the range that the system does not give away by itself.
inline std::uint16_t free_port() {
  static std::mt19937 random{std::random_device{}()};
  for (;;) {
    const auto port = static_cast<std::uint16_t>(20'000 + random() % 12'000);
    const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_port = htons(port);
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const bool free = bind(probe, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0;
    close(probe);
    if (free) return port;
  }
}

}  // namespace testing
