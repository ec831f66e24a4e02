// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <stdexcept>

namespace hearsay::inline v0 {

/// Thrown for bytes that cannot be read, whatever is wrong with them: too short, too long, out of order, or
/// not what the type can hold. The value that was to be read into is as it was before.
class decode_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One dot or one stamp names two different things: two live replicas use the same id, as after a copy of a
/// running process or its disk. Nothing of the two can be told apart any more, so merge refuses. Give one of
/// them a fresh id.
class collision_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hearsay::inline v0
