// SPDX-License-Identifier: BSL-1.0
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <hearsay/crdt.hpp>
#include <hearsay/wire.hpp>
#include <random>
#include <vector>

#include "measure.hpp"
#include "sizes.hpp"
#include "table.hpp"

namespace {

using bench::elements;
using bench::measure;
using bench::size_of;
using benchmark::DoNotOptimize;
using element = std::uint64_t;
using bare_map =
    boost::unordered_flat_map<element, std::array<std::uint64_t, 2>>;  // 16 bytes: a dot or a stamp
using set = hearsay::or_set<element>;
using map = hearsay::lww_map<element, std::uint64_t>;

constexpr std::size_t burst = 1024;

set filled(const std::vector<element>& all, hearsay::replica& by) {
  set out;
  for (const element each : all) out.add(by, each);
  return out;
}

bare_map bare(const std::vector<element>& all) {
  bare_map out;
  for (const element each : all) out.insert({each, {}});
  return out;
}

// --- bare containers

void bare_insert(benchmark::State& state) {
  const auto all = elements(size_of(state));
  bare_map out;
  measure(
      state, all.size(), [&] { out = {}; },
      [&] {
        for (const element each : all) DoNotOptimize(out.insert({each, {}}));
      });
}

void bare_insert_burst(benchmark::State& state) {
  bare_map out = bare(elements(size_of(state)));
  std::uint64_t seed = 2;
  std::vector<element> fresh;
  measure(
      state, burst,
      [&] {
        for (const element each : fresh) out.erase(each);
        fresh = elements(burst, ++seed);
      },
      [&] {
        for (const element each : fresh) DoNotOptimize(out.insert({each, {}}));
      });
}

void bare_lookup(benchmark::State& state) {
  auto all = elements(size_of(state));
  const bare_map in = bare(all);
  std::shuffle(all.begin(), all.end(), std::mt19937_64(3));
  measure(
      state, all.size(), [] {},
      [&] {
        for (const element each : all) DoNotOptimize(in.contains(each));
      });
}

// Two states with half of their elements in common, each time from a fresh copy: one assigned to keeps the
// room that it grew to.
void bare_merge(benchmark::State& state) {
  const auto all = elements(size_of(state) * 3 / 2);
  const auto third = static_cast<std::ptrdiff_t>(all.size() / 3);
  const bare_map mine = bare({all.begin(), all.begin() + 2 * third});
  const bare_map theirs = bare({all.begin() + third, all.end()});
  bare_map out;
  measure(
      state, theirs.size(), [&] { out = bare_map(mine); },
      [&] {
        for (const auto& each : theirs) out.insert(each);
      });
}

/// Heap bytes of what `make(all)` returns, per element.
template <class Make>
void memory(benchmark::State& state, const Make& make) {
  const auto all = elements(size_of(state));
  for (auto _ : state) {
    const std::size_t before = bench::allocated();
    const auto held = make(all);
    state.counters["value"] =
        static_cast<double>(bench::allocated() - before) / static_cast<double>(all.size());
  }
}

void bare_memory(benchmark::State& state) { memory(state, bare); }

// --- or_set

void or_set_add(benchmark::State& state) {
  const auto all = elements(size_of(state));
  set out;
  hearsay::replica me;
  measure(
      state, all.size(), [&] { out = {}; },
      [&] {
        for (const element each : all) DoNotOptimize(out.add(me, each));
      });
}

void or_set_contains(benchmark::State& state) {
  auto all = elements(size_of(state));
  hearsay::replica me;
  const set in = filled(all, me);
  std::shuffle(all.begin(), all.end(), std::mt19937_64(3));
  measure(
      state, all.size(), [] {},
      [&] {
        for (const element each : all) DoNotOptimize(in.contains(each));
      });
}

template <bool removes>
void or_set_apply(benchmark::State& state) {
  hearsay::replica me, other;
  set here = filled(elements(size_of(state)), me);
  set there = here;
  std::uint64_t seed = 2;
  std::vector<element> fresh;
  std::vector<set> adds, removals;
  measure(
      state, burst,
      [&] {
        for (const element each : fresh) here.merge(there.remove(other, each));
        fresh = elements(burst, ++seed);
        adds.clear();
        removals.clear();
        for (const element each : fresh) adds.push_back(there.add(other, each));
        if (!removes) return;
        for (const set& each : adds) here.merge(each);
        std::shuffle(fresh.begin(), fresh.end(), std::mt19937_64(seed));
        for (const element each : fresh) removals.push_back(there.remove(other, each));
        fresh.clear();
      },
      [&] {
        for (const set& each : removes ? removals : adds) here.merge(each);
      });
}

void or_set_merge(benchmark::State& state) {
  const auto all = elements(size_of(state) * 3 / 2);
  const std::size_t third = all.size() / 3;
  hearsay::replica first, me, other;
  set common, mine, theirs, out;
  for (std::size_t i = third; i < 2 * third; ++i) common.add(first, all[i]);
  mine = theirs = common;
  for (std::size_t i = 0; i < third; ++i) mine.add(me, all[i]);
  for (std::size_t i = 2 * third; i < all.size(); ++i) theirs.add(other, all[i]);
  measure(
      state, theirs.size(), [&] { out = mine; }, [&] { out.merge(theirs); });
}

void or_set_memory(benchmark::State& state) {
  hearsay::replica me;
  memory(state, [&](const std::vector<element>& all) { return filled(all, me); });
}

void or_set_missing(benchmark::State& state) {
  const auto all = elements(size_of(state));
  hearsay::replica me;
  const set in = filled(all, me);
  const std::uint64_t n = all.size();
  hearsay::causal_context seen;
  seen.insert(me.id(), {1, n / 3});
  seen.insert(me.id(), {n / 3 + 2, n});
  for (auto _ : state) {
    const set lacking = in.missing_from(seen);
    if (lacking.size() != 1) state.SkipWithError("not the one element that is missing");
  }
}

void or_set_encoded(benchmark::State& state) {
  std::mt19937_64 random(1);
  hearsay::replica me;
  hearsay::or_set<std::string> in;
  for (std::size_t i = 0; i < size_of(state); ++i) in.add(me, fmt::format("{:016x}", random()));
  for (auto _ : state) {
    const auto encoded = hearsay::wire::encode(in);
    DoNotOptimize(encoded.data());
    state.counters["value"] = static_cast<double>(encoded.size()) / static_cast<double>(in.size());
  }
}

// --- lww_map

void lww_map_put(benchmark::State& state) {
  const auto all = elements(size_of(state));
  map out;
  hearsay::replica me;
  measure(
      state, all.size(), [&] { out = {}; },
      [&] {
        for (const element each : all) DoNotOptimize(out.put(me, each, 1));
      });
}

void lww_map_encoded(benchmark::State& state) {
  hearsay::replica me;
  map in;
  for (std::uint64_t i = 0; i < 100'000; ++i) in.put(me, i % 10, i);
  for (auto _ : state) state.counters["value"] = static_cast<double>(hearsay::wire::encode(in).size());
}

// --- g_counter

void g_counter_increment(benchmark::State& state) {
  hearsay::g_counter counter;
  hearsay::replica me;
  for (std::size_t i = 1; i < size_of(state); ++i) {
    hearsay::replica other;
    counter.increment(other);
  }
  for (auto _ : state) DoNotOptimize(counter.increment(me));
}

void g_counter_merge(benchmark::State& state) {
  hearsay::g_counter here, there;
  for (std::size_t i = 0; i < size_of(state); ++i) {
    hearsay::replica each;
    here.increment(each, i % 2 + 1);
    there.merge(here);
    there.increment(each, i % 3 + 1);
  }
  hearsay::g_counter out;
  measure(
      state, 1, [&] { out = here; }, [&] { out.merge(there); });
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::int64_t> sizes = {1'000, 100'000, 1'000'000};
  std::vector<bench::table::row> rows;
  const auto timed = [&](const char* name, auto* function, const std::vector<std::int64_t>& all) {
    for (const std::int64_t n : all) {
      auto* added = benchmark::RegisterBenchmark(name, function)->Arg(n)->UseManualTime();
      added->Repetitions(3)->MinTime(0.05);
    }
  };
  const auto once = [](const char* name, auto* function, std::int64_t n) {
    benchmark::RegisterBenchmark(name, function)->Arg(n)->Iterations(1);
  };
  const auto row = [&](const std::string& what, const std::string& run, std::int64_t n,
                       const std::string& baseline, double most, const std::string& unit, double plus = 0) {
    rows.push_back({n > 1 ? fmt::format("{} @ {}", what, n) : what, fmt::format("{}/{}", run, n),
                    baseline.empty() ? baseline : fmt::format("{}/{}", baseline, n), most, unit, plus});
  };

  timed("bare_insert", bare_insert, sizes);
  timed("or_set_add", or_set_add, sizes);
  timed("lww_map_put", lww_map_put, sizes);
  timed("bare_insert_burst", bare_insert_burst, sizes);
  timed("or_set_apply_add", or_set_apply<false>, sizes);
  timed("or_set_apply_remove", or_set_apply<true>, sizes);
  timed("bare_lookup", bare_lookup, sizes);
  timed("or_set_contains", or_set_contains, sizes);
  timed("bare_merge", bare_merge, sizes);
  timed("or_set_merge", or_set_merge, sizes);
  timed("g_counter_merge", g_counter_merge, {1'000});
  benchmark::RegisterBenchmark("g_counter_increment", g_counter_increment)->Arg(1)->Arg(1'000);
  benchmark::RegisterBenchmark("or_set_missing", or_set_missing)->Arg(1'000'000);
  for (const std::int64_t n : sizes) {
    once("bare_memory", bare_memory, n);
    once("or_set_memory", or_set_memory, n);
  }
  once("or_set_encoded", or_set_encoded, 100'000);
  once("lww_map_encoded", lww_map_encoded, 1);

  row("g_counter increment with its delta, 1 replica", "g_counter_increment", 1, "", 10, "ns");
  row("g_counter increment with its delta, replicas", "g_counter_increment", 1'000, "", 10, "ns");
  row("g_counter merge, replicas", "g_counter_merge", 1'000, "", 3'000, "ns");
  for (const auto n : sizes) row("or_set add with its delta", "or_set_add", n, "bare_insert", 2.5, "ns");
  for (const auto n : sizes) row("or_set contains", "or_set_contains", n, "bare_lookup", 1.3, "ns");
  for (const auto n : sizes) row("or_set apply one add", "or_set_apply_add", n, "bare_insert", 3, "ns");
  for (const auto n : sizes) row("or_set apply one remove", "or_set_apply_remove", n, "bare_insert", 3, "ns");
  for (const auto n : sizes) row("or_set merge, per element", "or_set_merge", n, "bare_merge", 2, "ns");
  for (const auto n : sizes)
    row("or_set memory, per element", "or_set_memory", n, "bare_memory", 1.5, "B", 8);
  for (const auto n : sizes) row("lww_map put with its delta", "lww_map_put", n, "bare_insert", 2.5, "ns");
  row("lww_map: 100,000 overwrites of 10 keys, encoded", "lww_map_encoded", 1, "", 600, "B");
  row("or_set of 16-byte strings, encoded, per element", "or_set_encoded", 100'000, "", 18.5, "B");
  row("or_set: what a peer lacks, 1 of", "or_set_missing", 1'000'000, "", 10'000, "ns");

  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  bench::table table(std::move(rows));
  benchmark::RunSpecifiedBenchmarks(&table);
  benchmark::Shutdown();
  return 0;
}
