// SPDX-License-Identifier: BSL-1.0
#include "layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <numbers>
#include <stdexcept>

namespace simulate {
namespace {

constexpr std::size_t most_full = 1000;   // nodes: links grow with the square
constexpr std::size_t auto_full = 64;     // up to this many, everybody knows everybody
constexpr std::size_t on_one_ring = 120;  // nodes

std::pair<double, double> around(double turn, double radius) {
  return {radius * std::sin(turn * 2 * std::numbers::pi), -radius * std::cos(turn * 2 * std::numbers::pi)};
}

}  // namespace

hearsay::sim::topology links_of(const settings& how) {
  const std::size_t n = how.nodes;
  const bool few = n <= how.links + 1;
  if (how.topology == "full" || (how.topology == "auto" && (n <= auto_full || few))) {
    if (n > most_full) {
      throw std::invalid_argument(
          fmt::format("--topology full is for {} nodes at most; --topology random with --links 20 spreads "
                      "much the same",
                      most_full));
    }
    return hearsay::sim::full(n);
  }
  if (how.topology == "ring") return hearsay::sim::ring(n);
  if (how.topology == "tree") return hearsay::sim::tree(n);
  if (how.topology == "mesh") return hearsay::sim::circulant(n, {1, 4});
  if (few) {
    throw std::invalid_argument(fmt::format(
        "--links {} needs more than {} nodes; lower it, or take --topology full", how.links, how.links));
  }
  return hearsay::sim::random_links(n, how.links, how.seed);
}

layout layout_of(const settings& how) {
  layout all;
  const std::size_t n = how.nodes;
  if (how.topology == "tree") {
    const auto levels = static_cast<double>(std::bit_width(n) - 1);
    for (std::size_t i = 0; i < n; ++i) {
      const auto level = static_cast<std::size_t>(std::bit_width(i + 1)) - 1;
      const double first = static_cast<double>(std::size_t{1} << level);
      all.push_back(around((static_cast<double>(i + 1) - first + 0.5) / first,
                           level == 0 ? 0.0 : static_cast<double>(level) / levels));
    }
    return all;
  }
  const std::size_t rings = std::clamp<std::size_t>(
      static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(n) / on_one_ring))), 1, 12);
  for (std::size_t i = 0; i < n; ++i) {
    const double inward = static_cast<double>(i % rings) / static_cast<double>(rings);
    all.push_back(around((static_cast<double>(i) + 0.5) / static_cast<double>(n), 1 - 0.8 * inward));
  }
  return all;
}

}  // namespace simulate
