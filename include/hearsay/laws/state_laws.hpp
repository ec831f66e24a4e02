// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "hearsay/laws/law.hpp"

/// The laws of merge: states with it are a semilattice with a bottom. Each function checks one law once.
namespace hearsay::inline v0::laws::checks {

template <class T>
void commutative(trial<T>& t) {
  const T& a = t.operand("a");
  const T& b = t.operand("b");
  t.same("a ⊔ b = b ⊔ a", joined(a, b), joined(b, a));
}

template <class T>
void associative(trial<T>& t) {
  const T& a = t.operand("a");
  const T& b = t.operand("b");
  const T& c = t.operand("c");
  t.same("(a ⊔ b) ⊔ c = a ⊔ (b ⊔ c)", joined(joined(a, b), c), joined(a, joined(b, c)));
}

template <class T>
void idempotent(trial<T>& t) {
  const T& a = t.operand("a");
  t.same("a ⊔ a = a", joined(a, a), a);
}

template <class T>
void bottom(trial<T>& t) {
  const T& a = t.operand("a");
  t.same("a ⊔ ⊥ = a", joined(a, T{}), a) && t.same("⊥ ⊔ a = a", joined(T{}, a), a);
}

template <class T>
void alias(trial<T>& t) {
  const T& a = t.operand("a");
  T x = a;
  x.merge(x);
  if (!t.same("x.merge(x) leaves x as it was", x, a)) return;
  if constexpr (absorbing<T>) {
    const T news = x.absorb(x);
    t.same("x.absorb(x) leaves x as it was", x, a) && t.same("x.absorb(x) = ⊥", news, T{});
  }
}

}  // namespace hearsay::inline v0::laws::checks
