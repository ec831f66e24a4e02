// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/detail/turns.hpp"
#include "hearsay/crdt/dot.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/metrics.hpp"

namespace hearsay::inline v0 {

namespace detail {
struct causal_access;
}

/// What the observed-remove types are made of, and the base of each: a causal context, and a store of what is
/// there now, each piece of it under the dot of the event that put it there. The dots in the store, those
/// *alive*, are a subset of the context; the rest of the context is what has been seen and is dead.
///
/// Merge keeps a dot unless the other side has seen it and holds it no longer (the optimized OR-set of
/// Bieniusa et al., 2012, as the causal CRDT of Almeida, Shoker and Baquero, "Delta State Replicated Data
/// Types", 2018). It costs what the delta is long: stores find their contents by dot.
///
/// Every type made of it can be a value of an or_map; the values of one map share the context of the map.
template <class Self, class Store>
class causal {
 public:
  causal() = default;
  causal(const causal&) = default;
  causal(causal&&) noexcept = default;
  causal& operator=(const causal& other) {
    if (this != &other) *this = causal(other);
    return *this;
  }
  causal& operator=(causal&&) noexcept = default;

  /// The dots of all events that this state has seen.
  const causal_context& context() const noexcept { return context_; }

  /// Whether nothing ever happened.
  bool is_bottom() const noexcept { return context_.empty(); }

  /// What the holder of a context lacks: the events that it has not seen, alive or dead. (A context does not
  /// tell what is alive, so the removal of what the holder has seen is no part of it.) Costs what it returns,
  /// and O(r log r) for r replicas.
  Self missing_from(const causal_context& seen) const { return restrict(context_.minus(seen)); }

  hearsay::metrics metrics() const {
    return {store_.size(), store_.items(), context_.replicas(), context_.intervals(),
            sizeof(Self) + context_.heap() + store_.heap()};
  }

  /// Equal are states that have seen the same events and hold the same of them. O(n).
  friend bool operator==(const causal& a, const causal& b) {
    bool equal = a.store_.items() == b.store_.items() && a.context_ == b.context_;
    if (equal) {
      a.for_each_in_order([&](replica_id by, interval run, auto leaf) {
        equal = equal && b.store_.holds(by, run, a.store_, leaf);
        return equal;
      });
    }
    return equal;
  }

  /// Joins `other` into this state. Costs what `other` is long, not what this state is long; O(r) for r
  /// replicas if both have seen the same and hold the same. Throws collision_error where a dot names
  /// something else in `other`. If it throws, or memory runs out, a part of `other` may have been joined, as
  /// if only that had come.
  void merge(const Self& other) { join(other, nullptr); }

  /// Merges `delta` and returns what of it was news: events not seen before, and the end of what was here.
  Self absorb(const Self& delta) {
    causal_context news;
    join(delta, &news);
    return delta.restrict(news);
  }

  /// The next part, in dot order; the cursor holds the replica and the counter of the dot to go on from.
  Self part(cursor& at, std::size_t max_bytes) const {
    constexpr std::size_t interval_bytes = 12;  // an id, or two long varints
    Self out;
    detail::size_counter size;
    dot from{{at.first}, at.second};
    for (std::size_t intervals = 0; !at.end; ++intervals) {
      const auto found = context_.next_interval(from);
      at.end = !found;
      if (!found || (intervals != 0 && size.bytes() + intervals * interval_bytes >= max_bytes)) break;
      const auto by = found->by;
      auto within = found->counters;
      if (by == from.by) within.lo = std::max(within.lo, from.counter);
      store_.for_each_item(by, within, [&](interval run, auto leaf) {
        store_.measure(size, leaf);
        if (size.bytes() >= max_bytes) within.hi = run.hi;
        return size.bytes() < max_bytes;
      });
      out.store_.adopt(by, within, store_);
      out.context_.insert(by, within);
      const bool last_counter = within.hi == std::numeric_limits<std::uint64_t>::max();
      from = last_counter ? dot{{by.value + 1}, 0} : dot{by, within.hi + 1};
      at.end = from.by < by;  // the last dot of all
    }
    at.end = at.end || !context_.next_interval(from);
    at.first = from.by.value;
    at.second = from.counter;
    return out;
  }

  /// Calls `f(replica_id, alive)` for each replica in the context: whether one of its dots is alive.
  /// O(r log n) for r replicas.
  template <class F>
  void for_each_writer(F&& f) const {
    std::optional<replica_id> last;
    context_.for_each_interval([&](replica_id by, interval) {
      if (last != by) f(by, any_alive(by));
      last = by;
    });
  }

  /// Takes the replicas out of the context of whom no dot is alive and `gone(replica_id)` is true: see
  /// hearsay::forget_writers. O(r log n).
  template <class Gone>
  void forget_writers(const Gone& gone) {
    causal_context kept;
    context_.for_each_interval([&](replica_id by, interval seen) {
      if (!gone(by) || any_alive(by)) kept.insert(by, seen);
    });
    context_ = std::move(kept);
  }

  /// The context; then, over its dots in dot order and by turns, how many are alive and how many are dead,
  /// without the last such number; then what is alive, in dot order.
  template <class Archive>
  void save(Archive& archive) const {
    detail::turns turns;
    context_.for_each_interval([&](replica_id by, interval within) {
      auto next_counter = within.lo;
      store_.for_each_item(by, within, [&](interval run, auto) {
        turns.extend(false, run.lo - next_counter);
        turns.extend(true, run.hi - run.lo + 1);
        next_counter = run.hi + 1;
      });
      turns.extend(false, within.hi + 1 - next_counter);
    });
    const auto save_turns = [&](auto& out) {
      for (const auto turn : turns.lengths()) out(turn);
    };
    const auto save_items = [&](auto& out) {
      typename Store::saved saved;
      for_each_in_order(
          [&](replica_id, interval run, auto leaf) { store_.save_item(out, saved, run, leaf); });
    };
    archive(cereal::make_nvp("context", context_));
    archive(cereal::make_nvp("alive_dead", detail::saved_sequence{turns.lengths().size(), save_turns}));
    archive(cereal::make_nvp("items", detail::saved_sequence{store_.items(), save_items}));
  }

