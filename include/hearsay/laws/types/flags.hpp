// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "hearsay/crdt/dw_flag.hpp"
#include "hearsay/crdt/ew_flag.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/types/observed.hpp"

namespace hearsay::inline v0::laws {
namespace detail {

/// The write that wins leaves a mark, and both take the marks away.
template <class Flag, bool Winner>
struct flag_model {
  struct op {
    bool enables;
  };
  struct mark {};

  static op draw(source& c) { return {c.flip() != Winner}; }

  static bool expected(std::span<const issued<op>> all, const operation_set& seen) {
    return observed<flag_model>(all, seen);
  }
  static bool value(const Flag& x) { return x.enabled(); }

  static std::optional<std::vector<mark>> leaves(const op& x, const std::vector<mark>& there) {
    if (x.enables == Winner) return std::vector<mark>(1);
    if (there.empty()) return std::nullopt;
    return std::vector<mark>();
  }
  static bool takes(const op&, mark) { return true; }
  static bool result(const std::vector<mark>& left) { return left.empty() != Winner; }
};

template <class Flag>
struct flag_mutate {
  using as = model<Flag>;
  static Flag apply(Flag& x, replica& me, source& c) { return apply(x, me, c, as::draw(c)); }
  static Flag apply(Flag& x, replica& me, source& c, const typename as::op& op) {
    c.note("{}()", op.enables ? "enable" : "disable");
    return op.enables ? x.enable(me) : x.disable(me);
  }
};

}  // namespace detail

template <>
struct model<ew_flag> : detail::flag_model<ew_flag, true> {};
template <>
struct mutate<ew_flag> : detail::flag_mutate<ew_flag> {};

template <>
struct model<dw_flag> : detail::flag_model<dw_flag, false> {};
template <>
struct mutate<dw_flag> : detail::flag_mutate<dw_flag> {};

}  // namespace hearsay::inline v0::laws
