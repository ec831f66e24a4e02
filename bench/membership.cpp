// SPDX-License-Identifier: BSL-1.0
// How soon members know of each other, and of each other's deaths, and what that costs: in the simulator, so
// the figures are the same on every machine.
//
// bench_membership [HOURS [PART [KILLS]]]: how long the run without deaths lasts (24); only one of 16, 128,
// 1000, join, starved, loss; how many of 1000 nodes are killed (100).
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <hearsay/sim.hpp>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace std::chrono_literals;
namespace gossip = hearsay::gossip;
using gossip::event_kind;
using hearsay::replica_id;
using hearsay::sim::cluster;
using hearsay::sim::duration;
using hearsay::sim::instant;

constexpr hearsay::sim::link lan{.latency_max = 5ms};

gossip::options one_member() {
  gossip::options options;
  options.seeds = {cluster::name(0)};
  options.members.emplace();
  return options;
}

double seconds(duration span) { return std::chrono::duration<double>(span).count(); }

double at(std::vector<double> all, double part) {
  if (all.empty()) return 0;
  std::ranges::sort(all);
  return all[std::min(all.size() - 1, static_cast<std::size_t>(part * static_cast<double>(all.size())))];
}

void row(std::string_view what, const std::string& found, const std::string& goal) {
  fmt::print("{:<76} {:>18} {:>14}\n", what, found, goal);
  std::fflush(stdout);
}

/// A cluster whose events are handed to `told`.
class group : public cluster {
 public:
  explicit group(std::uint64_t seed, const hearsay::sim::link& links = lan) : cluster(seed, links) {
    check = [this](std::size_t i) {
      for (const auto& each : (*this)[i].take_events()) {
        if (told) told(i, each);
      }
    };
  }
  std::function<void(std::size_t, const gossip::event&)> told;

  /// Nodes that come within `span`, evenly; then runs until all know each other, at most a minute longer.
  /// Returns how long the slowest pair took.
  double grow(std::size_t nodes, duration span, gossip::options options = one_member()) {
    std::vector<instant> came;
    double slowest = 0;
    const auto before = told;
    std::size_t pairs = 0;
    const std::size_t first = size();
    for (std::size_t i = 0; i < size(); ++i) came.push_back(instant{0});
    const auto note = [&](std::size_t i, const gossip::event& each) {
      if (each.kind != event_kind::member_joined) return;
      const std::size_t who = std::stoul(each.object.substr(1));
      slowest = std::max(slowest, seconds(now() - std::max(came[i], came[who])));
      ++pairs;
    };
    told = note;
    const instant start = now();
    const std::size_t all = first + nodes;
    for (std::size_t i = 0; i < nodes; ++i) {
      const instant when = start + span * static_cast<std::int64_t>(i) / static_cast<std::int64_t>(nodes);
      run_until(when, [] { return false; });
      came.push_back(now());
      add(options);
    }
    const std::size_t expected = all * (all - 1) - (first == 0 ? 0 : first * (first - 1));
    if (!run_until(now() + 60s, [&] { return pairs >= expected; })) slowest = 99;
    told = before;
    return slowest;
  }
  std::uint64_t sent() const {
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < size(); ++i) {
      if (!alive(i)) continue;
      for (const auto each : (*this)[i].stats().bytes_out) bytes += each;
    }
    return bytes;
  }
  std::uint64_t dropped() const {
    std::uint64_t frames = 0;
    for (std::size_t i = 0; i < size(); ++i) frames += (*this)[i].stats().dropped_frames;
    return frames;
  }
};

