// SPDX-License-Identifier: BSL-1.0
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <hearsay/crdt.hpp>
#include <hearsay/wire.hpp>
#include <string>
#include <vector>

#include "measure.hpp"
#include "table.hpp"

namespace {

using bench::elements;
using bench::measure;
using bench::size_of;
using benchmark::DoNotOptimize;
using hearsay::replica;
using set = hearsay::or_set<std::uint64_t>;
using map = hearsay::or_map<std::uint64_t, set>;
using string_map = hearsay::or_map<std::string, hearsay::or_set<std::string>>;

// One mutation by an element, for every type.
set write(set& x, replica& me, std::uint64_t e) { return x.add(me, e); }
auto write(hearsay::rw_set<std::uint64_t>& x, replica& me, std::uint64_t e) { return x.add(me, e); }
auto write(hearsay::mv_register<std::uint64_t>& x, replica& me, std::uint64_t e) { return x.set(me, e); }
auto write(hearsay::ew_flag& x, replica& me, std::uint64_t) { return x.enable(me); }
auto write(hearsay::dw_flag& x, replica& me, std::uint64_t) { return x.disable(me); }
auto write(hearsay::resettable_counter& x, replica& me, std::uint64_t) { return x.increment(me); }
map write(map& x, replica& me, std::uint64_t e) {
  return x.update(me, e, [&](auto& value) { return value.add(me, e); });
}
string_map write(string_map& x, replica& me, const std::string& e) {
  return x.update(me, e, [&](auto& value) { return value.add(me, e); });
}

template <class T>
void mutator(benchmark::State& state) {
  const auto all = elements(size_of(state));
  T out;
  replica me;
  measure(
      state, all.size(), [&] { out = {}; },
      [&] {
        for (const auto each : all) DoNotOptimize(write(out, me, each));
      });
}

template <class T>
void apply(benchmark::State& state) {
  replica me, other;
  T here;
  for (const auto each : elements(size_of(state))) write(here, me, each);
  T there = here;
  std::uint64_t seed = 2;
  std::vector<T> deltas;
  measure(
      state, 1024,
      [&] {
        deltas.clear();
        for (const auto each : elements(1024, ++seed)) deltas.push_back(write(there, other, each));
      },
      [&] {
        for (const T& each : deltas) here.merge(each);
      });
}

std::vector<std::string> names(std::size_t n) {
  std::vector<std::string> all;
  for (std::size_t i = 0; i < n; ++i) all.push_back(fmt::format("user {}", i * 7919 % n));
  return all;
}

string_map filled(const std::vector<std::string>& all, replica& me) {
  string_map out;
  for (const auto& each : all) write(out, me, each);
  return out;
}

void map_put(benchmark::State& state) {
  const auto all = names(size_of(state));
  string_map out;
  replica me;
  measure(
      state, all.size(), [&] { out = {}; },
      [&] {
        for (const auto& each : all) DoNotOptimize(write(out, me, each));
      });
}

// 1024 keys of a map, in no order; what `erases` says of them is undone before the next.
template <bool applies, bool erases>
void map_change(benchmark::State& state) {
  const auto all = names(size_of(state));
  replica me, other;
  string_map here = filled(all, me), there = here;
  std::size_t next = 0;
  std::vector<std::size_t> picked(1024);
  std::vector<string_map> deltas;
  const auto change = [&](string_map& x, const std::string& key) {
    return erases ? x.erase(other, key) : write(x, other, key);
  };
  measure(
      state, picked.size(),
      [&] {
        if (erases && next != 0) {
          for (const auto i : picked) {
            const auto again = write(there, other, all[i]);
            here.merge(again);
          }
        }
        for (auto& i : picked) i = (next += 7919) % all.size();
        deltas.clear();
        if (applies) {
          for (const auto i : picked) deltas.push_back(change(there, all[i]));
        }
      },
      [&] {
        if (applies) {
          for (const auto& each : deltas) here.merge(each);
        } else {
          for (const auto i : picked) DoNotOptimize(change(there, all[i]));
        }
      });
}

template <class T>
void merge_equal(benchmark::State& state) {
  replica me;
  T here;
  for (const auto each : elements(size_of(state))) write(here, me, each);
  const T there = here;
  measure(
      state, 1, [] {}, [&] { here.merge(there); });
}

// Nothing new for `here`, which knows more.
void merge_known(benchmark::State& state) {
  replica me;
  set there;
  for (const auto each : elements(size_of(state))) there.add(me, each);
  set here = there;
  here.add(me, 1);
  measure(
      state, there.size(), [] {}, [&] { here.merge(there); });
}

void encode(benchmark::State& state) {
  replica me;
  set in;
  for (const auto each : elements(size_of(state))) in.add(me, each);
  const auto size = hearsay::wire::encode(in).size();
  measure(
      state, size, [] {}, [&] { DoNotOptimize(hearsay::wire::encode(in).data()); });
}

void decode(benchmark::State& state) {
  replica me;
  set in;
  for (const auto each : elements(size_of(state))) in.add(me, each);
  const auto bytes = hearsay::wire::encode(in);
  hearsay::wire::limits limits;
  limits.elements = 1u << 24;
  limits.frame_bytes = 1u << 28;
  set out;
  measure(
      state, bytes.size(), [&] { out = {}; }, [&] { out = hearsay::wire::decode<set>(bytes, limits); });
}

// The same bytes into a bare map: the numbers read one by one, the room known before.
void bare_decode(benchmark::State& state) {
  const auto all = elements(size_of(state));
  hearsay::bytes bytes;
  {
    hearsay::wire::writer writer(bytes);
    for (const auto each : all) writer(each);
  }
  boost::unordered_flat_map<std::uint64_t, std::array<std::uint64_t, 2>> out;
  measure(
      state, bytes.size(), [&] { out = {}; },
      [&] {
        hearsay::wire::reader in(bytes);
        out.reserve(all.size());
        for (std::size_t i = 0; i < all.size(); ++i) {
          std::uint64_t each = 0;
          in(each);
          out.insert({each, {}});
        }
      });
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<bench::table::row> rows;
  const auto timed = [&](const char* name, auto* function, std::int64_t n) {
    benchmark::RegisterBenchmark(name, function)->Arg(n)->UseManualTime()->Repetitions(3)->MinTime(0.05);
  };
  const auto row = [&](const std::string& what, const std::string& run, std::int64_t n,
                       const std::string& baseline, double most, const std::string& unit) {
    rows.push_back({fmt::format("{} @ {}", what, n), fmt::format("{}/{}", run, n),
                    baseline.empty() ? baseline : fmt::format("{}/{}", baseline, n), most, unit});
  };
  const auto beside_set = [&](const char* type, auto* mutate, auto* merge, std::int64_t n) {
    timed(fmt::format("{}_mutate", type).c_str(), mutate, n);
    timed(fmt::format("{}_apply", type).c_str(), merge, n);
    if (std::string(type) == "or_set") return;
    row(fmt::format("{} mutator with its delta", type), fmt::format("{}_mutate", type), n, "or_set_mutate",
        1.5, "ns");
    row(fmt::format("{} apply one delta", type), fmt::format("{}_apply", type), n, "or_set_apply", 1.5, "ns");
  };
  for (const std::int64_t n : {1'000, 100'000}) {
    beside_set("or_set", mutator<set>, apply<set>, n);
    beside_set("rw_set", mutator<hearsay::rw_set<std::uint64_t>>, apply<hearsay::rw_set<std::uint64_t>>, n);
    beside_set("or_map", mutator<map>, apply<map>, n);
  }
  using reg = hearsay::mv_register<std::uint64_t>;
  using hearsay::dw_flag, hearsay::ew_flag, hearsay::resettable_counter;
  beside_set("mv_register", mutator<reg>, apply<reg>, 1'000);
  beside_set("ew_flag", mutator<ew_flag>, apply<ew_flag>, 1'000);
  beside_set("dw_flag", mutator<dw_flag>, apply<dw_flag>, 1'000);
  beside_set("resettable_counter", mutator<resettable_counter>, apply<resettable_counter>, 1'000);

  constexpr std::int64_t million = 1'000'000;
  timed("map_put", map_put, million);
  row("or_map<string, or_set<string>> put", "map_put", million, "", 1000, "ns");
  timed("map_erase", map_change<false, true>, million);
  row("or_map<string, or_set<string>> erase", "map_erase", million, "", 1000, "ns");
  timed("map_apply_put", map_change<true, false>, million);
  row("or_map<string, or_set<string>> apply one put", "map_apply_put", million, "", 1000, "ns");
  timed("map_apply_erase", map_change<true, true>, million);
  row("or_map<string, or_set<string>> apply one erase", "map_apply_erase", million, "", 1000, "ns");
  timed("merge_known", merge_known, million);
  row("or_set merge, nothing new, per element", "merge_known", million, "", 40, "ns");
  timed("merge_equal", merge_equal<set>, million);
  row("or_set merge of an equal state, in all", "merge_equal", million, "", 2000, "ns");
  timed("map_merge_equal", merge_equal<map>, million);
  row("or_map merge of an equal state, in all", "map_merge_equal", million, "", 2000, "ns");
  for (const std::int64_t n : {10'000, 1'000'000}) {
    timed("encode", encode, n);
    row("or_set encode, per byte (500 MB/s)", "encode", n, "", 2, "ns");
    timed("decode", decode, n);
    row("or_set decode, per byte (500 MB/s)", "decode", n, "", 2, "ns");
    timed("bare_decode", bare_decode, n);
    row("or_set decode, beside a bare map", "decode", n, "bare_decode", 2, "ns");
  }

  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  bench::table table(std::move(rows));
  benchmark::RunSpecifiedBenchmarks(&table);
  benchmark::Shutdown();
  return 0;
}
