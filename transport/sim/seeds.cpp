// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <hearsay/sim/seeds.hpp>
#include <numeric>
#include <stdexcept>
#include <string_view>

namespace hearsay::inline v0::sim {
namespace {

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

// For a shell, in single quotes if need be.
std::string quoted(const std::string& word) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) return word;
  std::string out = "'";
  for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out.append("'");
}

}  // namespace

std::vector<std::uint64_t> seeds(std::uint64_t quick, std::uint64_t nightly) {
  if (const auto wanted = variable("HEARSAY_SEED"); !wanted.empty()) {
    std::uint64_t seed = 0;
    const auto read = std::from_chars(wanted.data(), wanted.data() + wanted.size(), seed);
    if (read.ec != std::errc{} || read.ptr != wanted.data() + wanted.size()) {
      throw std::invalid_argument(fmt::format("HEARSAY_SEED has to be a number, not '{}'", wanted));
    }
    return {seed};
  }
  std::vector<std::uint64_t> all(variable("HEARSAY_NIGHTLY") == "1" ? nightly : quick);
  std::iota(all.begin(), all.end(), std::uint64_t{1});
  return all;
}

std::string replay(std::uint64_t seed) {
  std::string out = fmt::format("HEARSAY_SEED={}", seed);
  std::ifstream words("/proc/self/cmdline", std::ios::binary);
  for (std::string word; std::getline(words, word, '\0');) out.append(" ").append(quoted(word));
  return out;
}

}  // namespace hearsay::inline v0::sim
