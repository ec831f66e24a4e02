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
#include "hearsay/crdt/lww_register.hpp"
#include "hearsay/crdt/max_register.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/min_register.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// Whether the lattice of `T` is a chain: of any two states one contains the other, so merge returns one of
/// the two. True for max_register, min_register, lww_register; a type of your own says so by a member
/// `static constexpr bool is_chain = true`. It cannot be found out by the compiler.
template <class T>
inline constexpr bool is_chain = requires {
  requires T::is_chain;
};
template <class T>
inline constexpr bool is_chain<max_register<T>> = true;
template <class T>
inline constexpr bool is_chain<min_register<T>> = true;
template <class T>
inline constexpr bool is_chain<lww_register<T>> = true;

/// A pair of which the first component rules: the state with the larger one wins, with its second component;
/// where the first ones are equal, the second ones are joined.
///
///     // An election count that starts again with each term.
///     hearsay::replica alice, bob;
///     hearsay::lexicographic<hearsay::max_register<std::uint64_t>, hearsay::g_counter> here, there;
///     const auto vote = here.update([&](auto& votes) { return votes.increment(alice); });
///     there.advance([&](auto& term) { return term.raise(bob, 2); });  // a new term, no votes
///     there.merge(vote);  // a vote of the old term: there.second().value() == 0
///
/// This is the lexicographic product of Baquero et al., "Composition of State-Based CRDTs", 2015. `A` has to
/// be a chain (see is_chain), `B` can be any CRDT. Were `A` no chain, two states would meet of which neither
/// is the larger; what is above both has a new first component, and so an empty second one: updates would
/// vanish that nobody has advanced over.
///
/// A second component begins at bottom whenever the first one grows, its causal context too. That is sound
/// since states of two values of the first are never joined.
template <class A, class B>
class lexicographic {
  static_assert(crdt<A> && crdt<B>, "lexicographic<A, B>: A and B have to be CRDTs (concepts.hpp)");
  static_assert(
      hearsay::is_chain<A>,
      "lexicographic<A, B>: A has to be a chain, a CRDT of whose states one always contains the other, "
      "such as max_register or lww_register; else updates of B would get lost. If A is one, give it "
      "`static constexpr bool is_chain = true`");

 public:
  static constexpr bool is_chain = hearsay::is_chain<B>;

  const A& first() const noexcept { return first_; }
  const B& second() const noexcept { return second_; }

  /// Changes the first component by `change(first)`, which returns its delta, and resets the second one,
  /// unless that delta is bottom. Returns the delta of the whole. Costs, throws and guarantees what `change`
  /// does.
  template <detail::change_of<A> Change>
  lexicographic advance(Change&& change) {
    lexicographic delta;
    B fresh{};
    delta.first_ = std::invoke(std::forward<Change>(change), first_);
    if (!hearsay::is_bottom(delta.first_)) second_ = std::move(fresh);
    return delta;
  }

  /// Changes the second component by `change(second)`, which returns its delta, under the present first one.
  /// Returns the delta of the whole, bottom if that of the second component is bottom. Costs, throws and
  /// guarantees what `change` does, and copies the first component.
  template <detail::change_of<B> Change>
  lexicographic update(Change&& change) {
    lexicographic delta;
    A present = first_;
    delta.second_ = std::invoke(std::forward<Change>(change), second_);
    if (!hearsay::is_bottom(delta.second_)) delta.first_ = std::move(present);
    return delta;
  }

  bool is_bottom() const { return hearsay::is_bottom(first_) && hearsay::is_bottom(second_); }

  /// The larger of the newest stamps of the two.
  timestamp newest() const requires(detail::stamped<A> || detail::stamped<B>) {
    return std::max(hearsay::newest(first_), hearsay::newest(second_));
  }

  /// The sums of both.
  hearsay::metrics metrics() const {
    auto sum = metrics_of(first_);
    return sum += metrics_of(second_);
  }

  friend bool operator==(const lexicographic&, const lexicographic&) = default;

  /// Joins `other` into this pair. Costs what joining and comparing the first components costs, and joining
  /// or copying the second one.
  void merge(const lexicographic& other) {
    if (first_ == other.first_) {
      second_.merge(other.second_);
    } else {
      take(other);
    }
  }

  /// Merges `delta` and returns what of it was news: nothing below a smaller first component, all under a
  /// larger one.
  lexicographic absorb(const lexicographic& delta) {
    lexicographic news;
    if (first_ == delta.first_) {
      A present = first_;
      news.second_ = hearsay::absorb(second_, delta.second_);
      if (!hearsay::is_bottom(news.second_)) news.first_ = std::move(present);
    } else if (auto copy = delta; take(delta)) {
      news = std::move(copy);
    }
    return news;
  }

  /// The next part: one of the second component, with the whole first one. The cursor is that of the second
  /// component. If the first one grows during the walk, the next part is above all that was there before.
  lexicographic part(cursor& at, std::size_t max_bytes) const {
    lexicographic out;
    if (at.end) return out;
    detail::size_counter used;
    used(first_);
    out.second_ = hearsay::part(second_, at, max_bytes - std::min(max_bytes, used.bytes()));
    out.first_ = first_;
    return out;
  }

  template <class F>
  void for_each_writer(F&& f) const {
    hearsay::for_each_writer(first_, f);
    hearsay::for_each_writer(second_, f);
  }
  template <class Gone>
  void forget_writers(const Gone& gone) {
    hearsay::forget_writers(first_, gone);
    hearsay::forget_writers(second_, gone);
  }

  fmt::appender print(fmt::appender out) const
      requires(fmt::is_formattable<A>::value&& fmt::is_formattable<B>::value) {
    return fmt::format_to(out, "({}: {})", first_, second_);
  }

  /// The first component, then the second.
  template <class Archive>
  void save(Archive& archive) const {
    archive(cereal::make_nvp("first", first_), cereal::make_nvp("second", second_));
  }

  template <class Archive>
  void load(Archive& archive) {
    lexicographic fresh;
    archive(cereal::make_nvp("first", fresh.first_), cereal::make_nvp("second", fresh.second_));
    *this = std::move(fresh);
  }

 private:
  // Joins a pair with another first component; false if this one stays as it is.
  bool take(const lexicographic& other) {
    A top = first_;
    top.merge(other.first_);
    if (top == first_) return false;
    // In a chain the top is the other's, else its own: then there is nothing under it yet.
    B under = top == other.first_ ? other.second_ : B{};
    first_ = std::move(top);
    second_ = std::move(under);
    return true;
  }

  A first_{};
  B second_{};
};

template <detail::has_name A, detail::has_name B>
struct name_of<lexicographic<A, B>> {
  static std::string get() { return "lexicographic<" + type_name<A>() + "," + type_name<B>() + ">"; }
};

}  // namespace hearsay::inline v0
