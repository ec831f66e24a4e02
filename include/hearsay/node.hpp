// SPDX-License-Identifier: BSL-1.0
#pragma once

/// A node of a cluster (hearsay::node): sockets, a thread and timers around the engine of gossip.

#include <hearsay/node/node.hpp>
#include <hearsay/node/options.hpp>
#include <hearsay/node/shared.hpp>
#include <hearsay/node/stats.hpp>
