// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt/bytes.hpp"
#include "hearsay/membership/members.hpp"
#include "hearsay/membership/message.hpp"
#include "hearsay/membership/options.hpp"
#include "hearsay/wire/codec.hpp"
#include "hearsay/wire/limits.hpp"

namespace hearsay::inline v0::membership {

/// What became of a member, as this node sees it.
enum class change : std::uint8_t {
  joined,     ///< it is here, for the first time or again after it was dead
  suspected,  ///< it did not answer somebody
  cleared,    ///< it answered a suspicion
  retagged,   ///< it told another profile
  died,
  left,
  refused,  ///< its name or address belongs to an older member that is alive
};

/// What a detector wants to be done, in the order in which it came to want it.
struct intent {
  enum class what : std::uint8_t {
    announce,  ///< say that this node is here, with its profile
    refute,    ///< say that this node is alive
    accuse,    ///< say that `who` did not answer
    bury,      ///< say that `who` is dead
    forget,    ///< forget who is dead for long
    send,      ///< a frame of `kind` with `body` to `endpoint`
    greet,     ///< say hello to `endpoint`
    link,      ///< `who` is reached at `endpoint`: gossip with it
    unlink,    ///< no gossip with `who` any more
    compare,   ///< `who` has answered, and knows what `all` is a hash of
    report,    ///< tell the program of `change`
  };
  what does;
  replica_id who{};
  std::string text{};  ///< the endpoint, or the report in words
  membership::kind kind{};
  bytes body{};
  membership::change change{};
  std::uint32_t all = 0;
};

/// What a node tells with an answer of the batches that it knows.
struct knowledge {
  std::uint64_t of_asker = 0;  ///< how many of who asked
  std::uint32_t all = 0;       ///< a hash of all
};

/// Decides who is alive: SWIM's direct and indirect probes with Lifeguard's local health, suspicions that
/// shorten with confirmations, and word to the suspect itself (Dadgar, Phillips and Currey, 2018).
///
/// A state machine: it takes frames, time, and the members as they change, and gives intents. It probes the
/// next member on the ring of ids, so that every member is probed once in an interval whatever the size of
/// the cluster, and now and then one as from a shuffled deck, so that no link between two members decides
/// alone. Who hears of a suspicion and is next to the suspect on the ring probes it at once.
class detector {
 public:
  /// `endpoint` and `self` are this node's own. All randomness comes from `seed`.
  detector(const membership::options& options, replica_id self, std::string endpoint, std::uint64_t seed,
           instant now);

  /// Something was said of `who`. O(log n), and O(n) for members that come and go.
  void observe(const members& all, replica_id who, instant now);
  /// Somebody says hello from `endpoint`. If a member that is here stays there, that is reported.
  void greeted(replica_id who, const std::string& endpoint, instant now);
  /// A connection to `endpoint` broke: who is next on the ring to a member there probes it at once.
  void lost(const members& all, const std::string& endpoint, instant now);
  /// The horizon of `all` has risen: some may be forgotten. O(n log n).
  void sweep(const members& all, instant now);
  /// Takes the body of a frame; `known` is what is known here, the batches of its sender in particular.
  /// Throws `decode_error`.
  void receive(const members& all, kind kind, replica_id sender, std::span<const std::byte> body,
               const knowledge& known, const wire::limits& limits, instant now);
  /// Does what is due.
  void tick(const members& all, instant now);
  /// When `tick` wants to be called next. O(probes and suspicions).
  instant next() const;
  /// What came up since the last call: to be called until nothing does, after all others but `next`.
  std::vector<intent> take(instant now);

  /// The network is back: greets some of those that are taken for dead.
  void reconnect(const members& all);
  /// This node goes: nothing is refuted any more, and members are asked until `options::handover` of them
  /// know its batches up to `sequence`, or one does and the others are silent.
  void leave(std::uint64_t sequence, instant now);
  /// Whether they do, or time is up.
  bool left(instant now) const;

  /// Whether it is said to be dead, but was well a moment ago as seen from here, and may still contradict.
  bool spared(replica_id who) const { return spared_.contains(who); }
  /// The members that are here but this one, ascending.
  std::span<const replica_id> others() const { return ring_; }
  /// How many of this node's batches that member has told to have.
  std::uint64_t known_by(replica_id who) const {
    const auto found = known_by_.find(who);
    return found == known_by_.end() ? 0 : found->second;
  }
  /// Whether another member that is here, and is older, has its name or address. O(log n).
  bool refused(const members& all, replica_id who) const;
  /// 0: well; up to `options::max_health`.
  unsigned health() const { return health_; }