/// Idle bytes, kills and restarts in a cluster of n.
void lives(std::size_t n, std::size_t kills) {
  group all(n);
  all.grow(n, 1s);
  all.run_for(30s);
  const auto before = all.sent();
  all.run_for(60s);
  const double bytes = static_cast<double>(all.sent() - before) / 60 / static_cast<double>(n);
  row(fmt::format("N = {}: bytes sent per node and second, idle", n), fmt::format("{:.0f}", bytes),
      fmt::format("<= {}", n <= 16 ? 400 : 1000));
  std::vector<double> joins;
  for (int i = 0; i < 10; ++i) {
    joins.push_back(all.grow(1, 0s));
    all.run_for(3s);
  }
  row(fmt::format("N = {}: a new node is in every view, and all in its own, s, median / max of 10", n),
      fmt::format("{:.2f} / {:.2f}", at(joins, 0.5), at(joins, 1)), "<= 1");
  std::mt19937_64 random(n);
  std::vector<double> first, known, every, back;
  for (std::size_t k = 0; k < kills; ++k) {
    const std::size_t which = 1 + random() % (n - 1), others = all.size() - 1;
    const replica_id who = all[which].self().id();
    all.run_for(duration(static_cast<std::int64_t>(random() % 2'000'000'000)));
    all.crash(which);
    const instant start = all.now();
    std::size_t dead = 0;
    bool suspected = false;
    all.told = [&](std::size_t, const gossip::event& each) {
      if (each.peer != who) return;
      const double took = seconds(all.now() - start);
      if (each.kind == event_kind::member_suspected && !std::exchange(suspected, true)) first.push_back(took);
      if (each.kind == event_kind::member_died) {
        ++dead;
        known.push_back(took);
        if (dead == others) every.push_back(took);
      }
    };
    all.run_until(all.now() + 20s, [&] { return dead >= others; });
    std::size_t seen = 0;
    all.restart(which, one_member());
    const replica_id anew = all[which].self().id();
    const instant again = all.now();
    all.told = [&](std::size_t, const gossip::event& each) {
      if (each.peer == anew && each.kind == event_kind::member_joined && ++seen == others)
        back.push_back(seconds(all.now() - again));
    };
    all.run_until(all.now() + 10s, [&] { return seen >= others; });
    all.told = nullptr;
  }
  row(fmt::format("N = {}: first detection of a killed node, s, median / p99 of {}", n, kills),
      fmt::format("{:.2f} / {:.2f}", at(first, 0.5), at(first, 0.99)), "<= 1.5");
  row(fmt::format("N = {}: dead in the view of a node, s, median / p99", n),
      fmt::format("{:.2f} / {:.2f}", at(known, 0.5), at(known, 0.99)), "");
  row(fmt::format("N = {}: all know ({} of {}), s, median / p99", n, every.size(), kills),
      fmt::format("{:.2f} / {:.2f}", at(every, 0.5), at(every, 0.99)), "<= 3");
  row(fmt::format("N = {}: restarted, alive everywhere ({} of {}), s, median / max", n, back.size(), kills),
      fmt::format("{:.2f} / {:.2f}", at(back, 0.5), at(back, 1)), "<= 2");
}

void no_deaths(std::size_t n, double hours) {
  group all(4, {.latency_max = 5ms, .loss = 0.05});
  all.grow(n, 2s);
  std::size_t died = 0, suspected = 0;
  all.told = [&](std::size_t, const gossip::event& each) {
    died += each.kind == event_kind::member_died;
    suspected += each.kind == event_kind::member_suspected;
  };
  all.run_for(duration(static_cast<std::int64_t>(hours * 3600e9)));
  row(fmt::format("N = {}, 5 % loss, {} h: views with a false death (a suspicion)", n, hours),
      fmt::format("{} ({})", died, suspected), "0");
}

/// How often healthy nodes are declared dead while 8 get hardly any time to run for 5 s of every 10.
std::pair<std::size_t, std::size_t> starved(bool lifeguard, std::uint64_t seed) {
  constexpr std::size_t n = 128, slow = 8;
  group all(seed);
  auto options = one_member();
  options.members->lifeguard = lifeguard;
  all.grow(n, 2s, options);
  all.run_for(10s);
  std::set<replica_id> healthy;
  for (std::size_t i = slow; i < n; ++i) healthy.insert(all[i].self().id());
  std::size_t died = 0, rightly = 0;
  all.told = [&](std::size_t, const gossip::event& each) {
    if (each.kind != event_kind::member_died) return;
    ++(healthy.contains(each.peer) ? died : rightly);
  };
  std::mt19937_64 random(seed);
  for (int cycle = 0; cycle < 6; ++cycle) {
    const instant end = all.now() + 5s;
    // Each gets a moment now and then, in which it works off what has come.
    for (std::size_t i = 0; i < slow; ++i) {
      for (instant when = all.now(); when < end;) {
        all.at(when, [&all, i] { all.pause(i); });
        when += duration(static_cast<std::int64_t>(300'000'000 + random() % 700'000'000));
        all.at(when, [&all, i] { all.resume(i); });
        when += 2ms;
      }
    }
    all.run_for(10s);
  }
  return {died, rightly};
}

}  // namespace

int main(int argc, char** argv) {
  const std::string only = argc > 2 ? argv[2] : "";
  const double hours = argc > 1 ? std::atof(argv[1]) : 24;
  const auto part = [&](std::string_view name) { return only.empty() || only == name; };
  row("run", "found", "aim");
  if (part("16")) lives(16, 200);
  if (part("128")) lives(128, 200);
  if (part("1000")) lives(1000, argc > 3 ? static_cast<std::size_t>(std::atoi(argv[3])) : 100);
  if (part("join")) {
    group some(50);
    row("50 nodes join within 1 s: the slowest pair, s", fmt::format("{:.2f}", some.grow(50, 1s)), "<= 2");
    group many(500);
    const double took = many.grow(500, 0s);
    row("500 nodes join at once: the slowest pair, s (frames dropped)",
        fmt::format("{:.2f} ({})", took, many.dropped()), "<= 5 (0)");
  }
  if (part("starved")) {
    std::size_t with = 0, without = 0, with_slow = 0, without_slow = 0;
    for (std::uint64_t seed = 1; seed <= 2; ++seed) {
      const auto a = starved(true, seed), b = starved(false, seed);
      with += a.first, with_slow += a.second, without += b.first, without_slow += b.second;
    }
    row("8 of 128 starved, 2 x 1 min: false deaths of healthy nodes, in views", fmt::format("{}", with), "");
    row("  the same without Lifeguard's parts", fmt::format("{}", without), ">= 50 times");
    row("  deaths of starved ones, with / without", fmt::format("{} / {}", with_slow, without_slow), "");
  }
  if (part("loss")) no_deaths(128, hours);
}
