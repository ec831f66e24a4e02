// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <hearsay/gossip/message.hpp>
#include <hearsay/gossip/options.hpp>
#include <map>
#include <vector>

namespace hearsay::inline v0::gossip {

/// Since when the writers of an object are *departed*: nothing of them is left in it, and they are no members
/// any more. docs/membership.md says what for.
class departed_writers {
 public:
  /// Notes who is departed `now`, ascending. Returns who has been so at every call since `after` ago, and
  /// notes them no longer. O(n log n).
  std::vector<replica_id> settle(const std::vector<replica_id>& departed, duration after, instant now);

  /// At most so many of them, for another node: else nobody would ever be forgotten by nodes that do not run
  /// for that long.
  std::vector<departure> tell(std::size_t most, instant now) const;
  /// Learns that of the writers of whom nothing is left `here` either, ascending.
  void learn(const std::vector<departure>& told, const std::vector<replica_id>& here, instant now);

 private:
  std::map<replica_id, instant> since_;
};

}  // namespace hearsay::inline v0::gossip
