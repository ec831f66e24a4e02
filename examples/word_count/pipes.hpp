// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace word_count {

/// Takes lines out of a pipe, as they come.
class line_reader {
 public:
  explicit line_reader(int pipe) : pipe_(pipe) {}

  int pipe() const { return pipe_; }
  /// Reads what is there, and waits if that is nothing; false at the end of the pipe.
  bool fill();
  /// The next whole line, without its end.
  std::optional<std::string> next();

 private:
  int pipe_;
  std::string text_;
  std::size_t searched_ = 0;  // no line ends before this
};

/// A running program with a pipe to its standard input and one from its standard output. It is expected to
/// end when its input ends, which happens too when this process dies, however that dies.
class child {
 public:
  /// Starts `program`, looked up in PATH unless it has a slash. Throws std::system_error.
  child(const std::string& program, std::vector<std::string> arguments);
  child(const child&) = delete;
  child& operator=(const child&) = delete;
  /// Waits for the end.
  ~child();

  pid_t id() const { return id_; }
  line_reader& output() { return output_; }
  /// Writes a line to its input; nothing if it does not read any more.
  void tell(std::string_view line);
  /// Ends its input.
  void dismiss();
  /// Waits until it has ended, and kills it if it does not within ten seconds after its input did. In words,
  /// how it ended; empty if with exit code 0.
  std::string wait();

 private:
  pid_t id_ = -1;
  int input_ = -1;
  line_reader output_{-1};
};

}  // namespace word_count
