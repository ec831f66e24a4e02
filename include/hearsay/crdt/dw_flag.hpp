// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <string_view>

#include "hearsay/crdt/causal.hpp"
#include "hearsay/crdt/detail/item_store.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/replica.hpp"

namespace hearsay::inline v0 {

/// A flag, at first enabled, in which disable wins: of an enable and a disable that did not know of each
/// other the disable stays.
///
///     hearsay::replica alice, bob;
///     hearsay::dw_flag here, there;
///     there.merge(here.disable(alice));
///     const auto on = there.enable(bob);
///     here.disable(alice);  // not seen by bob
///     here.merge(on);       // !here.enabled()
///
/// The mirror of ew_flag (DWFlag of Almeida, Shoker and Baquero, "Delta State Replicated Data Types", 2018).
class dw_flag : public causal<dw_flag, detail::item_store<nothing>> {
 public:
  static constexpr std::string_view crdt_name = "dw_flag";

  /// Enables it; strong guarantee. Returns the delta, bottom if it is enabled. O(1).
  dw_flag enable(replica&) {
    dw_flag delta;
    store_.clear(delta.context_);
    return delta;
  }

  /// Disables it, also if it is disabled; strong guarantee. Returns the delta. O(1). Throws
  /// std::overflow_error if the replica has no counter left.
  dw_flag disable(replica& by) {
    dw_flag delta;
    store_.replace(context_, by.id(), {}, {}, delta.context_, delta.store_);
    return delta;
  }

  /// O(1).
  bool enabled() const noexcept { return store_.items() == 0; }

  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}", enabled()); }
};

}  // namespace hearsay::inline v0
