// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <hearsay/gossip/engine.hpp>

namespace hearsay::inline v0::gossip {
namespace {

// An origin that no replica has. Its entry in a version vector is a horizon of the members: the objects hold
// all that came from origins which were forgotten up to there.
constexpr replica_id folded_origins{};

}  // namespace

std::uint64_t engine::reached(replica_id origin) const {
  const auto found = folded_.find(origin);
  return found == folded_.end() ? versions_.at(origin) : found->second.sequence;
}

bool engine::fading(replica_id origin) const {
  return detector_ && origin != folded_origins && origin != self_.id() && !known_members().find(origin);
}

// docs/membership.md says why this is safe.
void engine::fold(instant now) {
  next_fold_ = now + options_.members->fold;
  if (options_.audit <= duration{0} || transfer_) return;  // what is on its way may belong to them
  std::erase_if(folded_, [now](const auto& each) { return each.second.until <= now; });
  std::vector<version_vector::entry> due;
  std::vector<replica_id> others;
  for (const version_vector::entry& each : versions_.entries()) {
    if (!fading(each.origin)) continue;
    if (std::ranges::binary_search(fading_, each.origin)) {
      due.push_back(each);
    } else {
      others.push_back(each.origin);
    }
  }
  for (const auto& [origin, sequence] : due) {
    folded_[origin] = {sequence, now + options_.members->forget};
    versions_.drop(origin);
    recent_.drop(origin);
    log_.drop(origin);
    claims_.erase(origin);
  }
  fading_ = std::move(others);
  for (const auto& [key, each] : objects_.all()) each->fold(gone(), options_.members->keep_removals, now);
  if (std::exchange(settled_horizon_, horizon_) == horizon_ &&
      horizon_.value > versions_.at(folded_origins)) {
    log_.skip_to(folded_origins, horizon_.value);
    raise(folded_origins, horizon_.value, now);
  }
}

// Somebody has more of it: it was not at its end.
void engine::unfold(replica_id origin, instant now) {
  const auto found = folded_.find(origin);
  if (found == folded_.end()) return;
  const std::uint64_t sequence = found->second.sequence;
  folded_.erase(found);
  log_.skip_to(origin, sequence);
  raise(origin, sequence, now);
}

}  // namespace hearsay::inline v0::gossip
