// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <hearsay/membership/detector.hpp>
#include <hearsay/wire/codec.hpp>

namespace hearsay::inline v0::membership {
namespace {

constexpr duration handover_pause = std::chrono::milliseconds(25);
constexpr std::size_t reconnect_greetings = 16;
constexpr std::int64_t retry_growth = 64;
constexpr std::size_t retry_crowd = 16;
constexpr std::int64_t mercy = 2;  // times probe_timeout

}  // namespace

detector::detector(const membership::options& options, replica_id self, std::string endpoint,
                   std::uint64_t seed, instant now)
    : options_(options), self_(self), endpoint_(std::move(endpoint)), random_(seed) {
  next_probe_ = now + somewhere(options_.probe_interval);
  turn_ = static_cast<unsigned>(random_() % std::max(1u, options_.strangers));
  next_retry_ = now + somewhere(options_.retry);
  died_ = now - retry_growth * options_.retry;
  next_renewal_ = now + options_.forget / 4;
  next_forget_ = now + options_.forget / 16 + somewhere(options_.forget / 16);
}

void detector::observe(const members& all, replica_id who, instant now) {
  const member* one = all.find(who);
  if (who == self_) {
    observe_self(all, one, now);
    return;
  }
  sight& seen = seen_[who];
  const bool here = one && one->here();
  if (here && spared_.erase(who) != 0) report(change::cleared, who, one->about.name);
  if (here && !seen.here) enter(all, who, *one, now);
  if (!here && seen.here && !spare(all, who, one, now)) bereave(who, one, now);
  if (here && seen.told != one->told) {
    const bool changed = seen.tags != one->about.tags;
    if (seen.name != one->about.name || seen.endpoint != one->about.endpoint) {
      exit(who, seen, one);
      enter(all, who, *one, now);
    } else if (changed) {
      report(change::retagged, who, one->about.name);
    }
    seen.told = one->told;
    seen.tags = one->about.tags;
  }
  if (here && one->status == status::suspect) {
    suspect(all, who, *one, now);
  } else if (here && suspicions_.erase(who) != 0) {
    report(change::cleared, who, one->about.name);
  }
  if (!one) seen_.erase(who);
}

void detector::sweep(const members& all, instant now) {
  std::vector<replica_id> gone;
  for (const auto& [who, seen] : seen_) {
    if (!all.find(who)) gone.push_back(who);
  }
  for (const replica_id who : gone) observe(all, who, now);
  observe(all, self_, now);
}

void detector::observe_self(const members& all, const member* one, instant now) {
  if (leaving_) return;
  if (!one || one->incarnation.value == 0 || one->told.value == 0) {
    want(intent::what::announce, self_);
  } else if (one->status != status::alive) {
    worse();
    want(intent::what::refute, self_);
  } else {
    names_[one->about.name].insert(self_);
    endpoints_[one->about.endpoint].insert(self_);
    claim(all, self_, now);
  }
}

void detector::enter(const members& all, replica_id who, const member& one, instant now) {
  sight& seen = seen_[who];
  seen = {true, one.told, one.about.name, one.about.endpoint, one.about.tags};
  ring_.insert(std::ranges::upper_bound(ring_, who), who);
  deck_.insert(deck_.begin() + static_cast<std::ptrdiff_t>(random_() % (deck_.size() + 1)), who);
  names_[seen.name].insert(who);
  endpoints_[seen.endpoint].insert(who);
  want(intent::what::link, who, seen.endpoint);
  report(change::joined, who, seen.name);
  claim(all, who, now);
}

void detector::exit(replica_id who, sight& seen, const member* one) {
  const auto drop = [who](auto& claims, const std::string& key) {
    const auto found = claims.find(key);
    if (found != claims.end() && found->second.erase(who) != 0 && found->second.empty()) claims.erase(found);
  };
  seen.here = false;
  ring_.erase(std::ranges::lower_bound(ring_, who));
  std::erase(deck_, who);
  drop(names_, seen.name);
  drop(endpoints_, seen.endpoint);
  suspicions_.erase(who);
  spared_.erase(who);
  disputes_.erase(who);
  helped_.erase(who);
  known_by_.erase(who);
  silent_.erase(who);
  std::erase_if(probes_, [who](const probe& each) { return each.who == who; });
  want(intent::what::unlink, who);
  // After a restart another process is there already.
  if (const auto found = endpoints_.find(seen.endpoint);
      found != endpoints_.end() && *found->second.begin() != self_)
    want(intent::what::link, *found->second.begin(), seen.endpoint);
  report(one && one->status == status::left ? change::left : change::died, who, seen.name);
}

// Nodes that are cut off take all others for dead, and say so when they are back. A death without a suspicion
// before it is one from elsewhere: the member itself is asked, and has the time to say that it is alive.
bool detector::spare(const members& all, replica_id who, const member* one, instant now) {
  if (!one || one->status != status::dead || suspicions_.contains(who) || leaving_) return false;
  const auto replaced = [&](const auto& claims, const std::string& key) {
    return std::ranges::any_of(claims.at(key), [&](replica_id other) { return other != who; });
  };
  const sight& seen = seen_[who];
  if (replaced(names_, seen.name) || replaced(endpoints_, seen.endpoint)) return false;  // by a restart
  if (!spared_.try_emplace(who, now + mercy * options_.probe_timeout).second) return true;
  report(change::suspected, who, seen.name);
  if (confirms(who)) send_ping(all, who, static_cast<std::uint32_t>(random_()), false);
  return true;
}

void detector::bereave(replica_id who, const member* one, instant now) {
  exit(who, seen_[who], one);
  if (!one || one->status != status::dead) return;
  died_ = now;
  next_retry_ = std::min(next_retry_, now + somewhere(retry_pause(now)));
}

void detector::suspect(const members& all, replica_id who, const member& one, instant now) {
  auto [found, fresh] = suspicions_.try_emplace(who);
  suspicion& held = found->second;
  if (fresh || held.incarnation != one.incarnation) {
    // Those who did not see it themselves wait for those who did, who may be gone.
    const auto jitter = static_cast<std::int64_t>(random_() % 1024);
    held = {one.incarnation, now, 0, false, options_.probe_timeout + options_.probe_timeout * jitter / 512};
    report(change::suspected, who, one.about.name);
  }
  held.accusers = one.accusers.size();
  held.own = std::ranges::binary_search(one.accusers, self_);
  if (fresh && !held.own && options_.lifeguard && confirms(who)) begin(all, who, false, now);
}

bool detector::confirms(replica_id who) const {
  const auto index = [&](replica_id id) {
    return static_cast<std::size_t>(std::ranges::lower_bound(ring_, id) - ring_.begin());
  };
  const std::size_t from = index(who), to = index(self_), n = ring_.size();
  // How many are between the two on the ring, on which this node itself is not.
  const std::size_t between = who < self_ ? to - from - 1 : n - from - 1 + to;
  return between < options_.confirmers;
}

bool detector::older(const members& all, replica_id a, replica_id b) const {
  const auto age = [&](replica_id id) { return std::pair(all.find(id)->about.since, id); };
  return age(a) < age(b);
}

bool detector::refused(const members& all, replica_id who) const {
  const member* one = all.find(who);
  if (!one || !one->here()) return false;
  const auto taken = [&](const auto& claims, const std::string& key) {
    const auto found = claims.find(key);
    return found != claims.end() && std::ranges::any_of(found->second, [&](replica_id other) {
             return other != who && all.find(other) && older(all, other, who);
           });
  };
  return taken(names_, one->about.name) || taken(endpoints_, one->about.endpoint);
}

void detector::claim(const members& all, replica_id who, instant now) {
  const member& one = *all.find(who);
  const auto look = [&](const auto& claims, const std::string& key, bool endpoint) {
    const auto found = claims.find(key);
    if (found == claims.end()) return;
    for (const replica_id other : found->second) {
      if (other != who && all.find(other)) dispute(all, who, other, endpoint, now);
    }
  };
  look(endpoints_, one.about.endpoint, true);
  look(names_, one.about.name, false);
}

void detector::greeted(replica_id who, const std::string& endpoint, instant now) {
  const auto found = endpoints_.find(endpoint);
  if (found != endpoints_.end() && !found->second.contains(who) && disputes_.size() < options_.max_probes)
    disputes_.try_emplace(who, dispute_of{endpoint, now + options_.report_after});
}

void detector::lost(const members& all, const std::string& endpoint, instant now) {
  const auto found = endpoints_.find(endpoint);
  if (found == endpoints_.end() || leaving_) return;
  for (const replica_id who : found->second) {
    if (who != self_ && confirms(who)) begin(all, who, false, now);
  }
}

void detector::dispute(const members& all, replica_id who, replica_id other, bool same_endpoint,
                       instant now) {
  const auto [first, second] = older(all, who, other) ? std::pair(who, other) : std::pair(other, who);
  disputes_.try_emplace(second, dispute_of{all.find(second)->about.endpoint, now + options_.report_after});
  if (second != self_ || leaving_) return;
  // This process is the younger: after a restart the other is gone. At this address it is for sure, unless it
  // comes back; of the name it is asked once.
  if (same_endpoint) {
    if (challenged_.insert(first).second) want(intent::what::bury, first);
  } else if (challenged_.insert(first).second) {
    begin(all, first, true, now);
  }
}

void detector::report_disputes(const members& all, instant now) {
  for (auto each = disputes_.begin(); each != disputes_.end();) {
    if (each->second.due > now) {
      ++each;
      continue;
    }
    const auto [who, over] = *each;
    each = disputes_.erase(each);
    const member* one = all.find(who);
    const auto at_endpoint = endpoints_.find(over.endpoint);
    if (one ? !refused(all, who) : at_endpoint == endpoints_.end()) continue;
    report(change::refused, who,
           fmt::format("the name '{}' or the address {} of {} belongs to another member that is alive: give "
                       "each node its own",
                       one ? one->about.name : std::string(), over.endpoint,
                       who == self_ ? "this node" : "a node"));
  }
}

duration detector::timeout(const suspicion& one) const {
  const std::size_t n = ring_.size() + 1;
  const double growth = std::max(1.0, std::log10(static_cast<double>(n)));
  const double shortest = growth * static_cast<double>(options_.suspicion_min.count());
  double span = shortest;
  const auto most = std::min<std::size_t>(options_.confirmations, n > 2 ? n - 2 : 0);
  if (options_.lifeguard && most > 0) {
    const double longest = shortest * options_.suspicion_spread;
    const auto confirmed = static_cast<double>(std::min(most, one.accusers > 0 ? one.accusers - 1 : 0));
    span = longest - (longest - shortest) * std::log(confirmed + 1) / std::log(static_cast<double>(most) + 1);
  }
  const auto rounded = duration(static_cast<std::int64_t>(span));
  return one.own ? slowed(rounded) : 2 * slowed(rounded) + one.patience;
}

// When the time of a probe, a suspicion or the like is over.
instant detector::next_judgement() const {
  instant first = next_probe_;
  for (const probe& each : probes_) first = std::min(first, each.due);
  for (const relayed& each : relayed_) first = std::min(first, each.due);
  for (const auto& [who, each] : suspicions_) first = std::min(first, due(each));
  for (const auto& [who, until] : spared_) first = std::min(first, until);
  return first;
}

std::vector<intent> detector::take(instant now) {
  promised_ = std::max(now, next_judgement());  // a confirmation brings times forward, even to before now
  return std::exchange(intents_, {});
}

void detector::awake(instant now) {
  if (!options_.lifeguard || promised_ + options_.late >= now) return;
  // This process stood still, so what others did meanwhile is not known: its time has stood still, too.
  const duration missed = now - promised_ + options_.direct_timeout;
  for (probe& each : probes_) each.due += missed, each.end += missed;
  for (relayed& each : relayed_) each.due += missed;
  for (auto& [who, each] : suspicions_) each.since += missed;
  for (auto& [who, until] : spared_) until += missed;
  next_probe_ += missed;
  worse();
}

instant detector::next() const {
  instant first = std::min({next_judgement(), next_retry_, next_renewal_, next_forget_});
  for (const auto& [who, over] : disputes_) first = std::min(first, over.due);
  return first;
}

void detector::tick(const members& all, instant now) {
  awake(now);
  for (std::size_t i = 0; i < probes_.size(); ++i) {
    if (probes_[i].due <= now && !probes_[i].indirect && probes_[i].end > now) ask_others(all, probes_[i]);
  }
  std::vector<probe> failed;
  std::erase_if(probes_, [&](probe& each) {
    const bool over = each.end <= now;
    if (over) failed.push_back(std::move(each));
    return over;
  });
  for (const probe& each : failed) fail(each);
  std::erase_if(relayed_, [&](relayed& each) {
    if (each.due > now) return false;
    if (each.nacked) return true;
    each.nacked = true;
    each.due = now + options_.probe_timeout;
    send(each.asker, kind::nack, nack{each.theirs});
    return false;
  });
  for (auto& [who, each] : suspicions_) {
    if (due(each) > now) continue;
    want(intent::what::bury, who);
    each.since = now;  // its burial ends this
  }
  for (auto each = spared_.begin(); each != spared_.end();) {
    const auto [who, until] = *each++;
    if (until <= now) bereave(who, all.find(who), now);
  }
  if (next_probe_ <= now) probe_next(all, now);
  if (next_retry_ <= now) {
    next_retry_ = now + retry_pause(now);
    greet_dead(all, 1);
  }
  if (next_renewal_ <= now) {
    next_renewal_ = now + options_.forget / 4;
    if (!leaving_) want(intent::what::announce, self_);
  }
  if (next_forget_ <= now) {
    next_forget_ = now + options_.forget / 16;
    if (ring_.empty() || self_ < ring_.front()) want(intent::what::forget, self_);
  }
  report_disputes(all, now);
}

// A partition that just began is more likely to end soon than an old one. Any one contact brings the halves
// together, so what counts is how often all members together greet.
duration detector::retry_pause(instant now) const {
  const auto crowd = static_cast<std::int64_t>(ring_.size() / retry_crowd);
  const duration least = options_.retry_min * std::max<std::int64_t>(crowd, 1);
  return std::min(options_.retry, std::max(least, (now - died_) / retry_growth));
}

void detector::greet_dead(const members& all, std::size_t most) {
  if (leaving_) return;
  std::vector<std::string> dead;
  for (const auto& [who, seen] : seen_) {
    const member* one = all.find(who);
    if (one && one->status == status::dead && one->told.value != 0 &&
        !endpoints_.contains(one->about.endpoint))
      dead.push_back(one->about.endpoint);
  }
  for (; most > 0 && !dead.empty(); --most) {
    std::swap(dead[random_() % dead.size()], dead.back());
    want(intent::what::greet, {}, dead.back());
    dead.pop_back();
  }
}

void detector::reconnect(const members& all) { greet_dead(all, reconnect_greetings); }

void detector::leave(std::uint64_t sequence, instant now) {
  leaving_ = now + options_.leave_timeout;
  last_sequence_ = sequence;
  next_probe_ = now + handover_pause;
}

bool detector::left(instant now) const {
  if (!leaving_) return false;
  const auto has_all = [this](const auto& each) { return each.second >= last_sequence_; };
  const auto informed = static_cast<std::size_t>(std::ranges::count_if(known_by_, has_all));
  // Who says nothing is not waited for, as long as somebody has them.
  const std::size_t wanted = std::min(options_.handover, ring_.size() - silent_.size());
  return *leaving_ <= now || informed >= (ring_.empty() ? 0 : std::max<std::size_t>(wanted, 1));
}

void detector::probe_next(const members& all, instant now) {
  next_probe_ = now + slowed(options_.probe_interval);
  if (leaving_) next_probe_ = now + handover_pause;
  if (ring_.empty()) return;
  if (!leaving_) {
    const auto next = std::ranges::upper_bound(ring_, self_);
    begin(all, next == ring_.end() ? ring_.front() : *next, false, now);
    if (turn_-- != 0) return;
    turn_ = std::max(1u, options_.strangers) - 1;
  }
  if (deck_.empty()) {
    deck_ = ring_;
    for (std::size_t left = deck_.size(); left > 1; --left)
      std::swap(deck_[left - 1], deck_[random_() % left]);
  }
  const replica_id who = deck_.back();
  deck_.pop_back();
  begin(all, who, false, now);
}

}  // namespace hearsay::inline v0::membership
