// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <hearsay/sim/topology.hpp>
#include <random>
#include <stdexcept>

namespace hearsay::inline v0::sim {
namespace {

void connect(topology& all, std::size_t a, std::size_t b) {
  if (a == b) return;
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    auto& known = all[from];
    const auto at = std::ranges::lower_bound(known, to);
    if (at == known.end() || *at != to) known.insert(at, to);
  }
}

}  // namespace

topology full(std::size_t nodes) {
  topology all(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    for (std::size_t j = 0; j < nodes; ++j) {
      if (i != j) all[i].push_back(j);
    }
  }
  return all;
}

topology ring(std::size_t nodes) { return circulant(nodes, {1}); }

topology tree(std::size_t nodes, std::size_t arity) {
  if (arity == 0) throw std::invalid_argument("sim::tree: an arity of 0");
  topology all(nodes);
  for (std::size_t i = 1; i < nodes; ++i) connect(all, i, (i - 1) / arity);
  return all;
}

topology circulant(std::size_t nodes, const std::vector<std::size_t>& steps) {
  topology all(nodes);
  for (std::size_t i = 0; i < nodes; ++i) {
    for (const std::size_t step : steps) connect(all, i, (i + step) % nodes);
  }
  return all;
}

topology random_links(std::size_t nodes, std::size_t links, std::uint64_t seed) {
  if (links >= nodes) throw std::invalid_argument("sim::random_links: more links than other nodes");
  topology all = ring(nodes);
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < nodes; ++i) {
    while (all[i].size() < links) connect(all, i, random() % nodes);
  }
  return all;
}

}  // namespace hearsay::inline v0::sim
