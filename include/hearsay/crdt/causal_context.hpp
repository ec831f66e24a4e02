// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cassert>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <utility>

#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/dot.hpp"
#include "hearsay/crdt/errors.hpp"

namespace hearsay::inline v0 {

/// The set of dots that a state has seen, alive or dead.
///
///     hearsay::causal_context seen;
///     seen.insert({alice.id(), 1});
///     seen.insert({alice.id(), 3});  // a gap: 2 has not come yet
///     seen.max(alice.id());          // 3
///     seen.intervals();              // 2, and 1 once dot 2 is here
///
/// Per replica it keeps intervals of counters that neither overlap nor touch. Where nothing is missing that
/// is one interval a replica, a version vector. The first interval of each replica is in a sorted array, the
/// few others in a map (the split of Almeida, Shoker and Baquero's "Delta State Replicated Data Types", 2018,
/// with intervals for its dot cloud). One interval alone is held in place. Below, n is the number of replicas
/// or of intervals, whichever is larger.
class causal_context {
 public:
  /// Some dots in a row.
  struct run {
    run(replica_id id, std::uint64_t lo, std::uint64_t hi) noexcept : by(id), counters{lo, hi} {}

    replica_id by;
    interval counters;

    friend bool operator==(const run&, const run&) = default;
  };

  causal_context() = default;
  causal_context(const causal_context&) = default;
  causal_context(causal_context&& other) noexcept
      : one_(std::exchange(other.one_, run({}, 0, 0))), many_(std::move(other.many_)) {}
  causal_context& operator=(const causal_context& other) { return *this = causal_context(other); }
  causal_context& operator=(causal_context&& other) noexcept {
    one_ = std::exchange(other.one_, run({}, 0, 0));
    many_ = std::move(other.many_);
    return *this;
  }

  bool empty() const noexcept { return first().empty(); }
  std::size_t replicas() const noexcept { return first().size(); }
  std::size_t intervals() const noexcept { return replicas() + (many_ ? many_->rest.size() : 0); }

  /// How many dots; 2^64 - 1 if there are more. O(n).
  std::uint64_t dots() const {
    std::uint64_t sum = 0;
    for_each_interval([&](replica_id, interval counters) {
      const auto length = counters.hi - counters.lo + 1;
      sum = sum + length < sum ? counter_max : sum + length;
    });
    return sum;
  }

  /// O(log n).
  bool contains(dot which) const {
    const auto found = next_interval(which);
    return found && found->by == which.by && found->counters.lo <= which.counter;
  }

  /// The highest counter of a replica, 0 if there is none. O(log n).
  std::uint64_t max(replica_id by) const {
    const auto all = first();
    const auto at = find(all, by);
    if (at == all.end() || at->by != by) return 0;
    if (many_) {
      const auto above = many_->rest.upper_bound({by, counter_max});
      if (above != many_->rest.begin() && std::prev(above)->first.by == by) return std::prev(above)->second;
    }
    return at->counters.hi;
  }

  /// The counter of a replica's next event. Throws std::overflow_error if there is none left. O(log n).
  std::uint64_t next(replica_id by) const {
    const auto last = max(by);
    if (last == counter_max) throw std::overflow_error("causal_context: no counter is left");
    return last + 1;
  }

  /// Adds a dot, whose counter is not 0; strong guarantee. O(log n), and O(n) for a new replica.
  void insert(dot which) { add(which.by, which.counter, which.counter); }

  /// Adds an interval, 1 <= lo <= hi; strong guarantee. O(log n) and what it swallows, O(n) for a new
  /// replica.
  void insert(replica_id by, interval added) { add(by, added.lo, added.hi); }

  /// Adds all dots of `other`. O(m log n) for m intervals of `other`, O(n + m log n) when it has new
  /// replicas.
  void merge(const causal_context& other) {
    if (this == &other) return;
    if (other.replicas() > 1) {  // one by one, new replicas would cost O(n) each
      entries all;
      all.reserve(replicas() + other.replicas());
      std::ranges::set_union(first(), other.first(), std::back_inserter(all), {}, &run::by, &run::by);
      if (all.size() != replicas()) grown().first = std::move(all);
    }
    other.for_each_interval([this](replica_id by, interval counters) { insert(by, counters); });
  }

  /// Whether all dots of `other` are in here. O(m log n) for m intervals of `other`.
  bool covers(const causal_context& other) const { return other.minus(*this).empty(); }

  /// The dots that are in here and not in `other`. O(n log m) and the answer, for m intervals of `other`.
  causal_context minus(const causal_context& other) const {
    causal_context out;
    for_each_interval([&](replica_id by, interval counters) {
      other.for_each_piece(by, counters, [&](interval piece, bool known) {
        if (!known) out.insert(by, piece);
      });
    });
    return out;
  }

  /// The dots that are in both. O(m log n) and the answer, for m intervals of the one with fewer.
  causal_context intersection(const causal_context& other) const {
    if (other.intervals() < intervals()) return other.intersection(*this);
    causal_context out;
    for_each_interval([&](replica_id by, interval counters) {
      other.for_each_piece(by, counters, [&](interval piece, bool known) {
        if (known) out.insert(by, piece);
      });
    });
    return out;
  }

