// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <numeric>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/laws/law.hpp"

/// The laws of mutators and of the deltas they return. Each function checks one law once.
namespace hearsay::inline v0::laws::checks {

template <class T>
void inflation(trial<T>& t) {
  if (const auto* m = t.mutation()) t.below("x ⊑ m(x)", m->before, m->after);
}

template <class T>
void delta_mutation(trial<T>& t) {
  const auto* m = t.mutation();
  if (m == nullptr || !t.same("x ⊔ δ(x) = m(x)", joined(m->before, m->delta), m->after)) return;
  if (m->before == m->after) t.same("δ(x) = ⊥ where m(x) = x", m->delta, T{});
}

/// Puts all deltas, in a drawn order, into one of two groups, into both, or off until later.
template <class T>
void delta_order(trial<T>& t) {
  enum : std::size_t { one, other, both, later };
  const auto numbers = t.past.sendable();
  const auto delta = [&](std::size_t i) -> const T& { return t.past.operations()[numbers[i]].delta; };
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<std::size_t> group(numbers.size());
  T left, right, in_order, all;
  for (std::size_t i = 0; i < order.size(); ++i) {
    std::swap(order[i], order[i + t.choose.below(order.size() - i)]);
    const auto to = group[order[i]] = t.choose.below(4);
    if (to == one || to == both) left.merge(delta(order[i]));
    if (to == other || to == both) right.merge(delta(order[i]));
    if (!t.choose.wordy()) continue;
    constexpr std::string_view words[] = {"first group", "second group", "both groups", "later"};
    t.explain("delta of step {} = {}: {}", t.past.operations()[numbers[order[i]]].step,
              print(delta(order[i])), words[to]);
  }
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group[i] != later) in_order.merge(delta(i));
    all.merge(delta(i));
  }
  left.merge(right);
  if (!t.same("first group ⊔ second group = the same deltas, one by one as they were made", left, in_order))
    return;
  for (const auto i : order) {
    if (group[i] == later) left.merge(delta(i));
  }
  if (!t.same("first group ⊔ second group ⊔ later = all deltas, one by one as they were made", left, all))
    return;
  T states = t.past.state(0);
  for (std::size_t i = 1; i < t.past.replicas(); ++i) states.merge(t.past.state(i));
  t.same("⊔ all deltas = ⊔ all states", all, states);
}

/// The fresh dots of a mutation are those that its delta names and its state did not know. A dot that the
/// state knew is named where its item is taken away; if that is no news, the dot was issued again.
template <dotted T>
void unique_dots(trial<T>& t) {
  causal_context issued;
  for (const auto& made : t.past.operations()) {
    const auto fresh = made.delta.context().minus(made.before.context());
    const auto again = fresh.intersection(issued);
    if (!again.empty()) {
      t.fail("no dot is issued twice", fmt::format("step {} issues {}", made.step, again),
             "an earlier step did, too");
      return;
    }
    fresh.for_each_interval([&](replica_id by, interval) {
      if (by == t.past.id(made.replica)) return;
      t.fail("a fresh dot bears the id of its writer", fmt::format("step {} issues {}", made.step, fresh),
             fmt::format("the writer is {}", t.past.id(made.replica)));
    });
    issued.merge(fresh);
    if constexpr (absorbing<T>) {
      T x = made.before;
      const auto stale = made.delta.context().minus(x.absorb(made.delta).context());
      if (stale.empty()) continue;
      t.fail("what a delta names is news to its writer", fmt::format("step {} names {}", made.step, stale),
             "known before: " + print(made.before.context()));
    }
  }
}

/// The value of each replica is the model's, given the operations that the replica has seen.
template <modelled T>
void value_model(trial<T>& t) {
  using op = typename model<T>::op;
  std::vector<issued<op>> all;
  all.reserve(t.past.operations().size());
  source again;
  again.elements(t.choose.elements());
  choices numbers;
  for (const auto& made : t.past.operations()) {
    t.past.drawn(made, t.choose.made(), numbers);
    again.restart(numbers);
    all.push_back({model<T>::draw(again), made.replica, made.wall, made.saw});
  }
  for (std::size_t i = 0; i < t.past.replicas(); ++i) {
    const auto value = model<T>::value(t.past.state(i));
    const auto expected = model<T>::expected(std::span<const issued<op>>(all), t.past.seen(i));
    if (value == expected) continue;
    t.explain("the state is that of r{}", i);
    t.same("value of the state = what the model expects", value, expected);
    return;
  }
}

}  // namespace hearsay::inline v0::laws::checks
