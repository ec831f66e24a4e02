// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/dot.hpp"

namespace hearsay::inline v0::detail {

/// Dots with a value each, kept as runs: dots in a row with the same value are one entry, however many they
/// are. Below, n is the number of runs. One run is held in place.
template <class Value>
class run_table {
 public:
  /// Adds dots that are not in here; strong guarantee. O(log n).
  void insert(replica_id by, interval dots, Value value) {
    if (!many_) {
      if (!one_) {
        one_.emplace(by, dots, value);
        return;
      }
      if (one_->by == by && one_->dots.hi + 1 == dots.lo && one_->value == value) {
        one_->dots.hi = dots.hi;
        return;
      }
      boxed<runs> grown;
      grown.make().emplace(dot{one_->by, one_->dots.lo}, tail{one_->dots.hi, one_->value});
      grown->emplace(dot{by, dots.lo}, tail{dots.hi, value});
      many_ = std::move(grown);
      one_.reset();
      return;
    }
    const auto above = many_->upper_bound({by, dots.lo});
    if (above != many_->begin()) {
      auto& [start, before] = *std::prev(above);
      if (start.by == by && before.hi + 1 == dots.lo && before.value == value) {
        before.hi = dots.hi;  // only ever at this end: what was added can be taken back without memory
        return;
      }
    }
    many_->emplace_hint(above, dot{by, dots.lo}, tail{dots.hi, value});
  }

  /// Takes out dots, of which some may not be in here. O(log n) and what it finds. May need memory where it
  /// cuts a run in the middle; then strong guarantee.
  void erase(replica_id by, interval dots) {
    if (!many_) {
      if (!one_ || one_->by != by || dots.hi < one_->dots.lo || one_->dots.hi < dots.lo) return;
      const auto old = *one_;
      if (dots.lo <= old.dots.lo) {
        one_.reset();
        if (dots.hi < old.dots.hi) one_.emplace(by, interval{dots.hi + 1, old.dots.hi}, old.value);
      } else if (old.dots.hi <= dots.hi) {
        one_->dots.hi = dots.lo - 1;
      } else {
        insert(by, {dots.hi + 1, old.dots.hi}, old.value);  // no neighbour yet: it overlaps the old run
        many_->find({by, old.dots.lo})->second.hi = dots.lo - 1;
      }
      return;
    }
    for (auto at = first_within(by, dots); at != many_->end() && at->first.by == by;) {
      const interval run{at->first.counter, at->second.hi};
      if (dots.hi < run.lo) break;
      if (run.lo < dots.lo && dots.hi < run.hi) {
        many_->emplace(dot{by, dots.hi + 1}, at->second);
        at->second.hi = dots.lo - 1;
        break;
      }
      if (run.lo < dots.lo) {
        (at++)->second.hi = dots.lo - 1;
      } else if (dots.hi < run.hi) {
        auto node = many_->extract(at);
        node.key().counter = dots.hi + 1;
        many_->insert(std::move(node));
        break;
      } else {
        at = many_->erase(at);
      }
    }
    if (many_->empty()) many_.reset();
  }

  /// Calls `f(interval, value)` for the dots of `by` within the interval, ascending, in runs as long as can
  /// be. If `f` returns false, that ends the walk. O(log n) and what it finds.
  template <class F>
  void for_each(replica_id by, interval within, F&& f) const {
    const auto cut = [&](interval run) {
      return interval{std::max(run.lo, within.lo), std::min(run.hi, within.hi)};
    };
    if (!many_) {
      if (!one_ || one_->by != by || within.hi < one_->dots.lo || one_->dots.hi < within.lo) return;
      f(cut(one_->dots), one_->value);
      return;
    }
    auto at = first_within(by, within);
    while (at != many_->end() && at->first.by == by && at->first.counter <= within.hi) {
      interval run{at->first.counter, at->second.hi};
      const auto value = at->second.value;
      while (++at != many_->end() && at->first.by == by && at->first.counter - 1 == run.hi &&
             at->second.value == value) {
        run.hi = at->second.hi;
      }
      if (!f(cut(run), value)) return;
    }
  }

  /// Calls `f(replica_id, interval, value)` for all runs.
  template <class F>
  void for_each(F&& f) const {
    if (one_) f(one_->by, one_->dots, one_->value);
    if (!many_) return;
    for (const auto& [start, run] : *many_) f(start.by, interval{start.counter, run.hi}, run.value);
  }

  /// The value of a dot, or none. O(log n).
  std::optional<Value> find(dot which) const {
    std::optional<Value> found;
    for_each(which.by, {which.counter, which.counter}, [&](interval, const Value& value) {
      found = value;
      return false;
    });
    return found;
  }

  bool empty() const noexcept { return !one_ && !many_; }
  /// How many runs there are, about: neighbours may count twice.
  std::size_t size() const noexcept { return many_ ? many_->size() : one_ ? 1 : 0; }
  std::size_t heap() const noexcept {
    constexpr std::size_t node = sizeof(typename runs::value_type) + 4 * sizeof(void*);
    return many_ ? sizeof(runs) + node * many_->size() : 0;
  }

 private:
  struct tail {
    std::uint64_t hi;
    Value value;
  };
  struct single {
    single(replica_id b, interval d, Value v) : by(b), dots(d), value(v) {}
    replica_id by;
    interval dots;
    Value value;
  };
  using runs = std::map<dot, tail>;  // by the first dot

  // The first run that ends in the interval or after it, if it is of this replica.
  typename runs::iterator first_within(replica_id by, interval within) const {
    auto& all = const_cast<runs&>(*many_);
    auto at = all.upper_bound({by, within.lo});
    if (at != all.begin()) {
      const auto before = std::prev(at);
      if (before->first.by == by && within.lo <= before->second.hi) at = before;
    }
    return at;
  }

  std::optional<single> one_;
  boxed<runs> many_;  // never empty
};

}  // namespace hearsay::inline v0::detail