  /// Calls `f(replica_id, interval)` for every interval, in dot order.
  template <class F>
  void for_each_interval(F&& f) const {
    for_each_replica([&](replica_id by, auto&& each) { each([&](interval counters) { f(by, counters); }); });
  }

  /// The first interval that ends at `from` or after it, in dot order. O(log n).
  std::optional<run> next_interval(dot from) const {
    const auto all = first();
    auto at = find(all, from.by);
    if (at != all.end() && at->by == from.by && at->counters.hi < from.counter) {
      if (many_) {
        const auto& rest = many_->rest;
        auto more = rest.upper_bound(from);
        if (more != rest.begin()) {
          const auto& [start, hi] = *std::prev(more);
          if (start.by == from.by && from.counter <= hi) --more;
        }
        if (more != rest.end() && more->first.by == from.by) {
          return run(from.by, more->first.counter, more->second);
        }
      }
      ++at;
    }
    return at == all.end() ? std::nullopt : std::optional(*at);
  }

  /// Cuts `counters` into the pieces that are in here and those that are not, and calls `f(interval, known)`
  /// for each, ascending. `f` may add the piece to this context. O(log n) a piece.
  template <class F>
  void for_each_piece(replica_id by, interval counters, F&& f) const {
    for (auto lo = counters.lo;;) {
      const auto found = next_interval({by, lo});
      if (!found || found->by != by || counters.hi < found->counters.lo) {
        f(interval{lo, counters.hi}, false);
        return;
      }
      if (lo < found->counters.lo) f(interval{lo, found->counters.lo - 1}, false);
      const auto hi = std::min(found->counters.hi, counters.hi);
      f(interval{std::max(found->counters.lo, lo), hi}, true);
      if (hi == counters.hi) return;
      lo = hi + 1;
    }
  }

  friend bool operator==(const causal_context& a, const causal_context& b) {
    return std::ranges::equal(a.first(), b.first()) && a.intervals() == b.intervals() &&
           (!a.many_ || !b.many_ || a.many_->rest == b.many_->rest);
  }

  /// Bytes on the heap, about.
  std::size_t heap() const noexcept {
    constexpr std::size_t node = sizeof(further::value_type) + 4 * sizeof(void*);
    if (!many_) return 0;
    const auto room = many_->first.capacity();
    return sizeof(body) + (room > in_place ? room * sizeof(run) : 0) + node * many_->rest.size();
  }

  fmt::appender print(fmt::appender out) const {
    *out++ = '{';
    const char* space = "";
    for_each_replica([&](replica_id by, auto&& each) {
      out = fmt::format_to(out, "{}{}:", std::exchange(space, " "), by);
      const char* comma = "";
      each(
          [&](interval counters) { out = fmt::format_to(out, "{}{}", std::exchange(comma, ","), counters); });
    });
    *out++ = '}';
    return out;
  }

  /// Per replica its id, and then by turns how many counters are missing and how many are there.
  template <class Archive>
  void save(Archive& archive) const {
    const auto save_replicas = [&](auto& replicas_out) {
      for_each_replica([&](replica_id by, auto&& each) {
        std::size_t numbers = 0;
        each([&](interval) { numbers += 2; });
        const auto save_runs = [&](auto& runs) {
          std::uint64_t last = 0;
          each([&](interval counters) {
            runs(counters.lo - last - 1, counters.hi - counters.lo + 1);
            last = counters.hi;
          });
        };
        const auto save_replica = [&](auto& fields) {
          fields(cereal::make_nvp("by", by));
          fields(cereal::make_nvp("runs", detail::saved_sequence{numbers, save_runs}));
        };
        replicas_out(detail::saved_fields{save_replica});
      });
    };
    archive(cereal::make_nvp("replicas", detail::saved_sequence{replicas(), save_replicas}));
  }

  template <class Archive>
  void load(Archive& archive) {
    causal_context fresh;
    const auto load_replicas = [&](auto& in, std::uint64_t size) {
      const auto load_replica = [&](auto& fields) { fresh.load_replica(fields); };
      for (; size != 0; --size) in(detail::loaded_fields{load_replica});
    };
    archive(cereal::make_nvp("replicas", detail::loaded_sequence{load_replicas}));
    *this = std::move(fresh);
  }

 private:
  static constexpr std::size_t in_place = 2;
  using entries = boost::container::small_vector<run, in_place>;
  using further = std::map<dot, std::uint64_t>;
  struct body {
    entries first;  // the first interval of every replica, by ascending id
    further rest;   // all others: where one starts, and its last counter
  };

  static constexpr auto counter_max = std::numeric_limits<std::uint64_t>::max();

  std::span<const run> first() const noexcept {
    if (many_) return {many_->first.data(), many_->first.size()};
    return {&one_, one_.counters.hi == 0 ? std::size_t{0} : 1};
  }
  std::span<run> first() noexcept {
    const auto all = std::as_const(*this).first();
    return {const_cast<run*>(all.data()), all.size()};
  }

