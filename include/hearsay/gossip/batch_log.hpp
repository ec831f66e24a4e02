// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <hearsay/crdt/bytes.hpp>
#include <hearsay/crdt/replica.hpp>
#include <map>
#include <optional>
#include <vector>

namespace hearsay::inline v0::gossip {

/// The batches `lo` to `hi` of one origin, joined and encoded.
struct batch_interval {
  std::uint64_t lo = 0;
  std::uint64_t hi = 0;
  bytes body;
  bool operator==(const batch_interval&) const = default;
};

/// The batches that this node made or heard, as bytes, so that relaying encodes nothing again.
///
/// Keeps to a byte budget: first old batches of one origin are joined to longer intervals, then the oldest
/// are dropped. What was dropped is remembered as the origin's floor: from there on the log is complete.
class batch_log {
 public:
  /// Joins two adjacent bodies into one; nothing if that cannot be done.
  using joiner = std::function<std::optional<bytes>(const bytes& older, const bytes& newer)>;

  /// `budget` bounds `size_bytes()`; a joined interval has at most `interval_bytes`.
  explicit batch_log(std::size_t budget, std::size_t interval_bytes)
      : budget_(budget), interval_bytes_(interval_bytes) {}

  /// Appends an interval that continues the origin's (`interval.lo` ≤ last + 1 < `interval.hi` + 1), then
  /// keeps to the budget with the help of `join`. Amortized O(size of the interval).
  void append(replica_id origin, batch_interval interval, const joiner& join);

  /// The log of `origin` is complete above this sequence. O(log origins).
  std::uint64_t floor(replica_id origin) const;

  /// Forgets what it has of `origin` and starts anew above `sequence`.
  void skip_to(replica_id origin, std::uint64_t sequence);

  /// Forgets `origin`, its floor too.
  void drop(replica_id origin);

  /// Calls `take(interval)` for the intervals that hold the batches above `known`, oldest first, until it
  /// returns false. The caller has seen to `known >= floor(origin)`. O(log intervals) and what is taken.
  void from(replica_id origin, std::uint64_t known,
            const std::function<bool(const batch_interval&)>& take) const;

  std::size_t size_bytes() const { return bytes_; }
  std::size_t intervals() const { return intervals_; }

 private:
  struct origin_log {
    std::deque<batch_interval> intervals;  // ascending by hi
    std::uint64_t floor = 0;
    std::size_t bytes = 0;
    std::size_t joined = 0;  // that many from the old end were tried for joining already
  };

  static std::size_t cost(const batch_interval& interval) {
    return interval.body.size() + sizeof(batch_interval);
  }
  void shrink(const joiner& join);
  void join_old(origin_log& lane, const joiner& join);
  void drop_oldest(origin_log& lane);

  std::size_t budget_;
  std::size_t interval_bytes_;
  std::size_t bytes_ = 0;
  std::size_t intervals_ = 0;
  std::map<replica_id, origin_log> lanes_;
};

}  // namespace hearsay::inline v0::gossip
