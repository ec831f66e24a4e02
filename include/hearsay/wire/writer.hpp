// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstdint>
#include <stdexcept>
#include <type_traits>

#include "hearsay/crdt/bytes.hpp"
#include "hearsay/wire/detail/types.hpp"
#include "hearsay/wire/limits.hpp"
#include "hearsay/wire/varint.hpp"

namespace hearsay::inline v0::wire {

/// The cereal archive that writes the canonical format of `docs/wire.md`: equal values become equal bytes, on
/// every machine. Takes numbers, enums with an `enum_range`, strings, `std::vector`, `std::map`, `std::set`,
/// and whatever cereal can serialize with these; other types do not compile, and the message says what to use
/// instead.
///
///     hearsay::bytes out;
///     hearsay::wire::writer write(out);
///     write(std::uint64_t{7}, std::string("seven"));
///     write.finish();
///
/// Appends to `out`, whose size is right once `finish` was called or the writer is gone; amortized O(bytes).
/// Throws `std::invalid_argument` for an enum value outside its range and for elements of a container that
/// have no bytes at all, and `std::length_error` for what exceeds the limits.
class writer : public cereal::OutputArchive<writer> {
  using base = cereal::OutputArchive<writer>;

 public:
  /// The limits are those of whoever will read this. By default there are none.
  explicit writer(bytes& out, const limits& most = limits::none())
      : base(this), out_(out), limits_(most), at_(out.data() + out.size()), end_(at_) {}
  ~writer() noexcept override { finish(); }

  template <class... Ts>
  writer& operator()(const Ts&... values) {
    (put(values), ...);
    return *this;
  }
  template <class T>
  writer& operator<<(const T& value) {
    put(value);
    return *this;
  }
  template <class T>
  writer& operator&(const T& value) {
    put(value);
    return *this;
  }

  /// Cuts `out` to what has been written. More may be written afterwards.
  void finish() noexcept {
    out_.resize(written());
    at_ = end_ = out_.data() + out_.size();
  }

 private:
  std::size_t written() const { return static_cast<std::size_t>(at_ - out_.data()); }

  /// Makes room for `count` more bytes.
  void ensure(std::size_t count) {
    if (static_cast<std::size_t>(end_ - at_) < count) grow(count);
  }
  void grow(std::size_t count) {
    const std::size_t done = written();
    out_.resize(std::max({done + count, 2 * done, std::size_t{64}}));
    at_ = out_.data() + done;
    end_ = out_.data() + out_.size();
  }

  template <class T>
  void put(const T& value) {
    if constexpr (detail::refused<T>) {
      detail::explain_refusal<T>();
    } else if constexpr (detail::scalar<T>) {
      ensure(max_varint_bytes);
      put_unchecked(value);
    } else if constexpr (detail::is_a<T, cereal::SizeTag>) {
      put_size(value.size);
    } else if constexpr (detail::wrapper<T>) {
      put(std::as_const(detail::unwrap(value)));
    } else if constexpr (detail::byte_string<T>) {
      if (value.size() > limits_.string_bytes) throw std::length_error("a string exceeds the wire limit");
      ensure(max_varint_bytes);
      put_unchecked(std::uint64_t{value.size()});
      put_raw(value.data(), value.size());
    } else {
      if (depth_ == limits_.depth) throw std::length_error("values are nested deeper than the wire limit");
      ++depth_;
      put_nested(value);
      --depth_;
    }
  }

  template <class T>
  void put_nested(const T& value) {
    if constexpr (detail::byte_vector<T>) {
      put_size(value.size());
      put_raw(value.data(), value.size());
    } else if constexpr (detail::is_byte_array<T>) {
      put_raw(value.data(), value.size());
    } else if constexpr (detail::is_a<T, std::vector>) {
      put_elements<typename T::value_type>(value);
    } else if constexpr (detail::ordered<T>) {
      put_elements<typename T::value_type>(value);
    } else if constexpr (detail::member_saved<T, writer>) {
      cereal::access::member_save(*this, value);
    } else if constexpr (detail::member_saved_minimal<T, writer>) {
      put(cereal::access::member_save_minimal(*this, value));
    } else {
      base::operator()(value);
    }
  }

  template <class Element, class Container>
  void put_elements(const Container& container) {
    put_size(container.size());
    if constexpr (detail::scalar<Element>) {
      // One check of the room for many elements is what makes long vectors of numbers fast.
      constexpr std::size_t block = 64;
      auto next = container.begin();
      for (std::size_t left = container.size(); left > 0;) {
        const std::size_t count = std::min(left, block);
        ensure(count * max_varint_bytes);
        for (std::size_t i = 0; i < count; ++i) put_unchecked(static_cast<Element>(*next++));
        left -= count;
      }
    } else {
      const std::size_t before = written();
      for (const auto& element : container) put_element(element);
      if (written() - before < container.size()) {
        throw std::invalid_argument("elements without any bytes cannot be told apart on the wire");
      }
    }
  }
  template <class T>
  void put_element(const T& element) {
    put(element);
  }
  template <class Key, class Value>
  void put_element(const std::pair<const Key, Value>& item) {
    put(item.first);
    put(item.second);
  }

  void put_size(std::uint64_t size) {
    if (size > limits_.elements) throw std::length_error("a container exceeds the wire limit");
    ensure(max_varint_bytes);
    put_unchecked(size);
  }

  void put_raw(const void* data, std::size_t size) {
    ensure(size);
    at_ = std::copy_n(static_cast<const std::byte*>(data), size, at_);
  }

  template <detail::scalar T>
  void put_unchecked(T value) {
    if constexpr (detail::byte_like<T>) {
      *at_++ = static_cast<std::byte>(value);
    } else if constexpr (detail::ranged_enum<T>) {
      const auto number = static_cast<std::underlying_type_t<T>>(value);
      if (!detail::in_enum_range<T>(number))
        throw std::invalid_argument("an enum value is outside its enum_range");
      put_unchecked(number);
    } else if constexpr (std::is_signed_v<T>) {
      at_ = put_varint(at_, zigzag(value));
    } else {
      at_ = put_varint(at_, value);
    }
  }

  bytes& out_;
  limits limits_;
  std::byte* at_;
  std::byte* end_;
  std::size_t depth_ = 0;
};

/// Where cereal itself meets a number, a string or a name-value pair (class versions, `save_minimal`), it
/// comes here.
template <detail::minimal T>
void save(writer& to, const T& value) {
  to(value);
}
template <class T>
void save(writer& to, const cereal::NameValuePair<T>& pair) {
  to(pair.value);
}

}  // namespace hearsay::inline v0::wire
