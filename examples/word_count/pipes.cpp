// SPDX-License-Identifier: BSL-1.0
#include "pipes.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

extern char** environ;

namespace word_count {
namespace {

// Both ends close at exec: a child that held another's input open would keep it alive.
std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
  for (const int end : ends) fcntl(end, F_SETFD, FD_CLOEXEC);
  return ends;
}

}  // namespace

bool line_reader::fill() {
  std::array<char, 65536> piece;
  ssize_t got = 0;
  do {
    got = read(pipe_, piece.data(), piece.size());
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return false;
  text_.append(piece.data(), static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> line_reader::next() {
  const auto end = text_.find('\n', searched_);
  searched_ = end == std::string::npos ? text_.size() : 0;
  if (end == std::string::npos) return std::nullopt;
  auto line = text_.substr(0, end);
  text_.erase(0, end + 1);
  return line;
}

child::child(const std::string& program, std::vector<std::string> arguments) {
  const auto in = make_pipe();
  const auto out = make_pipe();
  arguments.insert(arguments.begin(), program);
  std::vector<char*> argv;
  for (auto& each : arguments) argv.push_back(each.data());
  argv.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  const int error = posix_spawnp(&id_, program.c_str(), &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(in[0]);
  close(out[1]);
  input_ = in[1];
  output_ = line_reader(out[0]);
  if (error != 0) {
    id_ = -1;
    dismiss();
    close(out[0]);
    throw std::system_error(error, std::generic_category(), program);
  }
}

child::~child() {
  wait();
  close(output_.pipe());
}

void child::tell(std::string_view line) {
  const auto text = std::string(line) + '\n';
  // Short enough to be written at once or not at all.
  [[maybe_unused]] const auto written = write(input_, text.data(), text.size());
}

void child::dismiss() {
  if (input_ != -1) close(std::exchange(input_, -1));
}

std::string child::wait() {
  using namespace std::chrono;
  if (id_ == -1) return {};
  dismiss();
  // Its output ends when it does.
  const auto deadline = steady_clock::now() + seconds(10);
  for (bool open = true; open;) {
    const auto left = duration_cast<milliseconds>(deadline - steady_clock::now()).count();
    pollfd one{output_.pipe(), POLLIN, 0};
    if (left <= 0 || poll(&one, 1, static_cast<int>(left)) == 0) {
      kill(id_, SIGKILL);
      break;
    }
    open = one.revents == 0 || output_.fill();
  }
  int status = 0;
  while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
  }
  id_ = -1;
  if (WIFSIGNALED(status)) return std::string("was killed by a signal: ") + strsignal(WTERMSIG(status));
  return status == 0 ? "" : "ended with exit code " + std::to_string(WEXITSTATUS(status));
}

}  // namespace word_count
