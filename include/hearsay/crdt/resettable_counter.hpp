// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "hearsay/crdt/causal.hpp"
#include "hearsay/crdt/detail/amount.hpp"
#include "hearsay/crdt/detail/count_store.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/replica.hpp"

namespace hearsay::inline v0 {

/// A counter up and down that can be reset to zero. A reset takes out exactly the increments that it has
/// observed: none of them comes back, and no concurrent one is lost. The counter to put into an or_map.
///
///     hearsay::replica alice, bob;
///     hearsay::resettable_counter here, there;
///     there.merge(here.increment(alice, 5));
///     const auto zero = there.reset(bob);
///     here.increment(alice, 2);  // not seen by bob
///     here.merge(zero);          // here.value() == 2
///
/// Each increment by `amount` takes the replica's next `amount` dots, so the value is the number of dots
/// alive and a reset is the end of those observed. (Sums under one dot bring back what was reset: Baquero,
/// Almeida and Lerche, "The problem with embedded CRDT counters and a solution", 2016.) Dots in a row are
/// kept as one interval, so a replica that only increments holds one, whatever the amounts. In an or_map,
/// where dots are shared by all keys, increments that alternate between keys are an interval each until they
/// are reset. All replicas together can count to 2^64 - 2, per object, resets included: bytes that name more
/// dots are refused.
class resettable_counter : public causal<resettable_counter, detail::count_store> {
 public:
  static constexpr std::string_view crdt_name = "resettable_counter";

  /// Adds `amount`; strong guarantee. Returns the delta, bottom if it is 0. Throws std::invalid_argument if
  /// it is negative, std::overflow_error if the value would pass 2^63 - 1 or the replica has no dots left.
  /// O(log n) for n intervals.
  resettable_counter increment(replica& by, detail::amount amount = 1) {
    return count(by, amount.value, false);
  }
  /// Takes `amount` away; as increment, down to -2^63.
  resettable_counter decrement(replica& by, detail::amount amount = 1) {
    return count(by, amount.value, true);
  }

  /// Back to zero; strong guarantee. Returns the delta, bottom if there was nothing to reset. O(n) for n
  /// intervals.
  resettable_counter reset(replica&) {
    resettable_counter delta;
    store_.clear(delta.context_);
    return delta;
  }

  /// Throws std::overflow_error if concurrent increments took it out of 64 bits. O(1).
  std::int64_t value() const { return checked(store_.value()); }

  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}", store_.value()); }

 private:
  static std::int64_t checked(detail::count_store::total value) {
    if (value < std::numeric_limits<std::int64_t>::min() ||
        value > std::numeric_limits<std::int64_t>::max()) {
      throw std::overflow_error("resettable_counter: value outside of 64 bits");
    }
    return static_cast<std::int64_t>(value);
  }

  resettable_counter count(replica& by, std::uint64_t amount, bool down) {
    resettable_counter delta;
    if (amount == 0) return delta;
    const auto change = static_cast<detail::count_store::total>(amount);
    checked(store_.value() + (down ? -change : change));
    store_.count(context_, by.id(), amount, down, delta.context_, delta.store_);
    return delta;
  }
};

}  // namespace hearsay::inline v0
