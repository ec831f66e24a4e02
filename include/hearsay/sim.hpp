// SPDX-License-Identifier: BSL-1.0
#pragma once

/// A whole cluster in one thread, with virtual time and seeded faults, on the engine that production runs.

#include "hearsay/sim/cluster.hpp"
#include "hearsay/sim/invariants.hpp"
#include "hearsay/sim/link.hpp"
#include "hearsay/sim/seeds.hpp"
#include "hearsay/sim/storm.hpp"
#include "hearsay/sim/topology.hpp"
