// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cereal/cereal.hpp>
#include <concepts>
#include <cstddef>
#include <functional>
#include <string>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/concepts.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/fields.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// Several CRDTs as one: an aggregate of CRDTs is a CRDT. Declare a plain struct of them, and share the
/// product of it:
///
///     struct profile {
///       hearsay::lww_map<std::string, std::string> facts;
///       hearsay::or_set<std::string> tags;
///       hearsay::g_counter visits;
///     };
///     hearsay::replica alice;
///     hearsay::product<profile> here, there;
///     const auto delta = here.update(&profile::tags, [&](auto& tags) { return tags.add(alice, "new"); });
///     there.merge(delta);  // there->tags.contains("new")
///
/// Merge joins field by field (the product of Baquero et al., "Composition of State-Based CRDTs", 2015). A
/// delta has what changed in its field, and bottom in the others. To change several fields at once, merge the
/// deltas of several updates; what arrives elsewhere arrives together as long as it is one delta. (When a
/// large state is sent in parts, one field comes after the other.)
///
/// `Fields` is a struct without base classes, constructors and private members, of up to 100 fields, or a
/// std::tuple, std::pair or std::array. A field can be a product itself. The fields' order is part of the
/// format, their names are not. Peers know the type as `product<or_set<string>,g_counter>`, and so on; or by
/// the struct's own name if it has a `static constexpr std::string_view crdt_name` (see type_name.hpp), which
/// is the way to keep two structs with the same fields apart.
template <class Fields>
class product {
  using fields = detail::fields<Fields>;
  static_assert(fields::count != 0 && fields::crdts,
                "product<Fields>: every field has to be a CRDT: a regular value with merge (concepts.hpp)");
  template <std::size_t I>
  using field_type = detail::field_type<I, Fields>;
  template <std::size_t I>
  using place = std::integral_constant<std::size_t, I>;

 public:
  product() = default;
  /// The product with these fields.
  explicit product(Fields all) : fields_(std::move(all)) {}

  /// All fields, to read: `*x`, `x->tags`.
  const Fields& operator*() const noexcept { return fields_; }
  const Fields* operator->() const noexcept { return &fields_; }
  /// The field at a place, to read.
  template <std::size_t I>
  const auto& get() const noexcept {
    return detail::field<I>(fields_);
  }

  /// Changes one field by `change(field)`, which returns the field's delta, and returns that as a delta of
  /// the whole. Costs, throws and guarantees what `change` does.
  template <class Field, detail::change_of<Field> Change>
  product update(Field Fields::*which, Change&& change) {
    product delta;
    delta.fields_.*which = std::invoke(std::forward<Change>(change), fields_.*which);
    return delta;
  }

  /// The same by the field's place, from 0: `x.update<1>(change)`.
  template <std::size_t I, detail::change_of<field_type<I>> Change>
  product update(Change&& change) {
    product delta;
    detail::field<I>(delta.fields_) = std::invoke(std::forward<Change>(change), detail::field<I>(fields_));
    return delta;
  }

  bool is_bottom() const { return filled_from(0) == fields::count; }

  /// The largest stamp in any field.
  timestamp newest() const requires(fields::stamps != 0) {
    timestamp latest;
    fields::for_each([&]<std::size_t I>(place<I>) { latest = std::max(latest, hearsay::newest(get<I>())); });
    return latest;
  }

  /// The sums over all fields; a writer counts once for each field that knows it.
  hearsay::metrics metrics() const {
    hearsay::metrics sum;
    fields::for_each([&]<std::size_t I>(place<I>) { sum += metrics_of(get<I>()); });
    return sum;
  }

  friend bool operator==(const product& a, const product& b) {
    return fields::all([&]<std::size_t I>(place<I>) { return a.get<I>() == b.get<I>(); });
  }

  /// Joins each field of `other` into its own. If one of them throws, those before it have been joined.
  void merge(const product& other) {
    fields::for_each([&]<std::size_t I>(place<I>) { detail::field<I>(fields_).merge(other.get<I>()); });
  }

  /// Merges `delta` and returns what of it was news, field by field.
  product absorb(const product& delta) {
    product news;
    fields::for_each([&]<std::size_t I>(place<I>) {
      detail::field<I>(news.fields_) = hearsay::absorb(detail::field<I>(fields_), delta.get<I>());
    });
    return news;
  }

  /// The next part, field after field, with as many fields in one as there is room for. In the cursor,
  /// `first` and `second` are those of the field where the walk stands, and so is `field`, times the number
  /// of fields, plus the place of that field: a number whose lowest digit tells the place here, the next one
  /// the place in a product there, and so on.
  product part(cursor& at, std::size_t max_bytes) const {
    product out;
    const auto here = static_cast<std::size_t>(at.field % fields::count);
    auto next = filled_from(here);
    cursor inner;
    if (next == here) inner = {at.first, at.second, false, at.field / fields::count};
    bool end = at.end || next == fields::count;
    bool room = true;
    detail::size_counter used;
    while (room && !end) {
      fields::at(next, [&]<std::size_t I>(place<I>) {
        auto& taken = detail::field<I>(out.fields_);
        taken = hearsay::part(get<I>(), inner, max_bytes - std::min(max_bytes, used.bytes()));
        room = inner.end;
        if (!inner.end) return;
        used(taken);
        room = used.bytes() < max_bytes;
        inner = {};
        next = filled_from(I + 1);
        end = next == fields::count;
      });
    }
    at = {inner.first, inner.second, end, end ? 0 : inner.field * fields::count + next};
    return out;
  }

  template <class F>
  void for_each_writer(F&& f) const {
    fields::for_each([&]<std::size_t I>(place<I>) { hearsay::for_each_writer(get<I>(), f); });
  }
  template <class Gone>
  void forget_writers(const Gone& gone) {
    fields::for_each(
        [&]<std::size_t I>(place<I>) { hearsay::forget_writers(detail::field<I>(fields_), gone); });
  }

  fmt::appender print(fmt::appender out) const requires fields::printable {
    *out++ = '(';
    fields::for_each(
        [&]<std::size_t I>(place<I>) { out = fmt::format_to(out, "{}{}", I == 0 ? "" : ", ", get<I>()); });
    *out++ = ')';
    return out;
  }

  /// The fields, in order.
  template <class Archive>
  void save(Archive& archive) const {
    fields::for_each([&]<std::size_t I>(place<I>) { archive(get<I>()); });
  }

  template <class Archive>
  void load(Archive& archive) {
    product fresh;
    fields::for_each([&]<std::size_t I>(place<I>) { archive(detail::field<I>(fresh.fields_)); });
    *this = std::move(fresh);
  }

 private:
  // The first field from `from` on that is not bottom.
  std::size_t filled_from(std::size_t from) const {
    auto found = fields::count;
    fields::for_each([&]<std::size_t I>(place<I>) {
      if (I >= from && found == fields::count && !hearsay::is_bottom(get<I>())) found = I;
    });
    return found;
  }

  Fields fields_{};
};

template <class Fields>
requires(detail::has_name<Fields> && !detail::tuple_like<Fields>) struct name_of<product<Fields>> {
  static std::string get() { return type_name<Fields>(); }
};

template <class Fields>
requires((!detail::has_name<Fields> ||
          detail::tuple_like<Fields>)&&detail::fields<Fields>::named) struct name_of<product<Fields>> {
  static std::string get() { return "product<" + detail::fields<Fields>::names() + ">"; }
};

}  // namespace hearsay::inline v0
