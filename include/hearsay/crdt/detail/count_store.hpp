// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/container/small_vector.hpp>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <stdexcept>
#include <utility>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/item_table.hpp"
#include "hearsay/crdt/detail/run_table.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/dot.hpp"
#include "hearsay/crdt/errors.hpp"

namespace hearsay::inline v0::detail {

/// The store of a causal counter: every dot alive counts one, up or down. Dots in a row are one run, whatever
/// the amount. A leaf is a run, and whether it counts down. The members are those of item_store.
class count_store {
 public:
  using index = run_table<slot_number>;
  static constexpr bool one_by_one = false;
  __extension__ using total = __int128;

  count_store() = default;
  count_store(const count_store&) = default;
  count_store(count_store&& other) noexcept { *this = std::move(other); }
  count_store& operator=(const count_store&) = default;
  count_store& operator=(count_store&& other) noexcept {
    runs_ = std::exchange(other.runs_, {});
    total_ = std::exchange(other.total_, 0);
    return *this;
  }

  /// Counts the next `amount` dots of `by`, which is not 0; strong guarantee.
  void count(causal_context& context, replica_id by, std::uint64_t amount, bool down, causal_context& seen,
             count_store& delta) {
    const auto first = context.next(by);
    const interval fresh{first, first + (amount - 1)};
    if (fresh.hi < first) throw std::overflow_error("resettable_counter: no dots are left to count with");
    seen.insert(by, fresh);
    delta.add(by, fresh, down);
    add(by, fresh, down);
    try {
      context.insert(by, fresh);
    } catch (...) {
      take(by, fresh, down);
      throw;
    }
  }

  void clear(causal_context& seen) {
    for_each_dot([&](replica_id by, interval run) { seen.insert(by, run); });
    *this = {};
  }

  /// The sum of all.
  total value() const noexcept { return total_; }

  std::size_t size() const noexcept { return runs_.empty() ? 0 : 1; }
  std::size_t items() const {
    std::size_t count = 0;
    replica_id last_by;
    std::uint64_t last = 0;
    bool last_down = false;
    runs_.for_each([&](replica_id by, interval run, bool down) {
      count += last != 0 && last_by == by && last + 1 == run.lo && last_down == down ? 0 : 1;
      last_by = by;
      last = run.hi;
      last_down = down;
    });
    return count;
  }
  bool is_large() const noexcept { return false; }
  std::size_t heap() const noexcept { return runs_.heap(); }

  template <class F>
  void for_each_item(replica_id by, interval within, F&& f) const {
    runs_.for_each(by, within, going_on(f));
  }
  template <class F>
  void for_each_dot(F&& f) const {
    runs_.for_each([&](replica_id by, interval run, bool) { f(by, run); });
  }

  bool holds(replica_id by, interval run, const count_store&, bool down) const {
    bool same = false;  // looked at with its neighbours, to which it may not reach
    const interval around{run.lo - 1,
                          run.hi == std::numeric_limits<std::uint64_t>::max() ? run.hi : run.hi + 1};
    runs_.for_each(by, around, [&](interval here, bool is_down) {
      same = same || (here == run && is_down == down);
      return true;
    });
    return same;
  }
  static constexpr bool hashes_all = false;  // runs have many dots

  template <class Dropping>
  void retain(replica_id by, interval within, const count_store& other, Dropping&& dropping) {
    boost::container::small_vector<std::pair<interval, bool>, 1> dead;
    runs_.for_each(by, within, [&](interval mine, bool down) {
      auto from = mine.lo;
      other.runs_.for_each(by, mine, [&](interval theirs, bool is_down) {
        if (is_down != down) throw_collision({by, theirs.lo});
        if (from < theirs.lo) dead.push_back({{from, theirs.lo - 1}, down});
        from = theirs.hi + 1;
        return true;
      });
      if (from - 1 != mine.hi) dead.push_back({{from, mine.hi}, down});
      return true;
    });
    for (const auto& [run, down] : dead) {
      dropping(run);
      take(by, run, down);
    }
  }

  void adopt(replica_id by, interval within, const count_store& other) {
    other.runs_.for_each(by, within, [&](interval run, bool down) {
      add(by, run, down);
      return true;
    });
  }
  void adopt_all(const causal_context& among, const count_store& other) {
    among.for_each_interval([&](replica_id by, interval within) { adopt(by, within, other); });
  }

  void tidy() noexcept {}

  struct saved {};
  struct loaded {};

  template <class Archive>
  void save_item(Archive& out, saved&, interval run, bool down) const {
    out(saved_fields{[&](auto& fields) {
      fields(cereal::make_nvp("more", run.hi - run.lo), cereal::make_nvp("down", down));
    }});
  }

  template <class Archive>
  std::uint64_t load_item(Archive& in, loaded&, replica_id by, interval run) {
    std::uint64_t more = 0;
    bool down = false;
    in(loaded_fields{
        [&](auto& fields) { fields(cereal::make_nvp("more", more), cereal::make_nvp("down", down)); }});
    const auto before = runs_.find({by, run.lo - 1});
    if (more > run.hi - run.lo || (before && *before == down)) {
      throw decode_error("resettable_counter: not canonical");
    }
    add(by, {run.lo, run.lo + more}, down);
    return run.lo + more;
  }

  void measure(size_counter& size, bool) const { size.add(12); }

 private:
  void add(replica_id by, interval run, bool down) {
    runs_.insert(by, run, down);
    const auto amount = static_cast<total>(run.hi - run.lo) + 1;
    total_ += down ? -amount : amount;
  }
  void take(replica_id by, interval run, bool down) {
    runs_.erase(by, run);
    const auto amount = static_cast<total>(run.hi - run.lo) + 1;
    total_ -= down ? -amount : amount;
  }

  run_table<bool> runs_;
  total total_ = 0;
};

}  // namespace hearsay::inline v0::detail
