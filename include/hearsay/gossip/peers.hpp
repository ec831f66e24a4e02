// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <hearsay/crdt/replica.hpp>
#include <hearsay/gossip/options.hpp>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace hearsay::inline v0::gossip {

/// Another node, as this one knows it.
struct peer {
  std::string endpoint;
  replica_id id;  ///< zero until it said hello
  bool seed = false;
  bool member = false;  ///< watched by the failure detector, so it is not greeted
  instant last_heard{0};
  instant next_hello{0};
  duration hello_pause{0};
  unsigned unanswered = 0;  ///< hellos since it was last heard
  instant demoted_until{0};
  duration rtt{0};           ///< zero until measured
  std::uint64_t agreed = 0;  ///< hash of the version vector when both last had the same one
};

/// The known peers, and the deck from which rounds draw them: shuffled, each once before any comes again.
class peer_table {
 public:
  using generator = std::mt19937_64;

  explicit peer_table(const options& options) : options_(options) {}

  /// An endpoint to greet although nobody was heard from it. An endpoint known before just becomes a seed.
  void add_seed(const std::string& endpoint, instant now);
  /// A hello came: the peer is at `endpoint` now. Nothing if the table is full of livelier peers. `fresh`
  /// tells whether it was unknown, or is another process at a known endpoint.
  peer* greeted(replica_id id, const std::string& endpoint, instant now, bool& fresh);
  /// The peer of that id, marked as heard from; nothing if it has not said hello.
  peer* heard(replica_id id, instant now);
  peer* find(replica_id id);
  void drop(const std::string& endpoint);
  /// A member of that id is at `endpoint`. Nothing happens if there are `most` members already.
  void link(replica_id id, const std::string& endpoint, std::size_t most, instant now);
  /// It is no member any more: dropped, but greeted again and again if it is a seed.
  void unlink(replica_id id, instant now);

  /// The next peer for a round, if possible one who has not agreed on the vector of this hash; nothing if
  /// there is none.
  peer* draw(generator& random, std::uint64_t hash, instant now);
  /// Has this one drawn next. O(n).
  void prefer(replica_id id) {
    std::erase(deck_, id);
    deck_.push_back(id);
  }

  /// Peers to greet now; each comes again after its pause, which doubles while it does not answer.
  std::vector<peer*> due_for_hello(generator& random, instant now);
  /// All that are greeted at all are due now.
  void greet_all(instant now);
  /// When the next hello is due; `instant::max()` if none is.
  instant next_hello() const { return hello_at_; }

  const std::map<std::string, peer>& all() const { return by_endpoint_; }
  std::size_t known() const { return by_id_.size(); }

 private:
  /// The longest time in which a live peer in an idle cluster is heard from once.
  duration patience() const;

  const options& options_;
  std::map<std::string, peer> by_endpoint_;
  std::map<replica_id, peer*> by_id_;
  std::vector<replica_id> deck_;
  std::size_t members_ = 0;
  instant hello_at_ = instant::max();  // no hello is due before
};

}  // namespace hearsay::inline v0::gossip
