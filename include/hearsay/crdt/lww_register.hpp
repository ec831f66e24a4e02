// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <cereal/cereal.hpp>
#include <cstddef>
#include <string>
#include <utility>

#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/detail/held.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/total_order.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// A value of which the write with the largest stamp wins: the latest by the replicas' hybrid logical clocks,
/// and of two at the same time the one by the higher replica id. Nothing at first.
///
///     hearsay::replica alice, bob;
///     hearsay::lww_register<std::string> here, there;
///     there.merge(here.set(alice, "red"));
///     there.set(bob, "blue");  // above the stamp of what it overwrites, whatever bob's clock says
///     here.merge(there);       // *here.get() == "blue"
///
/// The LWW-register of Shapiro et al., "A comprehensive study of Convergent and Commutative Replicated Data
/// Types", 2011, by hybrid clocks (Kulkarni et al., 2014). Of concurrent writes all but one are lost; where
/// that matters take an mv_register. `T` is totally ordered at compile time (total_order.hpp) and moves
/// without throwing.
template <class T>
class lww_register {
  static_assert(
      total_order<T>,
      "hearsay: values of an lww_register need an operator<=> that orders all of them "
      "(std::strong_ordering), so that equal ones are equal everywhere. Floating point has none: NaN, "
      "-0.0. Store an integer in a fixed unit; give a type of your own a defaulted operator<=>.");

 public:
  /// Writes a value, above every stamp that the replica's clock has seen and above the one it overwrites.
  /// Returns the delta. O(1). Throws std::overflow_error where no time is left. Strong guarantee.
  lww_register set(replica& by, T value) {
    lww_register delta;
    delta.last_ = write{std::move(value), {by.time().now(newest()), by.id()}};
    last_ = delta.last_;
    return delta;
  }

  /// The value, or null if nothing was ever written. Valid until the register changes. O(1).
  const T* get() const noexcept { return is_bottom() ? nullptr : &last_.get()->value; }
  /// When that was written; zero if nothing was. O(1).
  timestamp newest() const noexcept { return is_bottom() ? timestamp{} : last_.get()->written.time; }

  bool is_bottom() const noexcept { return last_.get() == nullptr; }

  hearsay::metrics metrics() const {
    const std::size_t count = is_bottom() ? 0 : 1;
    return {count, count, count, 0, sizeof *this};
  }

  /// Equal are registers with the same value from the same write.
  friend bool operator==(const lww_register&, const lww_register&) = default;

  /// Joins `other` into this register: keeps the later write. O(1). Throws collision_error if both have one
  /// stamp and different values; then, and if a copy throws, nothing has changed.
  void merge(const lww_register& other) {
    if (loses_to(other)) last_ = other.last_;
  }

  /// Merges `delta` and returns what of it was news: the write if it won. Throws as `merge` does.
  lww_register absorb(const lww_register& delta) {
    if (!loses_to(delta)) return {};
    lww_register news = delta;
    last_ = delta.last_;
    return news;
  }

  /// The whole, in one part.
  lww_register part(cursor& at, std::size_t) const {
    return std::exchange(at.end, true) ? lww_register() : *this;
  }

  fmt::appender print(fmt::appender out) const requires(fmt::is_formattable<T>::value) {
    return is_bottom() ? fmt::format_to(out, "nothing") : fmt::format_to(out, "{}", *get());
  }

  template <class Archive>
  void save(Archive& archive) const {
    last_.save(archive);
  }
  template <class Archive>
  void load(Archive& archive) {
    last_.load(archive);
  }

 private:
  struct write {
    T value{};
    stamp written;

    friend bool operator==(const write&, const write&) = default;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(CEREAL_NVP(value), CEREAL_NVP(written));
    }
  };

  bool loses_to(const lww_register& other) const {
    if (other.is_bottom() || is_bottom()) return !other.is_bottom();
    const auto& mine = *last_.get();
    const auto& theirs = *other.last_.get();
    if (mine.written == theirs.written && mine.value != theirs.value) {
      throw collision_error(fmt::format("lww_register: two values have the stamp {}", mine.written));
    }
    return mine.written < theirs.written;
  }

  detail::held<write> last_;
};

template <class T>
struct name_of<lww_register<T>> {
  static std::string get() { return "lww_register<" + type_name<T>() + ">"; }
};

}  // namespace hearsay::inline v0
