// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <utility>

#include "hearsay/crdt/or_set.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"
#include "hearsay/laws/types/observed.hpp"

namespace hearsay::inline v0::laws {

/// An element is there if an add of it was seen, and nothing that had observed that add.
template <class Element>
struct model<or_set<Element>> {
  enum kind : std::size_t { add, remove, clear };
  struct op {
    std::size_t what;
    Element element;
    int times;
  };

  /// Now and then an element is added many times over, so that counters get to where words of 64 bits end.
  static op draw(source& c) {
    const auto what = c.weighted(std::array<std::uint64_t, 3>{5, 3, 1});
    auto element = what == clear ? Element{} : c.item<Element>();
    const std::array<std::uint64_t, 2> once_or_often{15, 1};
    const auto kinds = what == add ? std::min<std::uint64_t>(c.elements(), once_or_often.size()) : 1;
    const auto often = c.weighted(std::span(once_or_often).first(kinds));
    return {what, std::move(element), often == 0 ? 1 : 61};
  }

  static std::set<Element> expected(std::span<const issued<op>> all, const operation_set& seen) {
    const auto there = surviving(all, seen, [](const op& later, const op& earlier) {
      return later.what == clear || later.element == earlier.element;
    });
    std::set<Element> elements;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (there.test(i) && all[i].what.what == add) elements.insert(all[i].what.element);
    }
    return elements;
  }

  static std::set<Element> value(const or_set<Element>& x) { return {x.begin(), x.end()}; }
};

template <class Element>
struct mutate<or_set<Element>> {
  static or_set<Element> apply(or_set<Element>& x, replica& me, source& c) {
    using as = model<or_set<Element>>;
    auto op = as::draw(c);
    if (c.wordy()) {
      const auto words = op.what == as::add ? "add" : op.what == as::remove ? "remove" : "clear";
      c.note("{}({})", words, op.what == as::clear ? "" : print(op.element));
      if (op.times != 1) c.note(" {} times", op.times);
    }
    if (op.what == as::clear) return x.clear(me);
    if (op.what == as::remove) return x.remove(me, op.element);
    auto delta = x.add(me, op.element);
    for (int i = 1; i < op.times; ++i) delta.merge(x.add(me, op.element));
    return delta;
  }
};

}  // namespace hearsay::inline v0::laws
