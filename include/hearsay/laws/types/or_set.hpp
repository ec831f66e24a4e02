// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

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
  /// Now and then an element is added many times over, so that counters lie whole words of 64 bits apart, or
  /// many elements are, so that tables grow.
  enum amount : std::size_t { once, often, many };
  struct op {
    std::size_t what;
    Element element;
    std::size_t how;

    bool touches(const Element& other) const {
      if (what == clear) return true;
      return how == many ? std::ranges::find(plenty(), other) != plenty().end() : element == other;
    }
  };

  static constexpr int times = 64;
  static const std::vector<Element>& plenty() {
    static const auto all = [] {
      std::vector<Element> elements;
      for (std::uint64_t i = 0; i < 70; ++i) {
        auto c = source::replay({i});
        c.elements(1000);
        elements.push_back(c.item<Element>());
      }
      return elements;
    }();
    return all;
  }

  static op draw(source& c) {
    const auto what = c.weighted(std::array<std::uint64_t, 3>{5, 3, 1});
    auto element = what == clear ? Element{} : c.item<Element>();
    constexpr std::array<std::uint64_t, 3> amounts{100, 7, 1};
    const auto possible = what == add ? std::min<std::uint64_t>(c.elements(), amounts.size()) : 1;
    return {what, std::move(element), c.weighted(std::span(amounts).first(possible))};
  }

  static std::set<Element> expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::set<Element> candidates;
    for (const auto& one : all) {
      if (one.what.what == add) candidates.insert(one.what.element);
      if (one.what.how == many) candidates.insert(plenty().begin(), plenty().end());
    }
    std::erase_if(candidates, [&](const Element& element) {
      const auto there = surviving(all, seen, [&](const op& later, const op& earlier) {
        return later.touches(element) && earlier.touches(element);
      });
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (there.test(i) && all[i].what.what == add && all[i].what.touches(element)) return false;
      }
      return true;
    });
    return candidates;
  }

  static std::set<Element> value(const or_set<Element>& x) { return {x.begin(), x.end()}; }

  /// @name As the value of a map (see `observed`)
  /// @{
  using mark = Element;
  static std::optional<std::vector<mark>> leaves(const op& x, const std::vector<mark>& there) {
    if (x.what == add) return x.how == many ? plenty() : std::vector<mark>{x.element};
    for (const auto& element : there) {
      if (x.touches(element)) return std::vector<mark>();
    }
    return std::nullopt;
  }
  static bool takes(const op& x, const mark& element) { return x.touches(element); }
  static std::set<Element> result(const std::vector<mark>& left) { return {left.begin(), left.end()}; }
  /// @}
};

template <class Element>
struct mutate<or_set<Element>> {
  using as = model<or_set<Element>>;

  static or_set<Element> apply(or_set<Element>& x, replica& me, source& c) {
    return apply(x, me, c, as::draw(c));
  }

  static or_set<Element> apply(or_set<Element>& x, replica& me, source& c, const typename as::op& op) {
    if (op.what == as::clear) {
      c.note("clear()");
      return x.clear(me);
    }
    if (c.wordy()) c.note("{}({})", op.what == as::add ? "add" : "remove", print(op.element));
    if (op.what == as::remove) return x.remove(me, op.element);
    if (op.how == as::many) {
      c.note(" and others, {} in all", as::plenty().size());
      or_set<Element> delta;
      for (const auto& element : as::plenty()) delta.merge(x.add(me, element));
      return delta;
    }
    auto delta = x.add(me, op.element);
    if (op.how == as::often) {
      c.note(" {} times", as::times);
      for (int i = 1; i < as::times; ++i) delta.merge(x.add(me, op.element));
    }
    return delta;
  }
};

}  // namespace hearsay::inline v0::laws
