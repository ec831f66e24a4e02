// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <chrono>
#include <hearsay/gossip/departed.hpp>

namespace hearsay::inline v0::gossip {

using std::chrono::milliseconds;

std::vector<replica_id> departed_writers::settle(const std::vector<replica_id>& departed, duration after,
                                                 instant now) {
  std::map<replica_id, instant> still;
  std::vector<replica_id> due;
  for (const replica_id by : departed) {
    const auto found = since_.find(by);
    const instant since = found == since_.end() ? now : found->second;
    if (since + after <= now) {
      due.push_back(by);
    } else {
      still.emplace(by, since);
    }
  }
  since_ = std::move(still);
  return due;
}

std::vector<departure> departed_writers::tell(std::size_t most, instant now) const {
  std::vector<departure> all;
  for (const auto& [by, since] : since_) {
    if (all.size() == most) break;
    const auto age = std::chrono::duration_cast<milliseconds>(now - since);
    all.push_back({by, static_cast<std::uint64_t>(std::max(age, milliseconds(0)).count())});
  }
  return all;
}

void departed_writers::learn(const std::vector<departure>& told, const std::vector<replica_id>& here,
                             instant now) {
  constexpr std::uint64_t year_ms = 365ull * 24 * 3600 * 1000;
  for (const auto& [by, age_ms] : told) {
    if (!std::ranges::binary_search(here, by)) continue;
    const instant since = now - milliseconds(std::min(age_ms, year_ms));
    const auto [known, fresh] = since_.try_emplace(by, since);
    if (!fresh) known->second = std::min(known->second, since);
  }
}

}  // namespace hearsay::inline v0::gossip
