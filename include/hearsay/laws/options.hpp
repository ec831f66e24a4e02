// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>

namespace hearsay::inline v0::laws {

/// How `check` searches, and in which world.
struct options {
  std::uint64_t cases = 2000;     ///< random histories; with `exhaustive` the most that are tried
  std::uint64_t seed = 1;         ///< of the random histories
  std::size_t replicas = 3;       ///< at most; at least 2
  std::size_t steps = 12;         ///< of a history, at most; never more than 64
  std::uint64_t elements = 3;     ///< how many different values `source::item` gives
  bool exhaustive = false;        ///< every history of that world, instead of random ones
  std::uint64_t operands = 1000;  ///< with `exhaustive`: of a law's choices of operands on one history, all,
                                  ///< or that many and as many random ones
  std::size_t shrink_tries = 5000;  ///< how often a failing history is run again to make it smaller
  std::string replay = {};          ///< "law:3.0.1": only this law, on only this history
};

namespace detail {

inline std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return otherwise;
  const std::string_view text = value;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    throw std::invalid_argument(fmt::format("{}={} is no number", name, text));
  }
  return number;
}

inline bool nightly() { return number_from_environment("HEARSAY_NIGHTLY", 0) != 0; }

}  // namespace detail

/// Every history of two replicas, three steps and one element: some thousand. With HEARSAY_NIGHTLY=1, of
/// three replicas and five steps.
inline options small_world() {
  const bool deep = detail::nightly();
  return {.cases = 100'000'000,
          .replicas = deep ? 3u : 2u,
          .steps = deep ? 5u : 3u,
          .elements = 1,
          .exhaustive = true,
          .operands = deep ? 10u : 1000u};
}

/// The random search that the environment asks for: HEARSAY_LAWS_CASES, HEARSAY_LAWS_SEED,
/// HEARSAY_LAWS_REPLAY; and with HEARSAY_NIGHTLY=1 longer histories, many more of them, and a fresh seed.
/// Throws std::invalid_argument for a number that is none.
inline options random_world() {
  options result;
  if (detail::nightly()) {
    result.cases = 500'000;
    result.steps = 30;
    result.seed = std::random_device{}();
  }
  result.cases = detail::number_from_environment("HEARSAY_LAWS_CASES", result.cases);
  result.seed = detail::number_from_environment("HEARSAY_LAWS_SEED", result.seed);
  if (const char* const replay = std::getenv("HEARSAY_LAWS_REPLAY")) result.replay = replay;
  return result;
}

}  // namespace hearsay::inline v0::laws
