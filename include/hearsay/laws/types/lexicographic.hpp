// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/crdt/lexicographic.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/types/subset.hpp"

namespace hearsay::inline v0::laws {

/// The first component is what its model says, given what was written to it; and what came with an update of
/// the second one was written, too. The second component is what its model says, given the updates under that
/// first component. It takes models of both; a value of the first that tells its states apart; and no stamps,
/// since the model of one component does not know of the clock's moves for the other.
template <class A, class B>
requires(modelled<A>&& modelled<B> && !hearsay::detail::stamped<A> &&
         !hearsay::detail::stamped<B>) struct model<lexicographic<A, B>> {
  struct op {
    std::optional<typename model<A>::op> first;
    std::optional<typename model<B>::op> second;
  };

  static op draw(source& c) {
    if (c.weighted(std::array<std::uint64_t, 2>{5, 2}) == 0) return {std::nullopt, model<B>::draw(c)};
    return {model<A>::draw(c), std::nullopt};
  }

  static auto expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::vector<issued<op>> known(all.begin(), all.end());
    std::array<operation_set, most_operations> brings;  // the writes to the first that an operation tells of
    const auto brought_by = [&](const operation_set& some) {
      operation_set out;
      for (std::size_t i = 0; i < known.size(); ++i) {
        if (some.test(i)) out |= brings[i];
      }
      return out;
    };
    for (std::size_t i = 0; i < known.size(); ++i) {
      const auto before = brought_by(known[i].saw);
      if (known[i].what.first) {
        known[i].saw = before;
        brings[i].set(i);
      } else {
        brings[i] = before;
      }
    }
    const std::span<const issued<op>> ops(known);
    const auto first = [&](const operation_set& some) {
      return expected_of<A>(ops, brought_by(some), [](std::size_t, const op& what) { return what.first; });
    };
    const auto now = first(seen);
    return std::pair{now, expected_of<B>(ops, seen, [&](std::size_t i, const op& what) {
                       const bool counts = what.second && first(known[i].saw) == now;
                       return counts ? what.second : std::nullopt;
                     })};
  }

  static auto value(const lexicographic<A, B>& x) {
    return std::pair{model<A>::value(x.first()), model<B>::value(x.second())};
  }
};

template <class A, class B>
struct mutate<lexicographic<A, B>> {
  static lexicographic<A, B> apply(lexicographic<A, B>& x, replica& me, source& c) {
    if (c.weighted(std::array<std::uint64_t, 2>{5, 2}) == 0) {
      c.note("update: ");
      return x.update([&](B& second) { return mutate<B>::apply(second, me, c); });
    }
    c.note("advance: ");
    return x.advance([&](A& first) { return mutate<A>::apply(first, me, c); });
  }
};

}  // namespace hearsay::inline v0::laws
