// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <vector>

namespace hearsay::inline v0 {

/// An owned run of raw bytes.
using bytes = std::vector<std::byte>;

}  // namespace hearsay::inline v0
