// SPDX-License-Identifier: BSL-1.0
// How soon one update is everywhere, in clusters of 10 to 10,000 nodes, and what gossip costs where something
// was wrong: halves, absence, links of one direction. In the simulator, so that all but the last two columns
// are the same on every machine.
//
//     bench_spread [SEEDS]      how many seeds the large clusters get; 20 if it is not told
#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <hearsay/crdt.hpp>
#include <hearsay/sim.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using hearsay::g_counter;
using hearsay::g_set;
using hearsay::gossip::mode;
using hearsay::sim::cluster;
using hearsay::sim::duration;
using hearsay::sim::instant;

constexpr hearsay::sim::link good{.latency_max = 5ms};

/// A round is a second.
hearsay::gossip::options rounds_of_a_second() {
  hearsay::gossip::options options;
  options.round_min = options.round_max = 1s;
  options.audit = 0s;
  options.max_wait = 100ms;
  return options;
}

double seconds(duration span) { return std::chrono::duration<double>(span).count(); }

struct spread {
  std::size_t nodes;
  mode way = mode::push_pull;
  unsigned fanout = 1;
  double loss = 0;
};

/// Rounds until everybody knows an update of a node that had made one before.
double rounds(const spread& what, std::uint64_t seed, duration at_least = 0s) {
  auto options = rounds_of_a_second();
  options.mode = what.way;
  options.fanout = what.fanout;
  cluster all(seed, good);
  all.add(hearsay::sim::random_links(what.nodes, std::min<std::size_t>(20, what.nodes - 1), seed), options);
  std::size_t know = 0;
  instant last{0};
  std::vector<std::shared_ptr<hearsay::gossip::replicated<g_counter>>> open;
  for (std::size_t i = 0; i < what.nodes; ++i) {
    open.push_back(all[i].open<g_counter>("counter"));
    open.back()->on_change([&](const auto&, const auto&) {
      ++know;
      last = all.now();
    });
  }
  const auto update = [&] {
    know = 1;
    all[0].update(
        open[0], [](auto& counter, auto& me) { return counter.increment(me); }, all.now());
  };
  const auto everybody = [&] { return know == what.nodes; };
  all.run_for(3s);
  update();
  all.run_until(all.now() + 600s, everybody);
  all.run_for(20s);  // until it is news to nobody
  hearsay::sim::link links = good;
  links.loss = what.loss;
  all.set(links);
  const auto start = all.now();
  update();
  if (!all.run_until(start + 600s, everybody)) {
    fmt::print(stderr, "not everybody knows after 600 rounds, seed {}\n", seed);
    std::exit(1);
  }
  all.run_until(at_least, [] { return false; });
  return seconds(last - start);
}

struct range {
  double median, most;
};
range rounds_of_seeds(const spread& what, std::uint64_t seeds) {
  std::vector<double> all;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) all.push_back(rounds(what, seed));
  std::ranges::sort(all);
  return {all[all.size() / 2], all.back()};
}

/// What theory says of synchronous rounds and uniform peers. Push: Pittel 1987, here for `f` peers a round;
/// pull ends faster, in log log; push and pull: Karp et al. 2000.
double theory(mode way, double n, double f) {
  const double grow = std::log(n) / std::log(1 + f);
  switch (way) {
    case mode::push:
      return grow + std::log(n) / f;
    case mode::pull:
      return grow + std::log2(std::log(n)) / f;
    default:
      return std::log(n) / std::log(1 + 2 * f) + std::log2(std::log(n)) / f;
  }
}

void row(const std::string& what, const std::string& value, const std::string& most, bool reached) {
  fmt::print("{:<72} {:>16} {:>12}{}\n", what, value, most, reached ? "" : "  <- above");
}

void curves(std::uint64_t seeds) {
  fmt::print("rounds until everybody knows an update: median (most) of some seeds, and what theory says\n");
  fmt::print("{:>8} {:>7}", "nodes", "fanout");
  for (const char* name : {"push", "pull", "push_pull"}) fmt::print(" {:>24}", name);
  fmt::print("\n");
  for (const std::size_t nodes : {10, 100, 1'000, 10'000}) {
    for (unsigned fanout = 1; fanout <= 3; ++fanout) {
      fmt::print("{:>8} {:>7}", nodes, fanout);
      for (const mode way : {mode::push, mode::pull, mode::push_pull}) {
        const auto found = rounds_of_seeds({nodes, way, fanout}, nodes == 10'000  ? 1
                                                                 : nodes == 1'000 ? 5
                                                                                  : seeds);
        fmt::print(" {:>10.1f} ({:>4.1f}) {:>6.1f}", found.median, found.most,
                   theory(way, static_cast<double>(nodes), fanout));
        std::fflush(stdout);
      }
      fmt::print("\n");
    }
  }
}

