// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hearsay/gossip/options.hpp>
#include <utility>
#include <vector>

namespace simulate {

/// Rounds until all of `nodes` know, as the theory of epidemics has it, up to a constant. O(1).
///
/// A round multiplies those who know by 1 + fanout, or 1 + 2 fanout in push_pull. The last who do not know
/// are found by push at e^-fanout a round, by pull at a power of 1 + fanout. For fanout 1 that is log2 N + ln
/// N for push (Pittel, SIAM J. Appl. Math. 47, 1987) and log3 N + O(log log N) for push_pull (Karp et al.,
/// FOCS 2000).
double rounds_in_theory(hearsay::gossip::mode mode, unsigned fanout, double nodes);

/// The share of the nodes that know after each round, from 0 on, until less than half a node does not: the
/// mean of very many runs in rounds that all nodes begin together (Demers et al., PODC 1987). `loss` takes
/// away what needs two frames, a pull, and what needs three, a push. At most 200 rounds.
std::vector<std::pair<double, double>> spread_in_theory(hearsay::gossip::mode mode, unsigned fanout,
                                                        double nodes, double loss);

}  // namespace simulate
