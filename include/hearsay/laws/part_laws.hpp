// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "hearsay/laws/law.hpp"

/// The laws of `absorb` and of `part`. Each function checks one law once.
namespace hearsay::inline v0::laws::checks {

inline constexpr std::array<std::size_t, 3> part_bytes{1, 32, 1 << 20};

/// Calls `f` for each part of `x`, which `f` may change; false if the walk does not end.
template <class T, class F>
bool walk(const T& x, std::size_t max_bytes, F&& f) {
  constexpr std::size_t most = 4096;  // more than the states of a history have
  std::size_t count = 0;
  for (cursor at; !at.end;) {
    const auto before = at;
    f(part(x, at, max_bytes));
    if (!at.end && (at == before || ++count == most)) return false;
  }
  return true;
}

/// The parts of `x`; if the walk does not end, which is for the law `parts` to say, some of them.
template <class T>
std::vector<T> parts_of(const T& x, std::size_t max_bytes) {
  std::vector<T> all;
  if (!is_bottom(x)) walk(x, max_bytes, [&](T one) { all.push_back(std::move(one)); });
  return all;
}

template <absorbing T>
void absorb(trial<T>& t) {
  const T& x = t.operand("x");
  const T& d = t.operand("d");
  T absorbed = x;
  const T news = absorbed.absorb(d);
  const T merged = joined(x, d);
  t.same("x after x.absorb(d) = x ⊔ d", absorbed, merged) &&
      t.same("x ⊔ x.absorb(d) = x ⊔ d", joined(x, news), merged) && t.below("x.absorb(d) ⊑ d", news, d);
}

template <absorbing T>
void news(trial<T>& t) {
  const T& x = t.operand("x");
  const T& d = t.operand("d");
  T y = x;
  const T news = y.absorb(d);
  if (!t.same("absorbing d again = ⊥", y.absorb(d), T{})) return;
  for (const T& one : parts_of(news, 1)) {
    if (joined(x, one) != x) continue;
    t.explain("x.absorb(d) = {}", print(news));
    t.fail("no part of x.absorb(d) is known to x", "known part " + print(one), print(x));
    return;
  }
}

template <divisible T>
void parts(trial<T>& t) {
  const T& x = t.operand("x");
  const T& d = t.operand("d");
  const auto max_bytes = t.choose.one_of(part_bytes);
  const auto calm = t.choose.below(2);
  t.explain("parts of at most {} bytes; in the second walk x ⊔= d after {} of them", max_bytes, calm + 1);
  T whole;
  const bool ends = walk(x, max_bytes, [&](const T& one) { whole.merge(one); });
  if (!ends) return void(t.fail("the walk over the parts of x ends", "it does not", print(x)));
  if (!t.same("⊔ parts of x = x", whole, x)) return;

  T changing = x;
  T walked;
  std::size_t count = 0;
  const bool still_ends = walk(changing, max_bytes, [&](const T& one) {
    walked.merge(one);
    if (count++ == calm) changing.merge(d);
  });
  if (!still_ends)
    return void(t.fail("the walk over the parts of x ends while it changes", "it does not", print(x)));
  t.below("x ⊑ ⊔ parts of x while it changes", x, walked) &&
      t.below("⊔ parts of x while it changes ⊑ x ⊔ d", walked, changing);
}

template <divisible T>
void redundancy(trial<T>& t) {
  const T& x = t.operand("x");
  const auto all = parts_of(x, t.choose.one_of(part_bytes));
  if (all.empty()) return;
  const auto picked = t.choose.below(all.size());
  T others;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (i != picked) others.merge(all[i]);
  }
  if (joined(others, all[picked]) != others) return;
  t.fail("every part of x brings something that the others do not",
         fmt::format("part {} of {} = {}", picked + 1, all.size(), print(all[picked])),
         fmt::format("⊔ others = {}", print(others)));
}

}  // namespace hearsay::inline v0::laws::checks
