// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace hearsay::inline v0::sim {

/// Who greets whom: for every node its neighbours, ascending. Links go both ways.
using topology = std::vector<std::vector<std::size_t>>;

/// Every node with every other.
topology full(std::size_t nodes);
/// Every node with the next, and the last with the first.
topology ring(std::size_t nodes);
/// Node i with the nodes `arity` * i + 1 ... `arity` * i + `arity`. Throws std::invalid_argument for an arity
/// of 0.
topology tree(std::size_t nodes, std::size_t arity = 2);
/// The circulant mesh C_n(steps): node i with i ± each of the steps, around the ring.
topology circulant(std::size_t nodes, const std::vector<std::size_t>& steps);
/// A ring, so that it is connected, and random links until every node has at least `links` neighbours. Throws
/// std::invalid_argument where there are not as many nodes.
topology random_links(std::size_t nodes, std::size_t links, std::uint64_t seed);

}  // namespace hearsay::inline v0::sim
