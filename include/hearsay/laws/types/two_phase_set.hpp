// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <utility>

#include "hearsay/crdt/two_phase_set.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"

namespace hearsay::inline v0::laws {

/// An element is there if an add of it was seen and no remove. A remove counts only if its writer saw the
/// element there.
template <class Element>
struct model<two_phase_set<Element>> {
  struct op {
    bool removes;
    Element element;
  };

  static op draw(source& c) {
    const bool removes = c.weighted(std::array<std::uint64_t, 2>{5, 3}) != 0;
    return {removes, c.item<Element>()};
  }

  static std::set<Element> expected(std::span<const issued<op>> all, const operation_set& seen) {
    operation_set counts;  // the adds, and those removes that found something
    const auto there = [&](const operation_set& known) {
      std::set<Element> elements;
      for (const bool removes : {false, true}) {
        for (std::size_t i = 0; i < all.size(); ++i) {
          const auto& [what, element] = all[i].what;
          if (!known.test(i) || !counts.test(i) || what != removes) continue;
          if (removes) {
            elements.erase(element);
          } else {
            elements.insert(element);
          }
        }
      }
      return elements;
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      counts[i] = !all[i].what.removes || there(all[i].saw).contains(all[i].what.element);
    }
    return there(seen);
  }

  static std::set<Element> value(const two_phase_set<Element>& x) { return {x.begin(), x.end()}; }
};

template <class Element>
struct mutate<two_phase_set<Element>> {
  static two_phase_set<Element> apply(two_phase_set<Element>& x, replica& me, source& c) {
    auto op = model<two_phase_set<Element>>::draw(c);
    if (c.wordy()) c.note("{}({})", op.removes ? "remove" : "add", print(op.element));
    return op.removes ? x.remove(me, op.element) : x.add(me, std::move(op.element));
  }
};

}  // namespace hearsay::inline v0::laws
