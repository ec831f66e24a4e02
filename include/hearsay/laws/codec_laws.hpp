// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <exception>
#include <span>
#include <string>

#include "hearsay/crdt/errors.hpp"
#include "hearsay/laws/law.hpp"
#include "hearsay/wire/codec.hpp"

/// The laws of the bytes. Each function checks one law once.
namespace hearsay::inline v0::laws::checks {

template <encodable T>
void canonical_bytes(trial<T>& t) {
  const T& a = t.operand("a");
  const T& b = t.operand("b");
  const T ab = joined(a, b);
  const T ba = joined(b, a);
  const auto bytes = wire::encode(ab);
  const auto same = [&](std::string_view equation, const T& other) {
    if (ab != other) return true;  // then it is another law that is broken
    const auto others = wire::encode(other);
    return bytes == others || t.fail(equation, hex(bytes), hex(others));
  };
  same("bytes of a ⊔ b = bytes of b ⊔ a", ba) &&
      same("bytes of a ⊔ b = bytes of (a ⊔ b) ⊔ a", joined(ab, a)) &&
      same("bytes of x = bytes of decode(bytes of x)", wire::decode<T>(bytes));
}

template <encodable T>
void round_trip(trial<T>& t) {
  const T& a = t.operand("a");
  const T& b = t.operand("b");
  const T read = wire::decode<T>(wire::encode(a));
  t.same("decode(encode(a)) = a", read, a) &&
      t.same("decode(encode(a)) ⊔ b = a ⊔ b", joined(read, b), joined(a, b));
}

template <encodable T>
void strict_prefix(trial<T>& t) {
  const T& a = t.state("a");
  const auto bytes = wire::encode(a);
  if (bytes.empty()) return;
  const auto size = t.choose.below(bytes.size());
  const auto prefix = std::span(bytes).first(size);
  std::string outcome;
  try {
    outcome = print(wire::decode<T>(prefix));
  } catch (const decode_error&) {
    return;
  }
  t.explain("a in bytes is {}", hex(bytes));
  t.fail(fmt::format("the first {} of the {} bytes of a are refused", size, bytes.size()),
         "read as " + outcome, "decode_error");
}

}  // namespace hearsay::inline v0::laws::checks
