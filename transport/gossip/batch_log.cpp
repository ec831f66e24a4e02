// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <cassert>
#include <hearsay/gossip/batch_log.hpp>

namespace hearsay::inline v0::gossip {
namespace {

// The newest batches of an origin stay single, so that a peer which lacks a few of them is not sent more than
// those.
constexpr std::size_t kept_single = 32;

}  // namespace

void batch_log::append(replica_id origin, batch_interval interval, const joiner& join) {
  origin_log& lane = lanes_[origin];
  const std::uint64_t last = lane.intervals.empty() ? lane.floor : lane.intervals.back().hi;
  assert(interval.lo <= last + 1 && interval.hi > last);
  static_cast<void>(last);
  lane.bytes += cost(interval);
  bytes_ += cost(interval);
  ++intervals_;
  lane.intervals.push_back(std::move(interval));
  if (bytes_ > budget_) shrink(join);
}

std::uint64_t batch_log::floor(replica_id origin) const {
  const auto found = lanes_.find(origin);
  return found == lanes_.end() ? 0 : found->second.floor;
}

void batch_log::skip_to(replica_id origin, std::uint64_t sequence) {
  origin_log& lane = lanes_[origin];
  while (!lane.intervals.empty()) drop_oldest(lane);
  lane.floor = sequence;
}

void batch_log::drop(replica_id origin) {
  skip_to(origin, 0);
  lanes_.erase(origin);
}

void batch_log::from(replica_id origin, std::uint64_t known,
                     const std::function<bool(const batch_interval&)>& take) const {
  const auto found = lanes_.find(origin);
  if (found == lanes_.end()) return;
  const auto& intervals = found->second.intervals;
  auto at = std::ranges::upper_bound(intervals, known, {}, &batch_interval::hi);
  while (at != intervals.end() && take(*at)) ++at;
}

void batch_log::shrink(const joiner& join) {
  for (auto& [origin, lane] : lanes_) join_old(lane, join);
  // Down to three quarters, so that the next appends are free of this.
  const std::size_t goal = budget_ - budget_ / 4;
  while (bytes_ > goal) {
    const auto largest =
        std::ranges::max_element(lanes_, {}, [](const auto& each) { return each.second.bytes; });
    if (largest->second.intervals.empty()) return;
    const std::size_t share = goal / lanes_.size();
    do {
      drop_oldest(largest->second);
    } while (bytes_ > goal && largest->second.bytes > share);
  }
}

void batch_log::join_old(origin_log& lane, const joiner& join) {
  if (lane.intervals.size() <= kept_single + lane.joined + 1) return;
  const std::size_t old = lane.intervals.size() - kept_single;
  std::deque<batch_interval> done;
  for (std::size_t i = 0; i < old; ++i) {
    batch_interval& next = lane.intervals[i];
    // What was joined before takes part again only as the last of the earlier pass.
    if (!done.empty() && i >= lane.joined && done.back().body.size() + next.body.size() <= interval_bytes_) {
      if (std::optional<bytes> both = join(done.back().body, next.body)) {
        done.back() = {done.back().lo, next.hi, std::move(*both)};
        continue;
      }
    }
    done.push_back(std::move(next));
  }
  lane.joined = done.size();
  std::move(lane.intervals.begin() + static_cast<std::ptrdiff_t>(old), lane.intervals.end(),
            std::back_inserter(done));
  intervals_ -= lane.intervals.size() - done.size();
  lane.intervals = std::move(done);
  bytes_ -= lane.bytes;
  lane.bytes = 0;
  for (const batch_interval& each : lane.intervals) lane.bytes += cost(each);
  bytes_ += lane.bytes;
}

void batch_log::drop_oldest(origin_log& lane) {
  const std::size_t freed = cost(lane.intervals.front());
  lane.floor = lane.intervals.front().hi;
  lane.bytes -= freed;
  bytes_ -= freed;
  --intervals_;
  lane.joined -= std::min<std::size_t>(lane.joined, 1);
  lane.intervals.pop_front();
}

}  // namespace hearsay::inline v0::gossip