void reach(std::uint64_t seeds) {
  const auto calm = rounds_of_seeds({1'000, mode::push_pull, 3}, seeds);
  row(fmt::format("1000 nodes, push_pull, fanout 3: rounds, median of {} seeds", seeds),
      fmt::format("{:.1f}", calm.median), "5", calm.median <= 5);
  row("the same, the slowest", fmt::format("{:.1f}", calm.most), "6", calm.most <= 6);
  const auto lossy = rounds_of_seeds({1'000, mode::push_pull, 3, 0.3}, seeds);
  row("the same with 30 % loss, the slowest", fmt::format("{:.1f}", lossy.most), "8", lossy.most <= 8);
  const auto start = std::chrono::steady_clock::now();
  const double many = rounds({10'000, mode::push_pull, 3}, 1, 60s);
  const auto took = seconds(std::chrono::steady_clock::now() - start);
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  const double gib = static_cast<double>(used.ru_maxrss) / (1 << 20);
  row("10,000 nodes, push_pull, fanout 3: rounds", fmt::format("{:.1f}", many), "7", many <= 7);
  row("10,000 nodes, 60 virtual seconds: seconds", fmt::format("{:.1f}", took), "120", took <= 120);
  row("the most memory so far, GiB", fmt::format("{:.2f}", gib), "8", gib <= 8);
}

/// Two halves of 500 nodes apart for an hour, an update every two seconds in each.
void halves() {
  constexpr std::size_t n = 1'000;
  cluster all(1, good);
  auto options = rounds_of_a_second();
  options.silence = 7200s;  // seeds are greeted again when the links are good again, not all the time
  all.add(hearsay::sim::random_links(n, 20, 1), options);
  using set = g_set<std::uint64_t>;
  std::vector<std::shared_ptr<hearsay::gossip::replicated<set>>> open;
  for (std::size_t i = 0; i < n; ++i) open.push_back(all[i].open<set>("set"));
  all.run_for(10s);
  std::set<std::size_t> half;
  for (std::size_t i = 0; i < n; i += 2) half.insert(i);
  all.cut(half);
  std::uint64_t number = 0;
  for (std::size_t k = 0; k < 3600; ++k) {
    const std::size_t i = k % 2 + 2 * (k * 7919 % 500);
    all[i].update(
        open[i], [&](auto& s, auto& me) { return s.add(me, ++number << 32 | k * 2654435761u >> 5); },
        all.now());
    all.run_for(1s);
  }
  all.run_for(20s);
  std::uint64_t flushed[2] = {0, 0}, before = 0;
  std::size_t buffers = 0;
  for (std::size_t i = 0; i < n; ++i) {
    flushed[i % 2] += all[i].stats().flushed_bytes;
    before += all[i].stats().payload_in;
  }
  const auto start = all.now();
  all.heal();
  if (!all.run_until(start + 600s, [&] { return all.quiet(); })) {
    fmt::print(stderr, "the halves do not come together\n");
    std::exit(1);
  }
  const double took = seconds(all.now() - start);
  std::uint64_t payload = 0;
  for (std::size_t i = 0; i < n; ++i) {
    payload += all[i].stats().payload_in;
    buffers = std::max(buffers, all[i].log().size_bytes());
  }
  const double ratio =
      static_cast<double>(payload - before) / static_cast<double>((flushed[0] + flushed[1]) * n / 2);
  row("halves of 500 an hour apart: payload received, times what was lacking", fmt::format("{:.3f}", ratio),
      "1.2", ratio <= 1.2);
  row("the same: rounds until all have all", fmt::format("{:.1f}", took), "12", took <= 12);
  row("the same: largest log, bytes", fmt::format("{}", buffers), fmt::format("{}", options.log_bytes),
      buffers <= options.log_bytes);
}

/// A node away for longer than the log reaches back: 40 objects, of which 10 change.
void absence() {
  auto options = rounds_of_a_second();
  options.log_bytes = 20'000;
  options.chunk_bytes = 8'000;
  cluster all(1, good);
  all.add(hearsay::sim::full(5), options);
  using set = hearsay::or_set<std::uint64_t>;
  const auto name = [](std::size_t k) { return "object " + std::to_string(k); };
  std::uint64_t number = 0;
  const auto fill = [&](std::size_t k, std::size_t count) {
    for (; count > 0; --count) {
      const std::size_t i = ++number % 4;
      all[i].update(
          all[i].open<set>(name(k)),
          [&](auto& s, auto& me) { return s.add(me, number * 0x9e37'79b9'7f4a'7c15); }, all.now());
      if (number % 50 == 0) all.run_for(500ms);
    }
  };
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t k = 0; k < 40; ++k) all[i].open<set>(name(k));
  }
  for (std::size_t k = 0; k < 40; ++k) fill(k, 1'000);
  all.run_until(all.now() + 60s, [&] { return all.equal(); });
  all.cut({4});
  for (std::size_t k = 0; k < 10; ++k) fill(k, 1'000);
  all.run_for(30s);
  std::uint64_t differ = 0;
  for (std::size_t k = 0; k < 10; ++k) {
    differ += all[0].open<set>(name(k))->read([](const set& s) { return hearsay::wire::encode(s).size(); });
  }
  const auto before = all[4].stats();
  all.heal();
  if (!all.run_until(all.now() + 600s, [&] { return all.equal(); })) {
    fmt::print(stderr, "the node that was away does not come back\n");
    std::exit(1);
  }
  const double ratio =
      static_cast<double>(all[4].stats().payload_in - before.payload_in) / static_cast<double>(differ);
  row("away for longer than the log reaches: received, times what differs", fmt::format("{:.3f}", ratio),
      "1.2", ratio <= 1.2 && all[4].stats().transfers > before.transfers);
}

/// Every link works in one direction only, around a ring of three and more.
void one_way() {
  constexpr std::size_t n = 9;
  cluster all(1, good);
  all.add(hearsay::sim::full(n), rounds_of_a_second());
  all.run_for(3s);
  for (std::size_t i = 0; i < n; ++i) all.cut(i, (i + 1) % n);
  const auto start = all.now();
  all[0].update(
      all[0].open<g_counter>("c"), [](auto& c, auto& me) { return c.increment(me); }, all.now());
  const bool equal = all.run_until(start + 120s, [&] { return all.quiet(); });
  row("9 nodes, none hears the one before it: rounds until all know",
      fmt::format("{:.1f}", seconds(all.now() - start)), "", equal);
}

void small_things() {
  cluster all(1, good);
  all.add(hearsay::sim::full(2));
  all.run_for(3s);
  auto counter = all[0].open<g_counter>("c");
  const auto one_more = [](auto& c, auto& me) { return c.increment(me); };
  all[0].update(counter, one_more, all.now());  // which tells its type
  all.run_for(10s);
  auto before = all[0].stats();
  for (int i = 0; i < 1'000'000; ++i) all[0].update(counter, one_more, all.now());
  all.run_for(10s);
  const auto batch = all[0].stats().flushed_bytes - before.flushed_bytes;
  const auto entry = counter->read([](const g_counter& c) { return hearsay::wire::encode(c).size(); });
  row(fmt::format("a million increments between two rounds: bytes (in a batch of {})", batch),
      fmt::format("{}", entry), "20", entry <= 20 && batch < 2 * entry);
  all.run_for(60s);
  before = all[1].stats();
  all.run_for(600s);
  const auto digest = static_cast<std::size_t>(hearsay::gossip::kind::digest);
  const auto& now = all[1].stats();
  const auto frames = now.frames_out[digest] - before.frames_out[digest];
  const auto idle =
      (now.bytes_out[digest] - before.bytes_out[digest]) / frames - hearsay::wire::frame_overhead;
  row("idle and equal: bytes a round, without the frame's 24", fmt::format("{}", idle), "24", idle <= 24);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t seeds = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 20;
  if (seeds == 0) {
    fmt::print(stderr, "usage: bench_spread [SEEDS]\n");
    return 2;
  }
  curves(seeds);
  fmt::print("\n{:<72} {:>16} {:>12}\n", "figure", "found", "at most");
  reach(seeds);
  halves();
  absence();
  one_way();
  small_things();
}
