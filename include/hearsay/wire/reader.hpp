// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/errors.hpp"
#include "hearsay/wire/detail/types.hpp"
#include "hearsay/wire/limits.hpp"
#include "hearsay/wire/varint.hpp"
#include "hearsay/wire/writer.hpp"

namespace hearsay::inline v0::wire {

/// The cereal archive that reads the format of `docs/wire.md`, from bytes that nobody vouches for. Reads
/// nothing but what `writer` writes: shortest varints, `bool` as 0 or 1, enums within their `enum_range`,
/// ascending keys.
///
/// Throws `decode_error` at the first byte that does not fit, and for what exceeds the limits, before
/// allocating for it: what is allocated ahead of the elements that fill it is at most eight times the input.
/// Neither the reader nor the values it was reading are of use after that. What a type's own `load` throws
/// passes through; `decode` turns that, too, into `decode_error`.
class reader : public cereal::InputArchive<reader> {
  using base = cereal::InputArchive<reader>;

 public:
  /// The bytes have to outlive the reader.
  explicit reader(std::span<const std::byte> in, const limits& most = {})
      : base(this),
        limits_(most),
        begin_(in.data()),
        at_(in.data()),
        end_(in.data() + in.size()),
        reservable_(8 * in.size()) {}

  template <class... Ts>
  reader& operator()(Ts&&... values) {
    (get(values), ...);
    return *this;
  }
  template <class T>
  reader& operator>>(T&& value) {
    get(value);
    return *this;
  }
  template <class T>
  reader& operator&(T&& value) {
    get(value);
    return *this;
  }

  /// How many bytes have not been read yet.
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }

  /// Throws `decode_error` unless all bytes have been read.
  void finish() const {
    if (at_ != end_) fail("more bytes than belong to the value");
  }

 private:
  [[noreturn]] void fail(const char* what) const {
    throw decode_error(std::string(what) + ", at byte " + std::to_string(at_ - begin_));
  }

  template <class T>
  void get(T& value) {
    static_assert(!std::is_const_v<T>, "hearsay::wire: cannot read into something const");
    if constexpr (detail::refused<T>) {
      detail::explain_refusal<T>();
    } else if constexpr (detail::byte_like<T>) {
      value = get_byte<T>();
    } else if constexpr (detail::integer<T>) {
      value = get_integer<T>();
    } else if constexpr (detail::ranged_enum<T>) {
      std::underlying_type_t<T> number{};
      get(number);
      if (!detail::in_enum_range<T>(number)) fail("an enum value outside its range");
      value = static_cast<T>(number);
    } else if constexpr (detail::is_a<T, cereal::SizeTag>) {
      value.size = narrow<std::remove_reference_t<decltype(value.size)>>(get_size(limits_.elements));
    } else if constexpr (detail::wrapper<T>) {
      get(detail::unwrap(value));
    } else if constexpr (detail::byte_string<T>) {
      const std::size_t size = get_size(limits_.string_bytes);
      value.assign(reinterpret_cast<const typename T::value_type*>(at_), size);
      at_ += size;
    } else {
      if (depth_ == limits_.depth) fail("values nested too deep");
      ++depth_;
      get_nested(value);
      --depth_;
    }
  }

  template <class T>
  void get_nested(T& value) {
    if constexpr (detail::byte_vector<T>) {
      value.resize(get_size(limits_.elements));
      get_raw(value.data(), value.size());
    } else if constexpr (detail::is_byte_array<T>) {
      if (remaining() < value.size()) fail("too few bytes");
      get_raw(value.data(), value.size());
    } else if constexpr (detail::is_a<T, std::vector>) {
      get_vector(value);
    } else if constexpr (detail::ordered<T>) {
      get_ordered(value);
    } else if constexpr (detail::member_loaded<T, reader>) {
      cereal::access::member_load(*this, value);
    } else {
      base::operator()(value);
    }
  }

