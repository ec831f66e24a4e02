// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <concepts>
#include <cstddef>
#include <utility>
#include <vector>

#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/metrics.hpp"

namespace hearsay::inline v0 {

/// The contract of a data type, hearsay's own and the user's:
///
/// - a regular value; the default-constructed one is bottom;
/// - `merge` is the join of a lattice: commutative, associative, idempotent, bottom its identity;
/// - a mutator takes the writing `replica&` first, changes the state, and returns the delta: a small state
///   whose merge has the mutation's whole effect, anywhere, in any order, any number of times. With nothing
///   to do it returns bottom. (`product` and `lexicographic` hand on to the mutators of their parts, and take
///   none.)
///
/// To be sent it also needs cereal's `serialize` or `save` and `load`, and a name (type_name.hpp). All below
/// is optional: the free functions use the member of the same name where a type has one, else do without.
template <class T>
concept crdt = std::regular<T> && std::swappable<T> && requires(T& x, const T& other) {
  x.merge(other);
};

/// Merges `delta` into `x` and returns the news: what of it was not known yet, bottom if nothing was.
/// Without a member `absorb` it compares before and after, and the news is the whole delta.
template <crdt T>
T absorb(T& x, const T& delta) {
  if constexpr (requires {
                  { x.absorb(delta) } -> std::same_as<T>;
                }) {
    return x.absorb(delta);
  } else {
    T after = x;
    after.merge(delta);
    if (after == x) return T{};
    T news = delta;
    std::swap(x, after);
    return news;
  }
}

/// The largest stamp in `x`; zero for types without stamps.
template <crdt T>
timestamp newest(const T& x) {
  if constexpr (requires {
                  { x.newest() } -> std::convertible_to<timestamp>;
                }) {
    return x.newest();
  } else {
    return {};
  }
}

/// The next part of `x` from `at`, about `max_bytes` long when encoded; `at` moves on, and `at.end` says that
/// nothing is left. The parts join to the whole, also when `x` changes between the calls: to all of it that
/// was there at the first. Without a member `part` the one part is the whole.
template <crdt T>
T part(const T& x, cursor& at, std::size_t max_bytes) {
  if constexpr (requires {
                  { x.part(at, max_bytes) } -> std::same_as<T>;
                }) {
    return x.part(at, max_bytes);
  } else {
    return std::exchange(at.end, true) ? T{} : x;
  }
}

/// All parts of `x`, each about `max_bytes` long when encoded; none for bottom.
template <crdt T>
std::vector<T> split(const T& x, std::size_t max_bytes) {
  std::vector<T> parts;
  if (x == T{}) return parts;
  for (cursor at; !at.end;) parts.push_back(hearsay::part(x, at, max_bytes));
  return parts;
}

/// Calls `f(replica_id, alive)` for each writer of whose events `x` knows that they have been, at least once:
/// whether anything that came of them is left. For none of types that do not tell them apart, such as
/// counters.
template <crdt T, class F>
void for_each_writer(const T& x, F&& f) {
  if constexpr (requires { x.for_each_writer(f); }) x.for_each_writer(f);
}

/// Forgets of the writers of whom nothing is left in `x` and `gone(replica_id)` is true that their events
/// have been. No operation of the lattice: what was removed of them comes back with a state or delta that
/// still has it. So it is for writers who write no more, when nobody holds such a state.
template <crdt T, class Gone>
void forget_writers(T& x, const Gone& gone) {
  if constexpr (requires { x.forget_writers(gone); }) x.forget_writers(gone);
}

/// How large `x` is; of a type without a member `metrics` only its own size is known.
template <crdt T>
metrics metrics_of(const T& x) {
  if constexpr (requires {
                  { x.metrics() } -> std::same_as<metrics>;
                }) {
    return x.metrics();
  } else {
    return {.items = 1, .bytes = sizeof(T)};
  }
}

/// Whether `x` is bottom: equal to a default-constructed value.
template <crdt T>
bool is_bottom(const T& x) {
  if constexpr (requires {
                  { x.is_bottom() } -> std::same_as<bool>;
                }) {
    return x.is_bottom();
  } else {
    return x == T{};
  }
}

}  // namespace hearsay::inline v0
