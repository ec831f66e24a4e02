// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/types/optional.hpp>
#include <optional>
#include <type_traits>
#include <utility>

namespace hearsay::inline v0::detail {

/// A value or none. Unlike std::optional it is empty after a move, and may be moved to itself.
template <class T>
class held {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>,
                "hearsay: values have to be movable without exceptions");

 public:
  held() = default;
  held(T value) : value_(std::move(value)) {}
  held(const held&) = default;
  held(held&& other) noexcept : value_(std::exchange(other.value_, std::nullopt)) {}
  held& operator=(const held& other) { return *this = held(other); }
  held& operator=(held&& other) noexcept {
    value_ = std::exchange(other.value_, std::nullopt);
    return *this;
  }

  const T* get() const noexcept { return value_ ? &*value_ : nullptr; }

  friend bool operator==(const held&, const held&) = default;

  template <class Archive>
  void save(Archive& archive) const {
    archive(cereal::make_nvp("value", value_));
  }

  template <class Archive>
  void load(Archive& archive) {
    std::optional<T> fresh;
    archive(cereal::make_nvp("value", fresh));
    value_ = std::move(fresh);
  }

 private:
  std::optional<T> value_;
};

}  // namespace hearsay::inline v0::detail
