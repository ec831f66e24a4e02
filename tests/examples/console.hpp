// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

#include "tests/process/process.hpp"

namespace testing {

/// A process that takes commands on its standard input, and whose lines come when they like.
class console : public process {
 public:
  using process::process;

  /// The next line that ends with `part`. What came before it is skipped. Throws std::runtime_error after 15
  /// seconds, or when the process ends.
  std::string last(const std::string& part) {
    return next(part, [&](const std::string& line) { return line.ends_with(part); });
  }
  /// The next line with `part`, likewise.
  std::string line(const std::string& part) {
    return next(part, [&](const std::string& line) { return line.find(part) != line.npos; });
  }
  /// Says `command`, and returns the next line with `part`.
  std::string ask(const std::string& command, const std::string& part) {
    say(command);
    return line(part);
  }
  /// Ends its input, and waits for it as `process::end`.
  int finish() {
    leave();
    return end();
  }

 private:
  std::string next(const std::string& part, const auto& fits) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(15);
    std::string skipped;
    for (;;) {
      std::string heard = hear(deadline - std::chrono::steady_clock::now());
      if (heard == "silence" || heard == "the end")
        throw std::runtime_error("no line with '" + part + "' in:\n" + skipped + heard);
      if (fits(heard)) return heard;
      skipped += heard + "\n";
    }
  }
};

}  // namespace testing
