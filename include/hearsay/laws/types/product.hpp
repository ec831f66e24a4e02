// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "hearsay/crdt/product.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/types/subset.hpp"

namespace hearsay::inline v0::laws {
namespace detail {

template <class Fields, class Places>
struct product_model;

template <class Fields, std::size_t... I>
struct product_model<Fields, std::index_sequence<I...>> {
  template <std::size_t J>
  using field = hearsay::detail::field_type<J, Fields>;

  /// The operation on one field; the others have none.
  using op = std::tuple<std::optional<typename model<field<I>>::op>...>;

  static op draw(source& c) {
    op drawn;
    hearsay::detail::fields<Fields>::at(c.below(sizeof...(I)), [&](auto at) {
      std::get<decltype(at)::value>(drawn) = model<field<decltype(at)::value>>::draw(c);
    });
    return drawn;
  }

  static auto expected(std::span<const issued<op>> all, const operation_set& seen) {
    return std::tuple{
        expected_of<field<I>>(all, seen, [](std::size_t, const op& what) { return std::get<I>(what); })...};
  }

  static auto value(const product<Fields>& x) {
    return std::tuple{model<field<I>>::value(x.template get<I>())...};
  }
};

template <class Fields>
using places = std::make_index_sequence<hearsay::detail::field_count<Fields>()>;

template <class Fields, class Places = places<Fields>>
inline constexpr bool fields_modelled = false;
template <class Fields, std::size_t... I>
inline constexpr bool fields_modelled<Fields, std::index_sequence<I...>> =
    (modelled<hearsay::detail::field_type<I, Fields>> && ...);

}  // namespace detail

/// Each field is what its own model says, given the operations on it. That needs a model of every field; and
/// at most one may have stamps, since a write to one field moves the clock, which the model of another does
/// not know of.
template <class Fields>
requires(detail::fields_modelled<Fields>&& hearsay::detail::fields<Fields>::stamps <
         2) struct model<product<Fields>> : detail::product_model<Fields, detail::places<Fields>> {
};

template <class Fields>
struct mutate<product<Fields>> {
  static product<Fields> apply(product<Fields>& x, replica& me, source& c) {
    product<Fields> delta;
    const auto at = c.below(hearsay::detail::fields<Fields>::count);
    c.note("field {}: ", at);
    hearsay::detail::fields<Fields>::at(at, [&](auto place) {
      using field = hearsay::detail::field_type<decltype(place)::value, Fields>;
      delta = x.template update<decltype(place)::value>(
          [&](field& one) { return mutate<field>::apply(one, me, c); });
    });
    return delta;
  }
};

}  // namespace hearsay::inline v0::laws
