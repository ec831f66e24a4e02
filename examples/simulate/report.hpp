// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace simulate {

/// A curve: points, and for each of them from where to where the runs lie, if there were several.
struct series {
  std::string name;
  unsigned colour = 0;  ///< its number in the page's palette
  bool theory = false;  ///< drawn with dashes
  std::vector<std::pair<double, double>> points{};
  std::vector<std::pair<double, double>> ranges{};
};

struct chart {
  std::string title{};
  std::string x, y;  ///< what the axes show
  bool log_x = false;
  bool percent = false;  ///< y is a share, up to 1
  bool clock = false;    ///< x is the time of the replay
  std::vector<series> curves{};
};

/// What a page shows.
struct report {
  std::string title{};
  std::string about{};
  std::vector<std::pair<std::string, std::string>> facts{};
  std::vector<chart> charts{};
  std::vector<std::vector<std::string>> table{};  ///< the first row is its head
  std::string replay = "null";                    ///< JSON; see page/replay.js
  bool converged = true;
};

/// A JSON string. No character in it ends a script element.
std::string quoted(std::string_view text);
/// The page, with all it needs in it. The same report is the same page.
std::string page_of(const report&);

}  // namespace simulate
