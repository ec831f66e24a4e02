// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <hearsay/gossip/peers.hpp>

namespace hearsay::inline v0::gossip {
namespace {

constexpr std::size_t glance = 32;  // how many of the next in the deck are looked at

}  // namespace

void peer_table::add_seed(const std::string& endpoint, instant now) {
  peer& one = by_endpoint_[endpoint];
  if (one.endpoint.empty())
    one = {.endpoint = endpoint, .id = {}, .next_hello = now, .hello_pause = options_.hello_min};
  one.seed = true;
  hello_at_ = std::min(hello_at_, one.next_hello);
}

peer* peer_table::greeted(replica_id id, const std::string& endpoint, instant now, bool& fresh) {
  fresh = false;
  auto at = by_endpoint_.find(endpoint);
  if (at == by_endpoint_.end()) {
    if (by_endpoint_.size() - members_ >= options_.max_peers) {
      auto stalest = by_endpoint_.end();
      for (auto each = by_endpoint_.begin(); each != by_endpoint_.end(); ++each) {
        if (each->second.seed || each->second.member || each->second.last_heard + patience() > now) continue;
        if (stalest == by_endpoint_.end() || each->second.last_heard < stalest->second.last_heard)
          stalest = each;
      }
      if (stalest == by_endpoint_.end()) return nullptr;
      drop(stalest->first);
    }
    at = by_endpoint_.emplace(endpoint, peer{.endpoint = endpoint, .id = {}}).first;
  }
  peer& one = at->second;
  if (one.id != id) {
    fresh = true;
    if (one.id != replica_id{}) by_id_.erase(one.id);
    // A process that moved to another endpoint keeps only the new one.
    if (const auto before = by_id_.find(id); before != by_id_.end()) {
      before->second->id = {};
      if (std::exchange(before->second->member, false)) --members_;
      if (!before->second->seed) by_endpoint_.erase(std::string(before->second->endpoint));
    }
    one.id = id;
    if (std::exchange(one.member, false)) --members_;
    one.rtt = {};
    one.agreed = 0;
    one.demoted_until = {};
    by_id_[id] = &one;
    deck_.clear();
  }
  return heard(id, now);
}

peer* peer_table::heard(replica_id id, instant now) {
  peer* one = find(id);
  if (!one) return nullptr;
  one->last_heard = now;
  one->hello_pause = options_.hello_min;
  one->unanswered = 0;
  if (one->member) return one;
  one->next_hello = now + patience();
  hello_at_ = std::min(hello_at_, one->next_hello);
  return one;
}

peer* peer_table::find(replica_id id) {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : found->second;
}

void peer_table::drop(const std::string& endpoint) {
  const auto found = by_endpoint_.find(endpoint);
  if (found == by_endpoint_.end()) return;
  by_id_.erase(found->second.id);
  if (found->second.member) --members_;
  by_endpoint_.erase(found);
}

void peer_table::link(replica_id id, const std::string& endpoint, std::size_t most, instant now) {
  peer* one = find(id);
  if (!one || one->endpoint != endpoint) {
    if (members_ >= most) return;
    by_endpoint_.try_emplace(endpoint,
                             peer{.endpoint = endpoint, .id = {}, .hello_pause = options_.hello_min});
    bool fresh = false;
    one = greeted(id, endpoint, now, fresh);
  }
  if (!std::exchange(one->member, true)) ++members_;
  one->next_hello = instant::max();
}

void peer_table::unlink(replica_id id, instant now) {
  peer* one = find(id);
  if (!one || !one->member) return;
  if (!one->seed) {
    drop(std::string(one->endpoint));
    return;
  }
  by_id_.erase(id);
  one->id = {};
  one->member = false;
  --members_;
  one->next_hello = now + one->hello_pause;
  hello_at_ = std::min(hello_at_, one->next_hello);
}

peer* peer_table::draw(generator& random, std::uint64_t hash, instant now) {
  const auto differs = [&](replica_id id) {
    const peer* one = find(id);
    return one && one->demoted_until <= now && one->agreed != hash;
  };
  for (int pass = 0; pass < 2; ++pass) {
    const auto end = deck_.rbegin() + static_cast<std::ptrdiff_t>(std::min(glance, deck_.size()));
    if (const auto found = std::find_if(deck_.rbegin(), end, differs); found != end)
      std::iter_swap(found, deck_.rbegin());
    while (!deck_.empty()) {
      peer* one = find(deck_.back());
      deck_.pop_back();
      if (one && one->demoted_until <= now) return one;
    }
    for (const auto& [id, one] : by_id_) deck_.push_back(id);
    for (std::size_t left = deck_.size(); left > 1; --left)
      std::swap(deck_[left - 1], deck_[random() % left]);
  }
  return nullptr;
}

std::vector<peer*> peer_table::due_for_hello(generator& random, instant now) {
  if (hello_at_ > now) return {};
  std::erase_if(by_endpoint_, [&](const auto& each) {
    const peer& one = each.second;
    const bool gone = !one.seed && !one.member && one.last_heard + options_.forget_peer <= now;
    if (gone) by_id_.erase(one.id);
    return gone;
  });
  std::vector<peer*> due;
  hello_at_ = instant::max();
  for (auto& [endpoint, one] : by_endpoint_) {
    if (one.next_hello > now) {
      hello_at_ = std::min(hello_at_, one.next_hello);
      continue;
    }
    due.push_back(&one);
    ++one.unanswered;
    // A quarter of jitter, so that peers which lost each other together do not greet together.
    const auto jitter = static_cast<std::int64_t>(random() % 1024);
    one.next_hello = now + one.hello_pause + one.hello_pause * jitter / 4096;
    one.hello_pause = std::min(one.hello_pause * 2, options_.hello_max);
    hello_at_ = std::min(hello_at_, one.next_hello);
  }
  return due;
}

void peer_table::greet_all(instant now) {
  for (auto& [endpoint, one] : by_endpoint_) {
    if (one.member) continue;
    one.next_hello = now;
    one.hello_pause = options_.hello_min;
    hello_at_ = now;
  }
}

duration peer_table::patience() const {
  return std::max(options_.silence, 3 * options_.round_max * static_cast<std::int64_t>(by_endpoint_.size()));
}

}  // namespace hearsay::inline v0::gossip
