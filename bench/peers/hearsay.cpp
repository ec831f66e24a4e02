// SPDX-License-Identifier: BSL-1.0
//
// bench_peers FOLDER: hearsay's part of bench/peers/run, the same rows as work.mjs in the same form.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <hearsay/crdt.hpp>
#include <hearsay/version.hpp>
#include <hearsay/wire.hpp>
#include <string>
#include <utility>
#include <vector>

namespace {

using hearsay::bytes;
using hearsay::replica;
using map = hearsay::lww_map<std::string, std::uint64_t>;
using key_list = std::vector<std::string>;

constexpr std::size_t warm_ups = 1;
constexpr std::size_t repetitions = 5;
std::filesystem::path folder;

/// Splitmix64, as in work.mjs: 16 hexadecimal digits.
key_list keys(std::uint64_t count, std::uint64_t seed) {
  key_list out;
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t z = (seed << 32) + (i + 1) * 0x9e37'79b9'7f4a'7c15;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    out.push_back(fmt::format("{:016x}", z ^ (z >> 31)));
  }
  return out;
}

/// `prepare` makes what `work` changes; only `work` is timed. `check` says whether it did it, and `encode`
/// what is left. The time is the shorter of wall clock and processor: what else the machine does does not
/// count.
template <class Prepare, class Work, class Check, class Encode>
void row(const char* name, std::size_t count, const Prepare& prepare, const Work& work, const Check& check,
         const Encode& encode) {
  std::vector<double> times;
  bytes left;
  for (std::size_t i = 0; i < warm_ups + repetitions; ++i) {
    auto given = prepare();
    const auto cpu = std::clock();
    const auto start = std::chrono::steady_clock::now();
    work(given);
    const std::chrono::duration<double, std::nano> wall = std::chrono::steady_clock::now() - start;
    const double used = 1e9 * static_cast<double>(std::clock() - cpu) / CLOCKS_PER_SEC;
    if (!check(std::as_const(given))) {
      fmt::print(stderr, "hearsay: {} is not right\n", name);
      std::exit(1);
    }
    if (i >= warm_ups) times.push_back(std::min(wall.count(), used) / static_cast<double>(count));
    left = encode(std::as_const(given));
  }
  std::ranges::sort(times);
  std::ofstream(folder / fmt::format("hearsay.{}", name), std::ios::binary)
      .write(reinterpret_cast<const char*>(left.data()), static_cast<std::streamsize>(left.size()));
  fmt::print(R"({{"peer":"hearsay","version":"{}.{}.{}","row":"{}","count":{},"ns":{}}})"
             "\n",
             HEARSAY_VERSION_MAJOR, HEARSAY_VERSION_MINOR, HEARSAY_VERSION_PATCH, name, count,
             times[times.size() / 2]);
}

void fill(map& out, replica& by, const key_list& all, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) out.put(by, all[i], i - from);
}

bool has(const map& in, const std::string& key, std::uint64_t value) {
  const auto* found = in.get(key);
  return found != nullptr && *found == value;
}

template <class T>
void apply(T& to, const bytes& encoded) {
  to.merge(hearsay::wire::decode<T>(encoded));
}

/// `writes` writes to all these keys, one after another, and again from the start.
void put_row(const char* name, const key_list& all, std::size_t writes) {
  replica me;
  row(
      name, writes, [] { return map(); },
      [&](map& x) {
        for (std::size_t i = 0; i < writes; ++i) x.put(me, all[i % all.size()], i);
      },
      [&](const map& x) {
        return x.size() == all.size() && has(x, all[(writes - 1) % all.size()], writes - 1);
      },
      [](const map& x) { return hearsay::wire::encode(x); });
}

void merge_row(const key_list& all) {
  const std::size_t middle = all.size() / 2;
  replica me, other;
  map second;
  fill(second, other, all, middle, all.size());
  const bytes half = hearsay::wire::encode(second);
  row(
      "merge", middle,
      [&] {
        map first;
        fill(first, me, all, 0, middle);
        return first;
      },
      [&](map& x) { apply(x, half); },
      [&](const map& x) { return x.size() == all.size() && has(x, all.back(), middle - 1); },
      [](const map& x) { return hearsay::wire::encode(x); });
}

struct exchange {
  map state;
  std::vector<bytes> deltas;
};

void write_each(exchange& x, replica& by, const key_list& fresh) {
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    x.deltas.push_back(hearsay::wire::encode(x.state.put(by, fresh[i], i)));
  }
}

void delta_rows(const key_list& all, const key_list& fresh) {
  replica me, other;
  const auto large = [&] {
    exchange out;
    fill(out.state, me, all, 0, all.size());
    return out;
  };
  const auto done = [&](const exchange& x) {
    return x.deltas.size() == fresh.size() && x.state.size() == all.size() + fresh.size();
  };
  row(
      "write_deltas", fresh.size(), large, [&](exchange& x) { write_each(x, me, fresh); }, done,
      [](const exchange& x) {
        bytes joined;
        for (const auto& each : x.deltas) joined.insert(joined.end(), each.begin(), each.end());
        return joined;
      });
  row(
      "apply_deltas", fresh.size(),
      [&] {
        auto given = large();
        const bytes whole = hearsay::wire::encode(given.state);
        exchange writer;
        apply(writer.state, whole);
        write_each(writer, other, fresh);
        given.deltas = std::move(writer.deltas);
        return given;
      },
      [](exchange& x) {
        for (const auto& delta : x.deltas) apply(x.state, delta);
      },
      done, [](const exchange& x) { return hearsay::wire::encode(x.state); });
}

void count_row(std::size_t count) {
  replica me;
  row(
      "count", count, [] { return hearsay::g_counter(); },
      [&](hearsay::g_counter& x) {
        for (std::size_t i = 0; i < count; ++i) x.increment(me);
      },
      [&](const hearsay::g_counter& x) { return x.value() == count; },
      [](const hearsay::g_counter& x) { return hearsay::wire::encode(x); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: {} FOLDER\n", argv[0]);
    return 2;
  }
  folder = argv[1];
  const auto all = keys(100'000, 1);
  put_row("put", all, all.size());
  put_row("over_1000", keys(1'000, 2), 100'000);
  put_row("over_10", keys(10, 3), 100'000);
  merge_row(all);
  delta_rows(all, keys(10'000, 4));
  count_row(100'000);
  return 0;
}