  template <class T, class A>
  void get_vector(std::vector<T, A>& out) {
    const std::size_t size = get_size(limits_.elements);
    out.clear();
    if constexpr (detail::scalar<T>) {
      out.resize(size);
      for (std::size_t i = 0; i < size; ++i) {
        T value{};
        get(value);
        out[i] = value;
      }
    } else {
      // The budget is for the whole input: nested vectors that all lie about their size share it.
      const std::size_t ahead = std::min(size, reservable_ / sizeof(T));
      reservable_ -= ahead * sizeof(T);
      out.reserve(ahead);
      for (std::size_t i = 0; i < size; ++i) get(out.emplace_back());
    }
  }

  template <detail::ordered T>
  void get_ordered(T& out) {
    const std::size_t size = get_size(limits_.elements);
    out.clear();
    for (std::size_t i = 0; i < size; ++i) {
      typename T::key_type key{};
      get(key);
      if (!out.empty() && !out.key_comp()(last_key(out), key)) fail("keys that do not ascend");
      if constexpr (detail::is_a<T, std::map>) {
        get(out.try_emplace(out.end(), std::move(key))->second);
      } else {
        out.insert(out.end(), std::move(key));
      }
    }
  }
  template <detail::ordered T>
  static const typename T::key_type& last_key(const T& in) {
    if constexpr (detail::is_a<T, std::map>) {
      return in.rbegin()->first;
    } else {
      return *in.rbegin();
    }
  }

  template <detail::byte_like T>
  T get_byte() {
    if (at_ == end_) fail("too few bytes");
    if constexpr (std::same_as<T, bool>) {
      if (*at_ > std::byte{1}) fail("a bool that is neither 0 nor 1");
      return *at_++ == std::byte{1};
    } else {
      return static_cast<T>(*at_++);
    }
  }

  template <detail::integer T>
  T get_integer() {
    std::uint64_t value = 0;
    const std::byte* const next = get_varint(at_, end_, value);
    if (next == nullptr) fail("a varint that is cut off, too long, or not the shortest");
    if constexpr (std::is_signed_v<T>) {
      const std::int64_t number = unzigzag(value);
      if (number < std::numeric_limits<T>::min() || number > std::numeric_limits<T>::max()) {
        fail("a number too large for its type");
      }
      at_ = next;
      return static_cast<T>(number);
    } else {
      const T number = narrow<T>(value);
      at_ = next;
      return number;
    }
  }

  template <class T>
  T narrow(std::uint64_t value) const {
    if (value > std::numeric_limits<T>::max()) fail("a number too large for its type");
    return static_cast<T>(value);
  }

  /// A size that the rest of the input can hold, since each element takes at least a byte.
  std::size_t get_size(std::size_t most) {
    const auto size = get_integer<std::uint64_t>();
    if (size > most) fail("a size beyond the limit");
    if (size > remaining()) fail("a size beyond the end of the bytes");
    return static_cast<std::size_t>(size);
  }

  void get_raw(void* to, std::size_t size) {
    std::copy_n(at_, size, static_cast<std::byte*>(to));
    at_ += size;
  }

  limits limits_;
  const std::byte* begin_;
  const std::byte* at_;
  const std::byte* end_;
  std::size_t reservable_;  // bytes that may still be allocated ahead of the elements that fill them
  std::size_t depth_ = 0;
};

/// Where cereal itself meets a number, a string or a name-value pair (class versions, `load_minimal`), it
/// comes here.
template <detail::minimal T>
void load(reader& from, T& value) {
  from(value);
}
template <class T>
void load(reader& from, cereal::NameValuePair<T>& pair) {
  from(pair.value);
}

}  // namespace hearsay::inline v0::wire

// What `load_minimal` takes is deduced from what `save_minimal` gives to the writer.
CEREAL_SETUP_ARCHIVE_TRAITS(hearsay::wire::reader, hearsay::wire::writer)