 private:
  struct probe {
    std::uint32_t number;
    replica_id who;
    bool indirect = false;
    bool challenge = false;  // for the name, not for its health
    instant due;
    instant end;
    std::vector<replica_id> helpers{};
    std::size_t nacks = 0;
  };
  struct relayed {
    std::uint32_t number;
    std::uint32_t theirs;
    std::string asker;
    replica_id who;
    bool nacked = false;
    instant due;
  };
  struct dispute_of {
    std::string endpoint;
    instant due;  // to be reported
  };
  struct suspicion {
    timestamp incarnation;
    instant since;
    std::size_t accusers = 0;
    bool own = false;
    duration patience;  // on top, of one who is no accuser
  };
  struct sight {  // of another member, as reported
    bool here = false;
    timestamp told;
    std::string name, endpoint;
    tag_map tags;
  };

  void awake(instant now);
  void enter(const members& all, replica_id who, const member& one, instant now);
  bool spare(const members& all, replica_id who, const member* one, instant now);
  void exit(replica_id who, sight& seen, const member* one);
  void bereave(replica_id who, const member* one, instant now);
  void observe_self(const members& all, const member* one, instant now);
  void suspect(const members& all, replica_id who, const member& one, instant now);
  void claim(const members& all, replica_id who, instant now);
  void dispute(const members& all, replica_id who, replica_id other, bool same_endpoint, instant now);
  bool older(const members& all, replica_id a, replica_id b) const;
  bool confirms(replica_id who) const;

  void probe_next(const members& all, instant now);
  void begin(const members& all, replica_id who, bool challenge, instant now);
  void ask_others(const members& all, probe& one);
  void fail(const probe& one);
  void answered(replica_id sender, std::uint32_t number);
  void send_ping(const members& all, replica_id who, std::uint32_t number, bool tell_endpoint);
  void send(const std::string& endpoint, kind kind, const auto& body) {
    intents_.push_back(
        {.does = intent::what::send, .text = endpoint, .kind = kind, .body = wire::encode(body)});
  }
  void want(intent::what does, replica_id who, std::string text = {}) {
    intents_.push_back({.does = does, .who = who, .text = std::move(text)});
  }
  void report(change what, replica_id who, std::string text) {
    intents_.push_back({.does = intent::what::report, .who = who, .text = std::move(text), .change = what});
  }
  timestamp doubt(const members& all, replica_id who) const;
  void worse() { health_ = options_.lifeguard ? std::min(health_ + 1, options_.max_health) : 0; }
  duration somewhere(duration span) {
    return duration(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(span.count() + 1)));
  }
  duration retry_pause(instant now) const;
  duration slowed(duration span) const { return span * static_cast<std::int64_t>(health_ + 1); }
  duration timeout(const suspicion& one) const;
  instant due(const suspicion& one) const { return one.since + timeout(one); }
  instant next_judgement() const;
  void greet_dead(const members& all, std::size_t most);
  void report_disputes(const members& all, instant now);

  const membership::options& options_;
  replica_id self_;
  std::string endpoint_;
  std::mt19937_64 random_;

  std::vector<replica_id> ring_;  // who is here, ascending
  std::vector<replica_id> deck_;
  unsigned turn_;  // so many probes on the ring, then one beside it
  std::map<replica_id, sight> seen_;
  std::map<std::string, std::set<replica_id>> names_, endpoints_;  // of who is here, this node too
  std::map<replica_id, dispute_of> disputes_;                      // whose name or address is taken
  std::set<replica_id> challenged_;
  std::map<replica_id, replica_id> helped_;  // who reached it when this node did not
  replica_id reached_{};                     // who answered last

  std::vector<probe> probes_;
  std::vector<relayed> relayed_;
  std::map<replica_id, suspicion> suspicions_;
  std::map<replica_id, instant> spared_;  // until then
  unsigned health_ = 0;

  instant promised_ = instant::max();  // when the next of them was due as seen from the last `take`
  instant next_probe_, next_retry_, next_renewal_, next_forget_;
  instant died_;                    // when the last one did
  std::optional<instant> leaving_;  // until then
  std::uint64_t last_sequence_ = 0;
  std::map<replica_id, std::uint64_t> known_by_;  // of this node's batches, by members that are here
  std::set<replica_id> silent_;                   // of them, who did not answer since this node leaves

  std::vector<intent> intents_;
};

}  // namespace hearsay::inline v0::membership