  template <class Archive>
  void load(Archive& archive) {
    Self fresh;
    auto& context = fresh.context_;
    archive(cereal::make_nvp("context", context));
    detail::turns turns;
    detail::turns::total dots = 0;
    context.for_each_interval([&](replica_id, interval seen) { dots += seen.hi - seen.lo + 1; });
    const auto load_turns = [&](auto& in, std::uint64_t size) {
      for (; size != 0; --size) {
        std::uint64_t turn = 0;
        in(turn);
        turns.read(turn, dots);
      }
    };
    const auto load_items = [&](auto& in, std::uint64_t size) {
      const auto alive = turns.alive(dots);
      if (Store::one_by_one ? size != alive : size > alive) {
        throw decode_error("causal state: the items do not fit the dots alive");
      }
      if constexpr (requires { fresh.store_.load_all(in, std::size_t{}, turns, context); }) {
        fresh.store_.load_all(in, static_cast<std::size_t>(size), turns, context);
      } else {
        typename Store::loaded loaded;
        turns.for_each_alive(context, [&](replica_id by, interval run) {
          while (run.lo <= run.hi) {
            if (size-- == 0) throw decode_error("causal state: fewer items than dots alive");
            const auto end = fresh.store_.load_item(in, loaded, by, run);
            if (end == run.hi) break;
            run.lo = end + 1;
          }
        });
        if (size != 0) throw decode_error("causal state: more items than dots alive");
      }
    };
    archive(cereal::make_nvp("alive_dead", detail::loaded_sequence{load_turns}));
    archive(cereal::make_nvp("items", detail::loaded_sequence{load_items}));
    static_cast<Self&>(*this) = std::move(fresh);
  }

 protected:
  /// The part of this state that is about the dots `among`: those of them in the context, and what they hold.
  /// Costs what it returns, and O(log n) an interval.
  Self restrict(const causal_context& among) const {
    Self out;
    out.context_ = context_.intersection(among);
    out.context_.for_each_interval(
        [&](replica_id by, interval within) { out.store_.adopt(by, within, store_); });
    return out;
  }

  causal_context context_;
  Store store_;

 private:
  friend detail::causal_access;

  // Calls f(replica_id, interval, leaf) for all that is alive, in dot order.
  template <class F>
  void for_each_in_order(F&& f) const {
    context_.for_each_interval([&](replica_id by, interval within) {
      store_.for_each_item(by, within, [&](interval run, auto leaf) { return f(by, run, leaf); });
    });
  }

  bool any_alive(replica_id by) const {
    bool any = false;
    store_.for_each_item(by, {1, std::numeric_limits<std::uint64_t>::max()}, [&](interval, auto) {
      any = true;
      return false;
    });
    return any;
  }

  void join(const Self& other, causal_context* news) {
    if (this == &other) return;
    if (is_bottom()) {
      if (news != nullptr) *news = other.context_;
      static_cast<Self&>(*this) = other;
    } else if (!other.store_.is_large()) {
      other.context_.for_each_interval([&](replica_id by, interval seen) {
        context_.for_each_piece(by, seen, [&](interval piece, bool known) {
          if (known) {
            retain(by, piece, other, news);
          } else {
            if (news != nullptr) news->insert(by, piece);
            adopt(by, piece, other);
          }
        });
      });
    } else if (!same_items(other) || context_ != other.context_) {
      join_large(other, news);
    }
    store_.tidy();
  }

  bool same_items(const Self& other) const {
    if constexpr (Store::hashes_all) return store_.hash() == other.store_.hash();
    return false;
  }

  void join_large(const Self& other, causal_context* news) {
    const auto unknown = other.context_.minus(context_);
    other.context_.minus(unknown).for_each_interval(
        [&](replica_id by, interval known) { retain(by, known, other, news); });
    auto all = context_;
    all.merge(unknown);
    if (news != nullptr) news->merge(unknown);
    try {
      store_.adopt_all(unknown, other.store_);
    } catch (...) {
      unknown.for_each_interval([&](replica_id by, interval within) { give_up(by, within); });
      throw;
    }
    context_ = std::move(all);
  }

  // Drops what is alive here with a dot of `by` within the interval, and not alive in `other`.
  void retain(replica_id by, interval within, const Self& other, causal_context* dropped) {
    store_.retain(by, within, other.store_, [&](interval run) {
      if (dropped != nullptr) dropped->insert(by, run);
    });
  }

  // Takes over what `other` has of dots that are unknown here: all, or if that fails nothing.
  void adopt(replica_id by, interval unknown, const Self& other) {
    try {
      store_.adopt(by, unknown, other.store_);
      context_.insert(by, unknown);
    } catch (...) {
      give_up(by, unknown);
      throw;
    }
  }
  void give_up(replica_id by, interval within) {
    store_.retain(by, within, {}, [](interval) {});
  }
};

namespace detail {

/// For what is made of causal types.
struct causal_access {
  static auto& context(auto& x) noexcept { return x.context_; }
  static auto& store(auto& x) noexcept { return x.store_; }
};

}  // namespace detail

}  // namespace hearsay::inline v0