  // Calls f(replica_id, each), where each(g) calls g(interval) for every interval of that replica.
  template <class F>
  void for_each_replica(F&& f) const {
    auto more = many_ ? many_->rest.begin() : further::const_iterator{};
    for (const auto& entry : first()) {
      auto end = more;
      while (many_ && end != many_->rest.end() && end->first.by == entry.by) ++end;
      f(entry.by, [&](auto&& g) {
        g(entry.counters);
        for (auto at = more; at != end; ++at) g(interval{at->first.counter, at->second});
      });
      more = end;
    }
  }

  template <class Run>
  static typename std::span<Run>::iterator find(std::span<Run> all, replica_id by) {
    if (all.size() > 8) return std::ranges::lower_bound(all, by, {}, &run::by);
    auto at = all.begin();
    while (at != all.end() && at->by < by) ++at;
    return at;
  }

  // This is on the path of every mutation and every delta: what is rare stays out of line. And numbers, not
  // structs: compilers like to put a struct of two numbers together in memory and read it back as one, which
  // waits for both stores.
  void add(replica_id by, std::uint64_t lo, std::uint64_t hi) {
    assert(1 <= lo && lo <= hi);
    const auto all = first();
    const auto at = find(all, by);
    if (all.empty()) {
      one_.by = by;
      one_.counters.lo = lo;
      one_.counters.hi = hi;
    } else if (at != all.end() && at->by == by && (!many_ || many_->rest.empty()) && at->counters.lo <= lo &&
               lo - 1 <= at->counters.hi) {
      if (at->counters.hi < hi) at->counters.hi = hi;
    } else {
      add_anywhere(at - all.begin(), by, lo, hi);
    }
  }

  // `place` is where the first interval of the replica is, or belongs.
  [[gnu::noinline]] void add_anywhere(std::ptrdiff_t place, replica_id by, std::uint64_t lo,
                                      std::uint64_t hi) {
    const auto at = first().begin() + place;
    const bool known = at != first().end() && at->by == by;
    if (known && lo - 1 <= at->counters.hi && at->counters.lo - 1 <= hi) {  // they overlap or are neighbours
      auto& own = at->counters;
      if (lo < own.lo) own.lo = lo;
      if (own.hi < hi) own.hi = hi;
      if (many_) own.hi = swallow(by, own.hi, many_->rest.upper_bound({by, own.lo}));
      if (many_ && intervals() == 1) {
        one_ = *at;
        many_.reset();
      }
      return;
    }
    auto& all = grown();
    const auto here = all.first.begin() + place;
    if (!known) {
      all.first.emplace(here, by, lo, hi);
    } else if (hi < here->counters.lo) {
      all.rest.emplace(dot{by, here->counters.lo}, here->counters.hi);
      here->counters = {lo, hi};
    } else {
      add_to_rest(all.rest, by, lo, hi);
    }
  }

  // With room for many intervals; what is in here stays.
  body& grown() {
    if (!many_) {
      const bool some = !empty();
      many_.make();
      if (some) many_->first.push_back(one_);
    }
    return *many_;
  }

  // Adds an interval that lies above the first of its replica.
  void add_to_rest(further& rest, replica_id by, std::uint64_t lo, std::uint64_t hi) {
    const auto above = rest.upper_bound({by, lo});
    auto at = above == rest.begin() ? rest.end() : std::prev(above);
    if (at == rest.end() || at->first.by != by || at->second < lo - 1) {
      at = rest.emplace_hint(above, dot{by, lo}, hi);
    }
    at->second = swallow(by, std::max(at->second, hi), above);
  }

  // Takes the intervals from `at` on that an interval up to `hi` overlaps or touches out of the map; up to
  // where they go with it.
  std::uint64_t swallow(replica_id by, std::uint64_t hi, further::iterator at) {
    while (at != many_->rest.end() && at->first.by == by && at->first.counter - 1 <= hi) {
      hi = std::max(hi, at->second);
      at = many_->rest.erase(at);
    }
    return hi;
  }

  template <class Archive>
  void load_replica(Archive& archive) {
    replica_id by;
    bool valid = true;
    const auto load_runs = [&](auto& runs, std::uint64_t size) {
      valid = size != 0 && size % 2 == 0 && (empty() || first().back().by < by);
      for (std::uint64_t last = 0; valid && size != 0; size -= 2) {
        std::uint64_t missing = 0, there = 0;
        runs(missing, there);
        const auto left = counter_max - last;
        valid = (last == 0 || missing != 0) && there != 0 && missing <= left && there <= left - missing;
        if (valid) insert(by, {last + missing + 1, last + missing + there});
        last += missing + there;
      }
    };
    archive(cereal::make_nvp("by", by));
    archive(cereal::make_nvp("runs", detail::loaded_sequence{load_runs}));
    if (!valid) throw decode_error("causal context: not canonical");
  }

  run one_{{}, 0, 0};         // the interval of a context that has one and no body
  detail::boxed<body> many_;  // the intervals of all others
};

}  // namespace hearsay::inline v0
