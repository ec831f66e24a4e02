// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <hearsay/crdt/replica.hpp>
#include <hearsay/gossip/batch_log.hpp>
#include <hearsay/gossip/event.hpp>
#include <hearsay/gossip/message.hpp>
#include <hearsay/gossip/object_table.hpp>
#include <hearsay/gossip/options.hpp>
#include <hearsay/gossip/peers.hpp>
#include <hearsay/gossip/version_vector.hpp>
#include <hearsay/membership/detector.hpp>
#include <hearsay/wire/frame.hpp>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace hearsay::inline v0::gossip {

/// The gossip protocol as a state machine: bytes and time in, bytes and events out.
///
/// It keeps objects, a version vector and a log of batches, and holds to one invariant: where the vector has
/// `n` for an origin, the batches 1 to n of that origin are all part of the objects. Rounds of digests,
/// batches and requests (Scuttlebutt reconciliation, van Renesse et al. 2008, with digests that list only
/// what changed lately) make all engines equal. It does no I/O, reads no clock and starts no thread; only one
/// thread may use it, but for the objects, which bring their own lock. Between two calls drain `poll()`; call
/// `tick` when `next_tick()` comes.
class engine {
 public:
  /// `self` becomes the origin of the batches. All randomness comes from `seed`.
  engine(gossip::options options, replica self, std::uint64_t seed, instant now);
  /// Goes on where another engine ended, as a process that comes back with what it kept: its identity,
  /// objects, version vector and log. The other is good for nothing afterwards.
  engine(gossip::options options, engine&& before, std::uint64_t seed, instant now);
  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  replica& self() { return self_; }
  const replica& self() const { return self_; }
  const gossip::options& options() const { return options_; }

  /// The object of that name and type, made if need be; see `object_table::open`.
  template <crdt T, class Mutex = no_mutex>
  std::shared_ptr<replicated<T, Mutex>> open(const std::string& name) {
    auto object = objects_.open<T, Mutex>(name);
    check_types(object->key());
    return object;
  }

  /// Updates an object: `change(state, self())` returns its delta. For programs of one thread; others call
  /// `replicated::update` and then `touched`.
  template <class T, class Mutex, class Change>
  void update(const std::shared_ptr<replicated<T, Mutex>>& object, Change&& change, instant now) {
    object->update(self_, std::forward<Change>(change), options_.flush_bytes,
                   [&](bool urgent) { touched(object, urgent, now); });
  }
  /// An object was updated: flush it soon, or with the next tick if that is urgent.
  void touched(std::shared_ptr<object> object, bool urgent, instant now);

  /// Takes a frame from the network. Anything but `fault::none` means that it was refused and counted.
  wire::fault receive(std::span<const std::byte> frame, instant now);
  /// Does what is due: flushes, rounds, hellos, retries.
  void tick(instant now);
  /// When `tick` wants to be called next.
  instant next_tick() const;
  /// The next frame to send, oldest first.
  std::optional<outgoing> poll();
  /// The events since the last call; at most 1024 are kept.
  std::vector<event> take_events() { return std::exchange(events_, {}); }

  /// Greets an endpoint as if it were a seed.
  void add_peer(const std::string& endpoint, instant now) { peers_.add_seed(endpoint, now); }
  /// The network is back: greets at once all that would be greeted some time, and begins a round.
  void reconnect(instant now);
  /// The transport has lost its connection to an endpoint. Tells nothing of who is there: it may be asked.
  void lost(const std::string& endpoint, instant now);
  /// Flushes what is pending at once.
  void flush(instant now);

  /// @name Members, with `options::members`; without it there are none
  /// @{

  /// The name of the object that holds them.
  static constexpr const char* members_name = "hearsay.members";
  /// All that is known of members, those that are dead, too.
  const membership::members& known_members() const;
  /// The members that are here, this node too, but none that is refused. O(n log n).
  std::vector<std::pair<replica_id, membership::member>> members() const;
  /// Changes the tags of this node. Throws `std::invalid_argument` if they are too long, `std::logic_error`
  /// without `options::members`.
  void set_tags(membership::tag_map tags, instant now);
  /// This node goes: flushes, says so, and hands over its batches. Throws `std::logic_error` without
  /// `options::members`.
  void leave(instant now);
  /// Whether that is done: enough members have them all, or `leave_timeout` is over.
  bool left(instant now) const { return detector_ && detector_->left(now); }
  /// For each other member that is here, how many of this node's batches it has not told to have.
  std::map<replica_id, std::uint64_t> behind() const;
  const membership::detector* detector() const { return detector_.get(); }
  /// @}

  /// A hash of all objects, equal where the states are; see object_table::hash.
  std::optional<std::uint64_t> hash() const { return objects_.hash(gone()); }
  const version_vector& versions() const { return versions_; }
  const object_table& objects() const { return objects_; }
  const batch_log& log() const { return log_; }
  const peer_table& peers() const { return peers_; }
  const counters& stats() const { return stats_; }
  /// True while updates wait for their flush.
  bool pending() const { return !dirty_.empty(); }
  /// True while objects are being fetched from a peer, chunk by chunk.
  bool transferring() const { return transfer_.has_value(); }

 private:
  struct alone {};  // not yet a member of anything
  engine(alone, gossip::options options, replica self, std::uint64_t seed, instant now);

