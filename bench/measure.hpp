// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace bench {

inline std::vector<std::uint64_t> elements(std::size_t n, std::uint64_t seed = 1) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> all(n);
  for (auto& each : all) each = random();
  return all;
}

inline std::size_t size_of(const benchmark::State& state) { return static_cast<std::size_t>(state.range(0)); }

/// Runs `timed` after `prepare`, and reports the time of one of its `count` steps.
template <class Prepare, class Timed>
void measure(benchmark::State& state, std::size_t count, const Prepare& prepare, const Timed& timed) {
  std::vector<double> steps;
  for (auto _ : state) {
    prepare();
    const auto start = std::chrono::steady_clock::now();
    timed();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    state.SetIterationTime(spent.count());
    steps.push_back(spent.count() * 1e9 / static_cast<double>(count));
  }
  // The median: what else the machine does shows in some of the iterations only.
  std::ranges::nth_element(steps, steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2));
  state.counters["value"] = steps[steps.size() / 2];
}

}  // namespace bench
