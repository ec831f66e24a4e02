// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The protocol as a state machine (hearsay::gossip): bytes and time in, bytes and events out.

#include <hearsay/gossip/engine.hpp>
