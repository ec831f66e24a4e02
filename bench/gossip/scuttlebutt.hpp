// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <hearsay/crdt.hpp>
#include <memory>
#include <utility>
#include <vector>

#include "network.hpp"

namespace bench {

/// Scuttlebutt reconciliation (van Renesse et al., "Efficient Reconciliation and Flow Control for
/// Anti-Entropy Protocols", 2008) of deltas, as in Enes et al. (2019): a round sends the version vector, and
/// the answer is the deltas that are missing there, one by one. Nodes are named by number, which makes
/// vectors shorter than with ids.
template <class Workload>
class scuttlebutt {
 public:
  using type = typename Workload::type;
  using vector = std::vector<std::uint64_t>;
  struct options {
    bool push = false;    ///< the answer has the answerer's vector, and is answered by what that lacks
    bool matrix = false;  ///< the vectors of all nodes are sent, so that what all know can be forgotten
  };
  struct delta {
    std::size_t origin;
    std::uint64_t number;
    shared_parcel<Workload> body;
  };
  struct message {
    std::vector<vector> vectors{};  // the sender's, or those of all
    bool answered = false;          // these vectors are part of an answer
    std::vector<delta> deltas{};

    traffic cost() const {
      traffic sum{.digests = vectors.empty() ? 0 : hearsay::wire::encode(vectors).size()};
      for (const delta& each : deltas) {
        sum.elements += each.body->elements;
        sum.payload += each.body->bytes;
        sum.other += hearsay::wire::encode(std::pair(each.origin, each.number)).size();
      }
      return sum;
    }
  };
  using outbox = std::vector<std::pair<std::size_t, message>>;

  scuttlebutt(std::size_t self, const std::vector<std::size_t>&, std::size_t nodes, const options& o)
      : self_(self), options_(o), known_(nodes, vector(nodes)), lanes_(nodes) {}

  template <class Change>
  void update(Change&& change) {
    keep(self_, std::make_shared<parcel<Workload>>(change(state_)));
  }

  void tick(const std::vector<std::size_t>& peers, outbox& out) {
    for (const std::size_t to : peers) out.push_back({to, {.vectors = vectors()}});
  }

  type receive(std::size_t from, const message& heard, outbox& out) {
    type news;
    for (const delta& each : heard.deltas) {
      if (each.number != known_[self_][each.origin] + 1) continue;
      news.merge(state_.absorb(each.body->state));
      keep(each.origin, each.body);
    }
    if (heard.vectors.empty()) return news;
    learn(heard.vectors);
    const vector& theirs = options_.matrix ? heard.vectors[from] : heard.vectors[0];
    message answer{.deltas = missing(theirs)};
    if (options_.push && !heard.answered && behind(theirs)) {
      answer.vectors = vectors();
      answer.answered = true;
    }
    if (!answer.deltas.empty() || !answer.vectors.empty()) out.push_back({from, std::move(answer)});
    return news;
  }

  const type& state() const { return state_; }
  std::size_t buffer_bytes() const { return bytes_; }
  bool idle() const { return true; }

 private:
  struct lane {  // the deltas of one origin
    std::uint64_t floor = 0;
    std::deque<shared_parcel<Workload>> kept{};
  };

  std::vector<vector> vectors() const {
    return options_.matrix ? known_ : std::vector<vector>{known_[self_]};
  }

  bool behind(const vector& theirs) const {
    return !std::ranges::equal(known_[self_], theirs, [](auto own, auto other) { return own >= other; });
  }

  void keep(std::size_t origin, shared_parcel<Workload> body) {
    ++known_[self_][origin];
    bytes_ += body->bytes;
    lanes_[origin].kept.push_back(std::move(body));
  }

  std::vector<delta> missing(const vector& theirs) const {
    std::vector<delta> all;
    for (std::size_t origin = 0; origin < lanes_.size(); ++origin) {
      const lane& here = lanes_[origin];
      // Since they sent this vector they may have told others of a later one, and what all know is forgotten.
      for (std::uint64_t number = std::max(theirs[origin], here.floor) + 1; number <= known_[self_][origin];
           ++number) {
        all.push_back({origin, number, here.kept[static_cast<std::size_t>(number - 1 - here.floor)]});
      }
    }
    return all;
  }

  // What everybody is known to have, nobody will ask for.
  void learn(const std::vector<vector>& told) {
    if (!options_.matrix) return;
    for (std::size_t node = 0; node < known_.size(); ++node) {
      if (node == self_) continue;
      for (std::size_t origin = 0; origin < known_.size(); ++origin) {
        known_[node][origin] = std::max(known_[node][origin], told[node][origin]);
      }
    }
    for (std::size_t origin = 0; origin < lanes_.size(); ++origin) {
      lane& here = lanes_[origin];
      const auto by_all = std::ranges::min(known_, {}, [&](const vector& v) { return v[origin]; })[origin];
      for (; here.floor < by_all; ++here.floor) {
        bytes_ -= here.kept.front()->bytes;
        here.kept.pop_front();
      }
    }
  }

  std::size_t self_;
  options options_;
  type state_;
  std::vector<vector> known_;  // by node: what it is known to know
  std::vector<lane> lanes_;    // by origin
  std::size_t bytes_ = 0;
};

}  // namespace bench
