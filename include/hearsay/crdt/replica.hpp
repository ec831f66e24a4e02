// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <utility>

#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/replica_id.hpp"

namespace hearsay::inline v0 {

/// One writer: an identity and a clock. Every mutator of every data type takes the replica that writes, but
/// for those of `product` and `lexicographic`: these hand on to the mutators of their parts, and take none.
///
/// Two live copies of one replica would issue the same dots for different events, so a replica moves and
/// does not copy. For the same reason an object that a replica has written to goes on from its latest state
/// or not at all: after a restart from older data, take a new replica.
class replica {
 public:
  /// A writer that never was before: a random identity and the system's time.
  replica() : replica(replica_id::random()) {}
  /// A writer of that name, which no other live one may have, with that clock.
  explicit replica(replica_id id, class clock ticks = clock()) : id_(id), clock_(std::move(ticks)) {}

  /// The same for life.
  replica_id id() const noexcept { return id_; }
  /// What stamps its writes.
  class clock& time() noexcept {
    return clock_;
  }

 private:
  replica_id id_;
  class clock clock_;
};

}  // namespace hearsay::inline v0
