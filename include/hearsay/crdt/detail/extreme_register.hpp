// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <cereal/cereal.hpp>
#include <cstddef>
#include <utility>

#include "hearsay/crdt/detail/held.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/total_order.hpp"

namespace hearsay::inline v0::detail {

/// What max_register and min_register, which derive from it as `Self`, have in common: of all values written
/// the one that is `Better` than all others, by std::greater or std::less.
template <class Self, class T, class Better>
class extreme_register {
  static_assert(total_order<T>,
                "hearsay: the largest and the smallest value need a type whose operator<=> orders all its "
                "values (std::strong_ordering). Floating point does not: NaN, -0.0. Store an integer in a "
                "fixed unit; give a type of your own a defaulted operator<=>.");

 public:
  /// The value, or null if nothing was ever written. Valid until the register changes. O(1).
  const T* get() const noexcept { return value_.get(); }

  bool is_bottom() const noexcept { return get() == nullptr; }

  hearsay::metrics metrics() const {
    const std::size_t count = is_bottom() ? 0 : 1;
    return {count, count, 0, 0, sizeof(Self)};
  }

  friend bool operator==(const extreme_register&, const extreme_register&) = default;

  /// Joins `other` into this register: keeps the better value. One comparison, and a copy if it loses; if
  /// that throws, nothing has changed.
  void merge(const Self& other) {
    if (loses_to(other.get())) value_ = other.value_;
  }

  /// Merges `delta` and returns what of it was news: the value if it won.
  Self absorb(const Self& delta) {
    if (!loses_to(delta.get())) return {};
    Self news = delta;
    merge(delta);
    return news;
  }

  /// The whole, in one part.
  Self part(cursor& at, std::size_t) const {
    return std::exchange(at.end, true) ? Self() : static_cast<const Self&>(*this);
  }

  fmt::appender print(fmt::appender out) const requires(fmt::is_formattable<T>::value) {
    return is_bottom() ? fmt::format_to(out, "nothing") : fmt::format_to(out, "{}", *get());
  }

  template <class Archive>
  void save(Archive& archive) const {
    value_.save(archive);
  }
  template <class Archive>
  void load(Archive& archive) {
    value_.load(archive);
  }

 protected:
  // Writes a value and returns the delta.
  Self offer(T value) {
    Self delta;
    if (!loses_to(&value)) return delta;
    delta.value_ = std::move(value);
    merge(delta);
    return delta;
  }

 private:
  bool loses_to(const T* other) const {
    return other != nullptr && (is_bottom() || Better()(*other, *get()));
  }

  held<T> value_;
};

}  // namespace hearsay::inline v0::detail
