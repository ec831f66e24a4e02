// SPDX-License-Identifier: BSL-1.0
#include <benchmark/benchmark.h>

#include <cstdint>
#include <hearsay/crdt.hpp>
#include <hearsay/laws.hpp>
#include <string>

namespace {

/// Random histories, in the world of `check<T>()`, each with all laws checked on it: `histories` is how many
/// of them one core does in a second.
template <class T>
void laws(benchmark::State& state) {
  const hearsay::laws::options world;
  hearsay::laws::checker<T> checker;
  auto choices = hearsay::laws::source::random(world.seed);
  for (auto _ : state) checker.one_history(world, choices);
  if (!checker.found().holds()) state.SkipWithError("a law does not hold");
  state.counters["histories"] =
      benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

BENCHMARK(laws<hearsay::g_counter>);
BENCHMARK(laws<hearsay::or_set<std::uint64_t>>);
BENCHMARK(laws<hearsay::lww_map<std::string, std::uint64_t>>);

}  // namespace

BENCHMARK_MAIN();
