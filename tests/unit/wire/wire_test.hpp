// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <random>

#include "tests/catch.hpp"
#include "tests/unit/wire/samples.hpp"

namespace wire_test {

/// True if `in` cannot be decoded; whatever goes wrong has to be a `decode_error`.
template <class T>
bool refuses(const bytes& in, const wire::limits& most = {}) {
  try {
    wire::decode<T>(in, most);
    return false;
  } catch (const decode_error& error) {
    return error.what()[0] != '\0';
  }
}

/// True if `in` is refused, or the only encoding of what it decodes to.
template <class T>
bool refused_or_canonical(const bytes& in) {
  try {
    return wire::encode(wire::decode<T>(in)) == in;
  } catch (const decode_error&) {
    return true;
  }
}

/// What no decoder may survive: cut off everywhere, continued, every bit flipped, every byte replaced by what
/// is most likely to hurt, sizes that lie. `value` has to have a canonical encoding.
template <class T>
void torture(const T& value) {
  const bytes good = wire::encode(value);
  INFO("encoded as " << hex(good));
  REQUIRE(wire::decode<T>(good) == value);
  REQUIRE(wire::encode(wire::decode<T>(good)) == good);

  for (std::size_t size = 0; size < good.size(); ++size) {
    CAPTURE(size);
    REQUIRE(refuses<T>(bytes(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size))));
  }
  for (const int extra : {0, 1, 0x7f, 0x80, 0xff}) {
    bytes longer = good;
    longer.push_back(static_cast<std::byte>(extra));
    CAPTURE(extra);
    REQUIRE(refuses<T>(longer));
  }
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      bytes flipped = good;
      flipped[at] ^= static_cast<std::byte>(1u << bit);
      CAPTURE(at, bit);
      REQUIRE(refused_or_canonical<T>(flipped));
    }
    for (const int replacement : {0, 1, 2, 0x7f, 0x80, 0xff}) {
      bytes changed = good;
      changed[at] = static_cast<std::byte>(replacement);
      CAPTURE(at, replacement);
      REQUIRE(refused_or_canonical<T>(changed));
    }
    for (const std::uint64_t lie : {std::uint64_t{good.size()}, std::uint64_t{0xffff}, std::uint64_t{1} << 20,
                                    std::uint64_t{1} << 32, ~std::uint64_t{0} >> 1, ~std::uint64_t{0}}) {
      bytes lying(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(at));
      wire::encode_to(lying, lie);
      lying.insert(lying.end(), good.begin() + static_cast<std::ptrdiff_t>(at) + 1, good.end());
      CAPTURE(at, lie);
      REQUIRE(refused_or_canonical<T>(lying));
    }
  }
}

/// Random bytes and random splices of a good encoding.
template <class T>
void torture_at_random(const T& value, std::uint64_t seed, int rounds) {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const bytes good = wire::encode(value);
  for (int round = 0; round < rounds; ++round) {
    bytes changed = good;
    if (random() % 4 == 0) changed.assign(random() % 64, std::byte{});
    for (std::size_t changes = 1 + random() % 4; changes > 0; --changes) {
      const std::size_t at = changed.empty() ? 0 : random() % changed.size();
      const auto where = changed.begin() + static_cast<std::ptrdiff_t>(at);
      switch (random() % 3) {
        case 0:
          changed.insert(where, static_cast<std::byte>(random()));
          break;
        case 1:
          if (!changed.empty()) changed.erase(where);
          break;
        default:
          if (!changed.empty()) *where = static_cast<std::byte>(random());
      }
    }
    CAPTURE(round, hex(changed));
    REQUIRE(refused_or_canonical<T>(changed));
  }
}

}  // namespace wire_test
