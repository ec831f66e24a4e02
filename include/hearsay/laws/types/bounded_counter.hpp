// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/crdt/bounded_counter.hpp"
#include "hearsay/laws/mutate.hpp"

namespace hearsay::inline v0::laws {

/// The increments without the decrements, of those operations that the deltas seen tell of; and the rights of
/// the first replicas. The model does not stop at zero, so it finds a state of which more was taken than is
/// known to have been there.
template <>
struct model<bounded_counter> {
  enum kind : std::size_t { increment, decrement, transfer };
  struct op {
    std::size_t what;
    std::uint64_t amount;
    std::size_t to;  // a replica, as in issued::replica
  };
  static constexpr std::size_t replicas = 3;

  static op draw(source& c) {
    const auto what = c.weighted(std::array<std::uint64_t, 3>{3, 4, 3});
    const auto amount = 1 + c.below(std::min<std::uint64_t>(c.elements(), 3));
    return {what, amount, what == transfer ? c.below(replicas) : 0};
  }

  using all_issued = std::span<const issued<op>>;

  static std::int64_t amount(const issued<op>& one) { return static_cast<std::int64_t>(one.what.amount); }

  static std::int64_t rights(all_issued all, const operation_set& known, std::size_t of) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!known.test(i)) continue;
      const auto& [what, size, to] = all[i].what;
      if (what == transfer && to == of) sum += amount(all[i]);
      if (all[i].replica == of) sum += what == increment ? amount(all[i]) : -amount(all[i]);
    }
    return sum;
  }

  /// Per operation those that its delta tells of; none if the operation was refused. A sum tells of all that
  /// went into it. Who spends more than its own increments tells of all increments that it knows.
  static std::vector<operation_set> told(all_issued all) {
    std::vector<operation_set> result(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& me = all[i];
      const auto known = known_by(me.saw, result);
      const bool spends = me.what.what != increment;
      const bool to_itself = me.what.what == transfer && me.what.to == me.replica;
      if (to_itself || (spends && rights(all, known, me.replica) < amount(me))) continue;
      std::int64_t own = 0;  // increments that this replica has not spent yet
      for (std::size_t j = 0; j < i; ++j) {
        if (result[j].none() || all[j].replica != me.replica) continue;
        const auto& other = all[j].what;
        const bool same = other.what == me.what.what && (other.what != transfer || other.to == me.what.to);
        if (same || other.what == increment) result[i].set(j);
        own += other.what == increment ? amount(all[j]) : -amount(all[j]);
      }
      for (std::size_t j = 0; spends && own < amount(me) && j < i; ++j) {
        if (known.test(j) && all[j].what.what == increment) result[i].set(j);
      }
      result[i].set(i);
    }
    return result;
  }

  static operation_set known_by(const operation_set& seen, const std::vector<operation_set>& told) {
    operation_set known;
    for (std::size_t i = 0; i < told.size(); ++i) {
      if (seen.test(i)) known |= told[i];
    }
    return known;
  }

  using outcome = std::pair<std::int64_t, std::vector<std::int64_t>>;

  static outcome expected(all_issued all, const operation_set& seen) {
    const auto known = known_by(seen, told(all));
    outcome result;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (!known.test(i) || all[i].what.what == transfer) continue;
      result.first += all[i].what.what == increment ? amount(all[i]) : -amount(all[i]);
    }
    for (std::size_t i = 0; i < replicas; ++i) {
      const auto left = rights(all, known, i);
      result.second.push_back(left < 0 ? 0 : left);
    }
    return result;
  }

  static outcome value(const bounded_counter& x) {
    outcome result{static_cast<std::int64_t>(x.value()), {}};
    for (std::size_t i = 0; i < replicas; ++i) {
      result.second.push_back(static_cast<std::int64_t>(x.rights({i + 1})));
    }
    return result;
  }
};

template <>
struct mutate<bounded_counter> {
  static bounded_counter apply(bounded_counter& x, replica& me, source& c) {
    using as = model<bounded_counter>;
    const auto op = as::draw(c);
    if (op.what == as::increment) {
      c.note("increment({})", op.amount);
      return x.increment(me, op.amount);
    }
    const replica_id to{op.to + 1};
    if (op.what == as::decrement) c.note("decrement({})", op.amount);
    if (op.what == as::transfer) c.note("transfer({}, {})", to, op.amount);
    if (x.rights(me.id()) < op.amount) {
      c.note(", which it has no rights to");
      return {};
    }
    return op.what == as::decrement ? x.decrement(me, op.amount) : x.transfer(me, to, op.amount);
  }
};

}  // namespace hearsay::inline v0::laws
