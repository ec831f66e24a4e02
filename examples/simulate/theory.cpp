// SPDX-License-Identifier: BSL-1.0
#include "theory.hpp"

#include <algorithm>
#include <cmath>

namespace simulate {

using hearsay::gossip::mode;

double rounds_in_theory(mode how, unsigned fanout, double nodes) {
  const double f = fanout;
  const double growth = std::log(nodes) / std::log(how == mode::push_pull ? 1 + 2 * f : 1 + f);
  if (how == mode::push) return growth + std::log(nodes) / f;
  return growth + std::log(std::max(1.0, std::log(nodes))) / std::log(1 + f);
}

std::vector<std::pair<double, double>> spread_in_theory(mode how, unsigned fanout, double nodes,
                                                        double loss) {
  const double f = fanout;
  const double pulled = how == mode::push ? 0 : std::pow(1 - loss, 2);
  const double pushed = how == mode::pull ? 0 : std::pow(1 - loss, 3);
  std::vector<std::pair<double, double>> points;
  double unknowing = 1 - 1 / nodes;
  for (int round = 0; round <= 200; ++round) {
    points.emplace_back(round, 1 - unknowing);
    if (unknowing * nodes < 0.5) break;
    const double knowing = 1 - unknowing;
    unknowing *= std::pow(1 - knowing * pulled, f) * std::exp(-f * knowing * pushed);
  }
  return points;
}

}  // namespace simulate
