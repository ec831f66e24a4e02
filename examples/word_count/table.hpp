// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "state.hpp"

namespace word_count {

/// 1234567 as 1,234,567.
std::string grouped(std::uint64_t number);
/// A number of bytes in at most nine characters: 812 B, 63.2 KiB.
std::string size_text(std::uint64_t bytes);

/// What is known of one node.
struct row {
  std::uint64_t share = 0;  // bytes
  report now;
};
using rows = std::array<row, nodes>;

/// How many nodes hold the state that this node holds, itself included.
std::size_t agreeing(const rows& all, std::size_t node);

std::vector<std::string> table(const rows& all);
/// The same in one line.
std::string summary(const rows& all);

/// Shows how things stand: in a terminal a table that is drawn over again, else a line a second. Throws
/// std::runtime_error once nothing can be written.
class screen {
 public:
  explicit screen(std::FILE* out);

  bool live() const { return live_; }
  /// `last`: the table stays where it is.
  void show(const rows& all, double seconds, bool last = false);
  /// Prints a line that stays, above the table.
  void print(const std::string& line);

 private:
  void write(const std::string& text);

  std::FILE* out_;
  bool live_;
  std::size_t drawn_ = 0;  // lines of the table on the screen
  double next_ = 0;        // when the next line is due
};

}  // namespace word_count
