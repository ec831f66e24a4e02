// SPDX-License-Identifier: BSL-1.0
#pragma once

/// The data types (hearsay::crdt): no I/O, no threads, no clock but the one handed in.

#include "hearsay/crdt/bytes.hpp"
#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/concepts.hpp"
#include "hearsay/crdt/dot.hpp"
#include "hearsay/crdt/dot_store.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/g_counter.hpp"
#include "hearsay/crdt/lww_map.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/or_set.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/type_name.hpp"
