// SPDX-License-Identifier: BSL-1.0
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>

#include "hearsay/crdt.hpp"
#include "hearsay/laws.hpp"
#include "hearsay/laws/fuzz.hpp"

/// The first byte says whose laws are checked, the others are the choices that make the history. A new type
/// goes to the end, so that the corpus keeps its meaning.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  using namespace hearsay;
  constexpr int (*types[])(const std::uint8_t*, std::size_t) = {
      laws::fuzz<g_counter>,
      laws::fuzz<or_set<std::uint64_t>>,
      laws::fuzz<lww_map<std::string, std::uint64_t>>,
      laws::fuzz<or_map<std::uint64_t, or_map<std::uint64_t, resettable_counter>>>,
      laws::fuzz<or_map<std::string, rw_set<std::uint64_t>>>,
      laws::fuzz<mv_register<std::uint64_t>>,
      laws::fuzz<bounded_counter>,
      laws::fuzz<product<std::pair<pn_counter, two_phase_set<std::uint64_t>>>>,
  };
  return types[data[0] % std::size(types)](data + 1, size - 1);
}
