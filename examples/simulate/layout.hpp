// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hearsay/sim/topology.hpp>
#include <utility>
#include <vector>

#include "settings.hpp"

namespace simulate {

/// Where the nodes stand in the picture: x to the right and y down, both from -1 to 1.
using layout = std::vector<std::pair<double, double>>;

/// The links that the settings ask for. Throws `std::invalid_argument`, and says what would do, where there
/// are none of that kind.
hearsay::sim::topology links_of(const settings&);
/// Nodes clockwise around a circle from the top, many in several rings; a tree around its root.
layout layout_of(const settings&);

}  // namespace simulate
