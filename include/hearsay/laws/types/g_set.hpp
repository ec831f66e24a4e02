// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <set>
#include <span>
#include <utility>

#include "hearsay/crdt/g_set.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"

namespace hearsay::inline v0::laws {

/// What was seen to be added is there.
template <class Element>
struct model<g_set<Element>> {
  struct op {
    Element element;
  };

  static op draw(source& c) { return {c.item<Element>()}; }

  static std::set<Element> expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::set<Element> elements;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (seen.test(i)) elements.insert(all[i].what.element);
    }
    return elements;
  }

  static std::set<Element> value(const g_set<Element>& x) { return {x.begin(), x.end()}; }
};

template <class Element>
struct mutate<g_set<Element>> {
  static g_set<Element> apply(g_set<Element>& x, replica& me, source& c) {
    auto op = model<g_set<Element>>::draw(c);
    if (c.wordy()) c.note("add({})", print(op.element));
    return x.add(me, std::move(op.element));
  }
};

}  // namespace hearsay::inline v0::laws
