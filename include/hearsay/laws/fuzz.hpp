// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <span>

#include "hearsay/laws/check.hpp"

namespace hearsay::inline v0::laws {

/// Checks every law on the one history that the bytes come to. Prints a shrunk counterexample and aborts if
/// one does not hold; else returns 0. For one thread.
template <mutable_type T>
int fuzz(const std::uint8_t* data, std::size_t size) {
  static checker<T> laws;
  auto c = source::bytes(std::as_bytes(std::span(data, size)));
  laws.one_history({.steps = most_operations}, c);
  if (laws.found().holds()) return 0;
  std::fputs(laws.found().text().c_str(), stderr);
  std::abort();
}

}  // namespace hearsay::inline v0::laws

/// A libFuzzer target that looks for histories on which a law does not hold:
///
///     HEARSAY_FUZZ_LAWS(my::shopping_cart);      // clang++ -fsanitize=fuzzer,address …
#define HEARSAY_FUZZ_LAWS(...)                                                        \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    return ::hearsay::laws::fuzz<__VA_ARGS__>(data, size);                            \
  }                                                                                   \
  static_assert(true)
