// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/types/array.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/variant.hpp>

#include "hearsay/wire/reader.hpp"
#include "hearsay/wire/writer.hpp"

namespace hearsay::inline v0::wire {

/// Appends the canonical bytes of `value` to `out`. If that throws, `out` is as it was. See `writer` for the
/// errors.
template <class T>
void encode_to(bytes& out, const T& value, const limits& most = limits::none()) {
  const std::size_t before = out.size();
  try {
    writer write(out, most);
    write(value);
  } catch (...) {
    out.resize(before);
    throw;
  }
}

/// The canonical bytes of `value`: equal values have equal bytes. Given the limits of the readers, it throws
/// `std::length_error` for what they would refuse. See `writer` for the errors.
template <class T>
bytes encode(const T& value, const limits& most = limits::none()) {
  bytes out;
  encode_to(out, value, most);
  return out;
}

/// The value whose canonical bytes are `in`, all of it. Throws `decode_error` and no other standard
/// exception, whatever the bytes, and whatever the type's own `load` throws, lack of memory included: a
/// `load` that trusts a size would run out of memory because of the bytes, and the caller has the same thing
/// to do about both.
template <class T>
T decode(std::span<const std::byte> in, const limits& most = {}) {
  T value{};
  try {
    reader read(in, most);
    read(value);
    read.finish();
  } catch (const decode_error&) {
    throw;
  } catch (const std::exception& error) {
    throw decode_error(error.what());
  }
  return value;
}

}  // namespace hearsay::inline v0::wire
