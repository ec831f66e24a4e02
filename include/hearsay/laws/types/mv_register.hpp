// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/crdt/mv_register.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"
#include "hearsay/laws/types/observed.hpp"

namespace hearsay::inline v0::laws {

/// A write takes away all values that are there, and leaves its own, unless it only clears.
template <class T>
struct model<mv_register<T>> {
  struct op {
    bool clears;
    T value;
  };
  using mark = T;

  static op draw(source& c) {
    const bool clears = c.weighted(std::array<std::uint64_t, 2>{6, 1}) != 0;
    return {clears, clears ? T{} : c.item<T>()};
  }

  static std::vector<T> expected(std::span<const issued<op>> all, const operation_set& seen) {
    return observed<model>(all, seen);
  }
  static std::vector<T> value(const mv_register<T>& x) { return x.values(); }

  static std::optional<std::vector<mark>> leaves(const op& x, const std::vector<mark>& there) {
    if (!x.clears) return std::vector<mark>{x.value};
    if (there.empty()) return std::nullopt;
    return std::vector<mark>();
  }
  static bool takes(const op&, const mark&) { return true; }
  static std::vector<T> result(std::vector<mark> left) {
    std::sort(left.begin(), left.end());
    return left;
  }
};

template <class T>
struct mutate<mv_register<T>> {
  using as = model<mv_register<T>>;

  static mv_register<T> apply(mv_register<T>& x, replica& me, source& c) {
    return apply(x, me, c, as::draw(c));
  }
  static mv_register<T> apply(mv_register<T>& x, replica& me, source& c, const typename as::op& op) {
    if (op.clears) {
      c.note("clear()");
      return x.clear(me);
    }
    if (c.wordy()) c.note("set({})", print(op.value));
    return x.set(me, op.value);
  }
};

}  // namespace hearsay::inline v0::laws