  struct contact {  // a digest on its way
    replica_id peer;
    instant sent;
    instant until;
    bool crossed = false;  // with something of the peer: what comes from it may be no answer
  };
  struct claim {  // batches asked for
    std::uint64_t sequence;
    instant until;
  };
  struct folded {  // what was known of an origin that was folded away
    std::uint64_t sequence;
    instant until;
  };
  struct transfer {  // whole objects on their way here
    replica_id peer;
    std::uint32_t id = 0;
    std::vector<version_vector::entry> vector;
    std::deque<object_key> wanted{};
    object_key last_offered{};
    bool more = false;  // pages of the offer
    cursor at{};        // in the first of the wanted
    bool open = false;  // how the cursor counts
    instant retry{0};
    unsigned tries = 0;
  };

  // engine.cpp: time, frames, batches
  void send(const std::string& endpoint, kind kind, const auto& body) {
    post(endpoint, kind, wire::encode(body));
  }
  void post(const std::string& endpoint, kind kind, std::span<const std::byte> body);
  template <class Body>
  void dispatch(peer* from, const wire::frame& frame, instant now,
                void (engine::*handle)(peer&, Body, instant));
  void on_hello(replica_id sender, const hello& body, instant now);
  void seal_batch(batch& contents, instant now);
  void raise(replica_id origin, std::uint64_t sequence, instant now);
  enum class outcome : std::uint8_t { merged, future, no_room };
  outcome merge(const object_table::prepared& batch, replica_id from);
  bool credible(timestamp stamp);
  void wake(instant now);
  bool may_retry() const;
  void try_another();
  void tell(event_kind kind, replica_id peer, std::string object, std::string text);
  void check_types(const object_key& key);
  void check_vector(const std::vector<version_vector::entry>& entries) const;
  duration window() const;
  duration wait_for(const peer& peer) const;

  // rounds.cpp: digests and exchanges
  void begin_contact(instant now);
  void on_digest(peer& from, digest body, instant now);
  void on_vector(peer& from, full_vector body, instant now);
  void on_exchange(peer& from, exchange body, instant now);
  std::optional<std::vector<version_vector::entry>> understand(const digest& digest) const;
  void respond(peer& to, const std::vector<version_vector::entry>& theirs, std::uint8_t wishes, bool ranked,
               instant now);
  void request(exchange& body, std::vector<version_vector::entry>& lacking, bool ranked, duration wait,
               instant now);
  bool audit_due(instant now) const { return options_.audit > duration{0} && next_audit_ <= now; }
  bool compared(instant now) const;
  void compare(replica_id with, std::uint32_t all, instant now);
  std::uint32_t short_hash() const { return static_cast<std::uint32_t>(versions_.hash()); }
  void measured(peer& with, duration trip);
  void merge_runs(peer& from, std::vector<origin_run> runs, instant now);
  void add_run(exchange& body, replica_id origin, std::uint64_t known, std::size_t& room);
  std::size_t exchange_room() const;

  // transfer.cpp: whole objects
  void make_offer(const peer& to, const object_key* after, instant now, std::uint32_t number = 0);
  void on_offer(peer& from, offer body, instant now);
  void on_fetch(peer& from, fetch body, instant now);
  void on_chunk(peer& from, chunk body, instant now);
  void next_fetch(instant now);
  void ask_again(instant now);
  void finish_transfer(instant now);

  // folding.cpp: what is left of origins that are no members any more
  std::uint64_t reached(replica_id origin) const;
  bool fading(replica_id origin) const;
  writer_test gone() const {
    return [this](replica_id by) { return fading(by); };
  }
  void fold(instant now);
  void unfold(replica_id origin, instant now);

  // members.cpp: membership
  void join_members(instant now);
  void attend(instant now);
  void carry_out(membership::intent wanted, instant now);
  template <class Change>
  void amend(Change change, instant now);
  void on_watch(const wire::frame& frame, instant now);
  peer* recall(replica_id sender, instant now);

  gossip::options options_;
  replica self_;
  std::uint32_t cluster_;
  std::mt19937_64 random_;

  object_table objects_;
  version_vector versions_;
  recent_changes recent_;
  batch_log log_;
  peer_table peers_;

  std::set<std::shared_ptr<object>, std::less<>> dirty_;
  std::set<object_key> announced_;
  std::optional<instant> flush_at_;
  duration usual_trip_;  // to a peer and back
  duration interval_;
  unsigned eager_ = 0;  // so many contacts before the interval grows
  instant next_round_;
  instant soonest_round_{0};  // that news may begin
  std::uint64_t same_ = 0;    // hash of the vector that a member had, too,
  instant same_at_{0};        // at that time
  instant next_audit_;
  unsigned contacts_left_ = 0;
  unsigned retries_left_ = 0;
  bool news_ = false;  // since the last digest that was answered
  std::optional<contact> contact_;
  std::map<replica_id, claim> claims_;
  std::optional<transfer> transfer_;

  std::shared_ptr<replicated<membership::members>> members_;
  std::unique_ptr<membership::detector> detector_;
  std::shared_ptr<std::vector<replica_id>> said_of_;  // whom something was said of, not yet observed
  timestamp horizon_;                                 // of the members, as observed
  std::vector<replica_id> fading_;                    // who was no member at the last look
  timestamp settled_horizon_;                         // as it was then
  instant next_fold_{0};
  std::map<replica_id, folded> folded_;
  instant young_until_{0};  // a new member tells its address with each round
  timestamp since_;         // when this process first said that it is here

  std::deque<outgoing> outbox_;
  std::vector<event> events_;
  std::set<object_key> conflicts_;
  instant next_other_cluster_{0};
  counters stats_;
};

}  // namespace hearsay::inline v0::gossip
