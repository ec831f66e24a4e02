// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>
#include <vector>

#include "progress.hpp"
#include "report.hpp"
#include "settings.hpp"

namespace simulate {

struct scenario {
  std::string_view name;
  std::string_view about;
  std::size_t nodes;        ///< where the command line does not say
  std::size_t least, most;  ///< nodes that it can be played with
  std::function<report(const settings&, progress&)> play;
};

/// All there are, in the order in which they are listed.
const std::vector<scenario>& scenarios();

/// The spread of one update in clusters of 10, 100, 1000 ... up to `settings::nodes` nodes, in every mode and
/// with every fanout from 1 to 3, beside the theory.
report curves(const settings&, progress&);

}  // namespace simulate
