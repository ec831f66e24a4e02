// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "hearsay/crdt/causal.hpp"
#include "hearsay/crdt/detail/item_store.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/replica.hpp"

namespace hearsay::inline v0 {

/// A flag, at first disabled, in which enable wins: of an enable and a disable that did not know of each
/// other the enable stays.
///
///     hearsay::replica alice, bob;
///     hearsay::ew_flag here, there;
///     there.merge(here.enable(alice));
///     const auto off = there.disable(bob);
///     here.enable(alice);  // not seen by bob
///     here.merge(off);     // here.enabled()
///
/// (EWFlag of Almeida, Shoker and Baquero, "Delta State Replicated Data Types", 2018.)
class ew_flag : public causal<ew_flag, detail::item_store<nothing>> {
 public:
  static constexpr std::string_view crdt_name = "ew_flag";

  /// Enables it, also if it is enabled; strong guarantee. Returns the delta. O(1). Throws std::overflow_error
  /// if the replica has no counter left.
  ew_flag enable(replica& by) {
    ew_flag delta;
    store_.replace(context_, by.id(), {}, {}, delta.context_, delta.store_);
    return delta;
  }

  /// Disables it; strong guarantee. Returns the delta, bottom if it is disabled. O(1).
  ew_flag disable(replica&) {
    ew_flag delta;
    store_.clear(delta.context_);
    return delta;
  }

  /// O(1).
  bool enabled() const noexcept { return store_.items() != 0; }

  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}", enabled()); }
};

}  // namespace hearsay::inline v0
