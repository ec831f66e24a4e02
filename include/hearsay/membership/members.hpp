// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/membership/member.hpp"

namespace hearsay::inline v0::membership {

/// Who belongs to a cluster, and what is believed of each: a lattice, so that accusations and refutations end
/// in the same view in whatever order they come.
///
///     hearsay::replica alice, bob;
///     hearsay::membership::members here, there;
///     there.merge(here.announce(alice, {.name = "a", .endpoint = "tcp://127.0.0.1:7400"}));
///     here.merge(there.accuse(bob, alice.id()));  // suspect
///     there.merge(here.refute(alice));            // alive
///
/// A member is one process, named by its replica id; a restarted process is another. Of a member the largest
/// (incarnation, status) wins, as in SWIM (Das, Gupta and Motivala, 2002), and beside it the latest profile.
/// An incarnation is a stamp of the member's own hybrid logical clock, so it also tells how old the news is:
/// what is not above the `horizon` is forgotten, here and wherever that horizon comes. For the order of two
/// incarnations nothing below the horizon matters, so forgetting is a merge like any other. Live members
/// renew their incarnation long before.
///
/// Suspicions of one incarnation are counted by who uttered them: the `max_accusers` lowest ids.
/// Below, n is the number of members.
class members {
 public:
  static constexpr std::string_view crdt_name = "members";
  using map = std::map<replica_id, member>;

  /// @name Mutators: each returns the delta, bottom where nothing is to be said.
  /// @{

  /// `by` is alive, and this is its profile. Throws std::invalid_argument for a profile with a fault (see
  /// `profile::fault`). O(log n).
  members announce(replica& by, profile about);
  /// `by` is alive, whatever was said of it; bottom if it has announced nothing that is remembered. O(log n).
  members refute(replica& by);
  /// `by` changes its tags; bottom if they are those, or it has announced nothing. Throws
  /// std::invalid_argument if they are too long. O(log n).
  members retag(replica& by, tag_map tags);
  /// `by` goes. Not taken back but by `announce`. O(log n).
  members leave(replica& by);
  /// `by` has no answer from a member in this incarnation. O(log n).
  members accuse(replica& by, replica_id who);
  /// A member is dead in this incarnation. O(log n).
  members bury(replica& by, replica_id who);
  /// Forgets the members whose last incarnation is not above `before`, but none that is here, nor what is
  /// younger than one who is. Bottom if that is nobody. O(n).
  members forget(replica& by, timestamp before);
  /// @}

  /// All that is remembered, by id.
  const map& all() const noexcept { return members_; }
  /// Nothing if it was never heard of, or is forgotten. O(log n).
  const member* find(replica_id who) const;
  /// Incarnations up to this one are forgotten.
  timestamp horizon() const noexcept { return horizon_; }

  bool is_bottom() const noexcept { return members_.empty() && horizon_ == timestamp{}; }
  hearsay::metrics metrics() const;
  /// The latest stamp of anything in here. O(n).
  timestamp newest() const;
  friend bool operator==(const members&, const members&) = default;

  /// Joins `other` into this. O(m log n) for m members of `other`, and O(n) if its horizon is higher.
  void merge(const members& other) { join(other, nullptr); }
  /// Merges `delta` and returns what of it was news.
  members absorb(const members& delta) {
    members news;
    join(delta, &news);
    return news;
  }

  /// The next part, in the order of ids; the cursor's first number is the next id.
  members part(cursor& at, std::size_t max_bytes) const;

  fmt::appender print(fmt::appender out) const;

  /// The horizon, and the members ascending by id.
  template <class Archive>
  void save(Archive& archive) const {
    archive(cereal::make_nvp("horizon", horizon_));
    const auto save_members = [&](auto& out) {
      for (const auto& [id, one] : members_) out(row{id, one});
    };
    archive(cereal::make_nvp("members", detail::saved_sequence{members_.size(), save_members}));
  }
  template <class Archive>
  void load(Archive& archive) {
    members fresh;
    archive(cereal::make_nvp("horizon", fresh.horizon_));
    const auto load_members = [&](auto& in, std::uint64_t size) {
      for (; size != 0; --size) {
        row next;
        in(next);
        fresh.append(std::move(next.first), std::move(next.second));
      }
    };
    archive(cereal::make_nvp("members", detail::loaded_sequence{load_members}));
    *this = std::move(fresh);
  }

 private:
  using row = std::pair<replica_id, member>;

  void append(replica_id id, member one);  // throws decode_error
  void join(const members& other, members* news);
  void raise_horizon(timestamp to);
  timestamp floor_of(const member& one) const;

  timestamp horizon_;
  map members_;
};

}  // namespace hearsay::inline v0::membership
