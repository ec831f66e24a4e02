// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <hearsay/crdt.hpp>
#include <limits>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "network.hpp"

namespace bench {

/// Delta-intervals (Almeida et al., "Delta State Replicated Data Types", 2018, algorithm 2): a node numbers
/// its own deltas and those that it merged, keeps each until all neighbours have acknowledged it, and sends a
/// neighbour the join of what that has not. As options, what Enes et al. (2019) add: BP does not send a delta
/// back to where it came from, RR keeps only what was news of it.
template <class Workload>
class delta_intervals {
 public:
  using type = typename Workload::type;
  struct options {
    bool back_propagation = true;   ///< false: BP
    bool keep_redundant = true;     ///< false: RR
    bool acknowledge = true;        ///< false: what was sent counts as received, so no message may be lost
    std::size_t max_deltas = 4096;  ///< kept for neighbours; one that lacks older ones gets the whole state
  };
  struct message {
    shared_parcel<Workload> group;  // none: an acknowledgement
    std::uint64_t until = 0;        // number after the last delta of the group; 0: not to be acknowledged
    traffic cost() const {
      const std::size_t number = until == 0 ? 0 : hearsay::wire::encode(until).size();
      return {
          .elements = group ? group->elements : 0, .payload = group ? group->bytes : 0, .digests = number};
    }
  };
  using outbox = std::vector<std::pair<std::size_t, message>>;

  delta_intervals(std::size_t self, const std::vector<std::size_t>& neighbours, std::size_t, const options& o)
      : self_(self), options_(o) {
    for (const std::size_t each : neighbours) acknowledged_[each] = 0;
  }

  template <class Change>
  void update(Change&& change) {
    keep(std::make_shared<parcel<Workload>>(change(state_)), self_);
  }

  void tick(const std::vector<std::size_t>& peers, outbox& out) {
    std::map<std::uint64_t, shared_parcel<Workload>> groups;  // without BP equal for many neighbours
    for (const std::size_t to : peers) {
      auto& known = acknowledged_.at(to);
      if (known == next()) continue;
      shared_parcel<Workload> own;
      auto& group = options_.back_propagation ? groups[known] : own;
      if (!group) group = join(known, to);
      if (!hearsay::is_bottom(group->state)) out.push_back({to, {group, options_.acknowledge ? next() : 0}});
      if (!options_.acknowledge || hearsay::is_bottom(group->state)) known = next();
    }
    forget();
  }

  type receive(std::size_t from, const message& heard, outbox& out) {
    if (!heard.group) {
      auto& known = acknowledged_.at(from);
      known = std::max(known, heard.until);
      forget();
      return {};
    }
    type news = state_.absorb(heard.group->state);
    if (!hearsay::is_bottom(news)) {
      keep(options_.keep_redundant ? heard.group : std::make_shared<parcel<Workload>>(news), from);
    }
    if (heard.until != 0) out.push_back({from, {nullptr, heard.until}});
    return news;
  }

  const type& state() const { return state_; }
  std::size_t buffer_bytes() const { return bytes_; }
  bool idle() const {
    return std::ranges::all_of(acknowledged_, [&](const auto& each) { return each.second == next(); });
  }

 private:
  struct entry {
    shared_parcel<Workload> delta;
    std::size_t from;
  };

  std::uint64_t next() const { return first_ + kept_.size(); }

  void keep(shared_parcel<Workload> delta, std::size_t from) {
    bytes_ += delta->bytes;
    kept_.push_back({std::move(delta), from});
    if (kept_.size() > options_.max_deltas) drop();
  }

  void drop() {
    bytes_ -= kept_.front().delta->bytes;
    kept_.pop_front();
    ++first_;
  }

  shared_parcel<Workload> join(std::uint64_t known, std::size_t to) const {
    if (known < first_) return std::make_shared<parcel<Workload>>(state_);
    type group;
    for (auto i = static_cast<std::size_t>(known - first_); i < kept_.size(); ++i) {
      if (options_.back_propagation || kept_[i].from != to) group.merge(kept_[i].delta->state);
    }
    return std::make_shared<parcel<Workload>>(std::move(group));
  }

  void forget() {
    std::uint64_t all = std::numeric_limits<std::uint64_t>::max();
    for (const auto& each : acknowledged_) all = std::min(all, each.second);
    while (!kept_.empty() && first_ < all) drop();
  }

  std::size_t self_;
  options options_;
  type state_;
  std::deque<entry> kept_;
  std::uint64_t first_ = 0;  // the number of the first kept
  std::size_t bytes_ = 0;
  std::map<std::size_t, std::uint64_t> acknowledged_;  // by neighbour: all before this number
};

}  // namespace bench
