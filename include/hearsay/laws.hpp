// SPDX-License-Identifier: BSL-1.0
#pragma once

/// Property tests of merge laws, for hearsay's data types and for yours. `hearsay/laws/catch2.hpp` makes
/// Catch2 test cases of them.

#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/check.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/options.hpp"
#include "hearsay/laws/report.hpp"
#include "hearsay/laws/source.hpp"
#include "hearsay/laws/types/bounded_counter.hpp"
#include "hearsay/laws/types/flags.hpp"
#include "hearsay/laws/types/g_counter.hpp"
#include "hearsay/laws/types/g_set.hpp"
#include "hearsay/laws/types/lexicographic.hpp"
#include "hearsay/laws/types/lww_map.hpp"
#include "hearsay/laws/types/lww_register.hpp"
#include "hearsay/laws/types/max_register.hpp"
#include "hearsay/laws/types/min_register.hpp"
#include "hearsay/laws/types/mv_register.hpp"
#include "hearsay/laws/types/or_map.hpp"
#include "hearsay/laws/types/or_set.hpp"
#include "hearsay/laws/types/pn_counter.hpp"
#include "hearsay/laws/types/product.hpp"
#include "hearsay/laws/types/resettable_counter.hpp"
#include "hearsay/laws/types/rw_set.hpp"
#include "hearsay/laws/types/two_phase_set.hpp"
