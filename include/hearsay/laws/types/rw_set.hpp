// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/crdt/rw_set.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"
#include "hearsay/laws/types/observed.hpp"

namespace hearsay::inline v0::laws {

/// Adds and removes leave a mark each, and take away those of the same element; an element is there if all
/// its marks are adds.
template <class Element>
struct model<rw_set<Element>> {
  struct op {
    bool adds;
    Element element;
  };
  using mark = op;

  static op draw(source& c) {
    const bool removes = c.weighted(std::array<std::uint64_t, 2>{5, 3}) != 0;
    return {!removes, c.item<Element>()};
  }

  static std::set<Element> expected(std::span<const issued<op>> all, const operation_set& seen) {
    return observed<model>(all, seen);
  }
  static std::set<Element> value(const rw_set<Element>& x) { return {x.begin(), x.end()}; }

  static std::optional<std::vector<mark>> leaves(const op& x, const std::vector<mark>& there) {
    if (!x.adds && !result(there).contains(x.element)) return std::nullopt;
    return std::vector<mark>{x};
  }
  static bool takes(const op& x, const mark& m) { return x.element == m.element; }
  static std::set<Element> result(const std::vector<mark>& left) {
    std::set<Element> elements;
    for (const auto& m : left) elements.insert(m.element);
    for (const auto& m : left) {
      if (!m.adds) elements.erase(m.element);
    }
    return elements;
  }
};

template <class Element>
struct mutate<rw_set<Element>> {
  using as = model<rw_set<Element>>;

  static rw_set<Element> apply(rw_set<Element>& x, replica& me, source& c) {
    return apply(x, me, c, as::draw(c));
  }
  static rw_set<Element> apply(rw_set<Element>& x, replica& me, source& c, const typename as::op& op) {
    if (c.wordy()) c.note("{}({})", op.adds ? "add" : "remove", print(op.element));
    return op.adds ? x.add(me, op.element) : x.remove(me, op.element);
  }
};

}  // namespace hearsay::inline v0::laws
