// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string_view>
#include <vector>

#include "hearsay/laws/codec_laws.hpp"
#include "hearsay/laws/law.hpp"
#include "hearsay/laws/mutation_laws.hpp"
#include "hearsay/laws/part_laws.hpp"
#include "hearsay/laws/state_laws.hpp"

namespace hearsay::inline v0::laws {
namespace detail {

/// The check where the type has what it takes, else null. The check is a generic lambda, which compiles only
/// when used.
template <class T, bool Has, class Check>
constexpr auto given(Check check) -> void (*)(trial<T>&) {
  if constexpr (Has) {
    return check;
  } else {
    return nullptr;
  }
}

}  // namespace detail

/// All laws, in the order in which reports name them. `docs/laws.md` explains each.
template <mutable_type T>
std::vector<law<T>> catalogue() {
  using detail::given;
  constexpr auto no_absorb = "the type has no member absorb(const T&)";
  constexpr auto no_part = "the type has no member part(cursor&, std::size_t)";
  constexpr auto no_codec = "the type has no cereal functions";
  constexpr auto no_dots = "the type has no member context() that returns a causal_context";
  constexpr auto no_model = "there is no hearsay::laws::model of the type";
  return {
      {"total", "neither mutators nor merge throw", [](trial<T>&) {}},
      {"commutative", "a ⊔ b = b ⊔ a", checks::commutative<T>},
      {"associative", "(a ⊔ b) ⊔ c = a ⊔ (b ⊔ c)", checks::associative<T>},
      {"idempotent", "a ⊔ a = a", checks::idempotent<T>},
      {"bottom", "a ⊔ ⊥ = a = ⊥ ⊔ a", checks::bottom<T>},
      {"alias", "x.merge(x) changes nothing", checks::alias<T>},
      {"inflation", "x ⊑ m(x): no mutation takes back what is known", checks::inflation<T>},
      {"delta_mutation", "x ⊔ δ(x) = m(x): the delta is the mutation's whole effect",
       checks::delta_mutation<T>},
      {"delta_order", "deltas come to the same in any grouping, order and number", checks::delta_order<T>},
      {"absorb", "x.absorb(d) merges d and returns what made the difference",
       given<T, absorbing<T>>([](auto& t) { checks::absorb(t); }), no_absorb},
      {"news", "x.absorb(d) returns nothing that x knew",
       given<T, absorbing<T>>([](auto& t) { checks::news(t); }), no_absorb},
      {"parts", "the parts join to the whole, also while it changes",
       given<T, divisible<T>>([](auto& t) { checks::parts(t); }), no_part},
      {"redundancy", "no part is contained in the others",
       given<T, divisible<T>>([](auto& t) { checks::redundancy(t); }), no_part},
      {"canonical_bytes", "equal states have equal bytes",
       given<T, encodable<T>>([](auto& t) { checks::canonical_bytes(t); }), no_codec},
      {"round_trip", "decode(encode(a)) = a", given<T, encodable<T>>([](auto& t) { checks::round_trip(t); }),
       no_codec},
      {"strict_prefix", "bytes that are cut off are refused",
       given<T, encodable<T>>([](auto& t) { checks::strict_prefix(t); }), no_codec},
      {"unique_dots", "no dot is issued twice", given<T, dotted<T>>([](auto& t) { checks::unique_dots(t); }),
       no_dots},
      {"model", "the value is what a naive model says",
       given<T, modelled<T>>([](auto& t) { checks::value_model(t); }), no_model},
  };
}

}  // namespace hearsay::inline v0::laws
