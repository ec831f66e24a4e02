// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

extern char** environ;

namespace testing {

/// A process that takes commands on its standard input and answers with lines; gone at the end.
class console {
 public:
  explicit console(std::vector<std::string> command) {
    std::vector<char*> argv;
    for (auto& each : command) argv.push_back(each.data());
    argv.push_back(nullptr);
    std::array<int, 2> in{}, out{};
    if (pipe2(in.data(), O_CLOEXEC) != 0 || pipe2(out.data(), O_CLOEXEC) != 0)
      throw std::runtime_error("no pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    posix_spawn_file_actions_adddup2(&actions, out[1], 2);
    const int error = posix_spawn(&id_, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    input_ = in[1];
    output_ = out[0];
    if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  }
  console(const console&) = delete;
  console& operator=(const console&) = delete;
  ~console() {
    if (id_ > 0) {
      send(SIGKILL);
      waitpid(id_, nullptr, 0);
    }
    if (input_ >= 0) close(input_);
    close(output_);
  }

  void tell(const std::string& line) const {
    const auto text = line + "\n";
    if (write(input_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
      throw std::runtime_error("the process does not read");
  }
  void send(int signal) const { kill(id_, signal); }

  /// The next line with `part`, whose last character may be the line break. What came before it is skipped.
  /// Throws std::runtime_error after 15 seconds, or when the process ends.
  std::string line(const std::string& part) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    for (;;) {
      for (auto end = text_.find('\n', at_); end != text_.npos; end = text_.find('\n', at_)) {
        const auto next = text_.substr(at_, end + 1 - at_);
        at_ = end + 1;
        if (next.find(part) != next.npos) return next.substr(0, next.size() - 1);
      }
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
      pollfd waiting{output_, POLLIN, 0};
      std::array<char, 4096> piece;
      ssize_t got = 0;
      if (left.count() > 0 && poll(&waiting, 1, static_cast<int>(left.count())) > 0)
        got = read(output_, piece.data(), piece.size());
      if (got <= 0) throw std::runtime_error("no line with '" + part + "' in:\n" + text_);
      text_.append(piece.data(), static_cast<std::size_t>(got));
    }
  }
  /// Tells `command`, and returns the next line with `part`.
  std::string ask(const std::string& command, const std::string& part) {
    tell(command);
    return line(part);
  }

  /// Ends the input and waits for the process. Its exit code; 1000 and the signal if one killed it.
  int end() {
    close(std::exchange(input_, -1));
    int status = 0;
    waitpid(std::exchange(id_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

 private:
  pid_t id_ = -1;
  int input_ = -1;
  int output_ = -1;
  std::string text_;
  std::size_t at_ = 0;  // the first character that was not looked at
};

}  // namespace testing
