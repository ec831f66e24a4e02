// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

extern char** environ;

namespace testing {

/// A program that runs, and all that it and its children write. The end of that text is the end of them all,
/// since every one of them holds the other end of the pipe.
class program {
 public:
  /// `terminal`: standard output is one, and only that is read.
  explicit program(std::vector<std::string> command, bool terminal = false) {
    std::vector<char*> argv;
    for (auto& each : command) argv.push_back(each.data());
    argv.push_back(nullptr);
    std::array<int, 2> ends{-1, -1};
    if (terminal) {
      ends[0] = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
      if (grantpt(ends[0]) != 0 || unlockpt(ends[0]) != 0) throw std::runtime_error("no terminal");
      ends[1] = open(ptsname(ends[0]), O_RDWR | O_NOCTTY | O_CLOEXEC);
    } else if (pipe2(ends.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error("no pipe");
    }
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);  // a group of its own
    const int error = posix_spawn(&id_, argv[0], &actions, &attributes, argv.data(), environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    output_ = ends[0];
    if (error != 0) throw std::runtime_error("cannot start " + command[0]);
  }
  program(const program&) = delete;
  program& operator=(const program&) = delete;
  ~program() {
    if (id_ > 0) {
      kill(id_, SIGKILL);
      waitpid(id_, nullptr, 0);
    }
    close(output_);
  }

  pid_t id() const { return id_; }
  const std::string& text() const { return text_; }

  /// Reads until `part` has come; false if the program and its children ended before.
  bool says(std::string_view part) {
    while (text_.find(part) == std::string::npos) {
      if (!read_some()) return false;
    }
    return true;
  }

  void send(int signal) const { kill(id_, signal); }
  /// To the program and its children, as a terminal does.
  void send_all(int signal) const { kill(-id_, signal); }

  /// Waits until the program and all its children have ended. The exit code; 1000 and the signal if one
  /// killed it.
  int end() {
    while (read_some()) {
    }
    int status = 0;
    waitpid(std::exchange(id_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
  }

 private:
  bool read_some() {
    std::array<char, 4096> piece;
    ssize_t got = 0;
    do {
      got = read(output_, piece.data(), piece.size());
    } while (got < 0 && errno == EINTR);
    if (got <= 0) return false;  // a terminal ends with EIO
    text_.append(piece.data(), static_cast<std::size_t>(got));
    return true;
  }

  pid_t id_ = -1;
  int output_ = -1;
  std::string text_;
};

/// A folder that is gone at the end.
class folder {
 public:
  folder() {
    auto name = (std::filesystem::temp_directory_path() / "hearsay-test-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no folder");
    path_ = name;
  }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  ~folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string path(const std::string& name) const { return (path_ / name).string(); }
  /// Writes a file, and returns its path.
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
    return path(name);
  }

 private:
  std::filesystem::path path_;
};

}  // namespace testing
