// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/container/small_vector.hpp>
#include <type_traits>
#include <utility>

namespace hearsay::inline v0::detail {

/// A vector with room for one element inside itself, so that what has one writer needs no allocation. Unlike
/// its base it is empty after a move, may be moved to itself, and so std::swap is O(1) and never throws.
template <class T>
class short_vector : public boost::container::small_vector<T, 1> {
  static_assert(std::is_trivially_copyable_v<T>);
  using base = boost::container::small_vector<T, 1>;

 public:
  using base::base;
  short_vector() = default;
  short_vector(const short_vector&) = default;
  short_vector(short_vector&& other) noexcept : base(std::move(static_cast<base&>(other))) { other.clear(); }
  short_vector& operator=(const short_vector&) = default;
  short_vector& operator=(short_vector&& other) noexcept {
    if (this != &other) {
      base::operator=(std::move(static_cast<base&>(other)));
      other.clear();
    }
    return *this;
  }

  /// Bytes on the heap.
  std::size_t heap() const noexcept { return this->capacity() > 1 ? this->capacity() * sizeof(T) : 0; }
};

}  // namespace hearsay::inline v0::detail
