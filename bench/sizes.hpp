// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>

namespace bench {

/// Bytes on the heap now, as the program asked for them.
std::size_t allocated();

}  // namespace bench
