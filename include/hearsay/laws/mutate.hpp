// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <bitset>
#include <cereal/cereal.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/concepts.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/laws/source.hpp"
#include "hearsay/wire/codec.hpp"

namespace hearsay::inline v0::laws {

/// The one thing to write for a type of your own: one random mutation.
///
///     template <>
///     struct hearsay::laws::mutate<my::shopping_cart> {
///       static my::shopping_cart apply(my::shopping_cart& cart, replica& me, source& c) {
///         const auto article = c.item<std::string>();
///         if (c.flip()) return cart.remove(me, article);
///         return cart.put(me, article, c.below(3) + 1);
///       }
///     };
///
/// It changes the state, returns the delta, and decides by nothing but what `c` hands out.
template <class T>
struct mutate;

template <class T>
concept mutable_type = crdt<T> && requires(T& x, replica& me, source& c) {
  { mutate<T>::apply(x, me, c) } -> std::same_as<T>;
};

/// How many mutations a history has at most.
inline constexpr std::size_t most_operations = 64;

/// A set of operations, by their numbers in the history.
using operation_set = std::bitset<most_operations>;

/// One operation of a history, as the model sees it.
template <class Op>
struct issued {
  Op what;
  std::size_t replica = 0;  ///< where; a replica with a larger number has a larger replica_id
  std::uint64_t wall = 0;   ///< what that replica's wall clock showed, in milliseconds
  operation_set saw = {};   ///< the operations whose effects were visible there; always earlier ones
};

/// What a value should be: a pure function of the operations that have been seen, written without a look at
/// the type. It is optional; with it, the law `model` is checked too.
///
///     template <>
///     struct hearsay::laws::model<my::shopping_cart> {
///       struct op { std::string article; bool removes; std::uint64_t count; };
///       static op draw(source& c);  // the same choices as mutate<my::shopping_cart>::apply draws
///       using totals = std::map<std::string, std::uint64_t>;
///       static totals expected(std::span<const issued<op>> all, const operation_set& seen);
///       static totals value(const my::shopping_cart& cart);
///     };
///
/// `all` is every operation of the history in the order in which they were issued, `seen` are those that the
/// state has received. Deltas travel alone, so an operation may be seen before one that it saw itself.
template <class T>
struct model;

template <class T>
concept modelled = requires(source& c, const T& x, std::span<const issued<typename model<T>::op>> all,
                            const operation_set& seen) {
  { model<T>::draw(c) } -> std::same_as<typename model<T>::op>;
  { model<T>::expected(all, seen) == model<T>::value(x) } -> std::convertible_to<bool>;
};

/// @name What a type has, beside the contract of `crdt`
/// A law whose ingredients a type lacks is not checked, and the report says so.
/// @{
template <class T>
concept absorbing = requires(T& x, const T& delta) {
  { x.absorb(delta) } -> std::same_as<T>;
};
template <class T>
concept divisible = requires(const T& x, cursor& at, std::size_t max_bytes) {
  { x.part(at, max_bytes) } -> std::same_as<T>;
};
template <class T>
concept encodable = cereal::traits::is_output_serializable<T, wire::writer>::value &&
    cereal::traits::is_input_serializable<T, wire::reader>::value;
template <class T>
concept dotted = requires(const T& x) {
  { x.context() } -> std::convertible_to<const causal_context&>;
};
/// @}

}  // namespace hearsay::inline v0::laws
