// SPDX-License-Identifier: BSL-1.0
// How much gossip sends, and how soon everybody knows: in the simulator, so the figures are the same on every
// machine.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <hearsay/crdt.hpp>
#include <hearsay/sim.hpp>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using hearsay::g_set;
using hearsay::sim::cluster;
using hearsay::sim::duration;
using hearsay::sim::instant;
using set = g_set<std::uint64_t>;

constexpr std::uint64_t envelope = 24;  // bytes that every frame has

struct run {
  hearsay::sim::topology nodes;
  hearsay::gossip::options options;
  hearsay::sim::link links;
  std::size_t updates;  // of each node
  duration pause;       // between two of them
  std::uint64_t seed = 1;
};

struct result {
  double payload = 0;       // received, times the least possible
  double digest = 0;        // bytes of digests, per delivery
  double other = 0;         // bytes of all else: envelopes, names, requests
  double p50 = 0, p99 = 0;  // rounds until a node knows an update
  double messages = 0;      // per delivery
  std::size_t log_bytes = 0;
};

/// A round is a second: options say so.
hearsay::gossip::options a_round_a_second() {
  hearsay::gossip::options options;
  options.round_min = options.round_max = 1s;
  options.audit = 0s;
  options.max_wait = 100ms;
  return options;
}

result measure(const run& what) {
  cluster all(what.seed, what.links);
  all.add(what.nodes, what.options);
  const std::size_t n = all.size();
  std::vector<std::shared_ptr<hearsay::gossip::replicated<set>>> open;
  for (std::size_t i = 0; i < n; ++i) open.push_back(all[i].open<set>("set"));
  all.run_for(3s);
  std::vector<hearsay::gossip::counters> before;
  for (std::size_t i = 0; i < n; ++i) before.push_back(all[i].stats());

  std::vector<instant> made;
  std::vector<double> latencies;
  for (std::size_t i = 0; i < n; ++i) {
    open[i]->on_change([&](const set&, const set& news) {
      for (const std::uint64_t each : news) {
        latencies.push_back(std::chrono::duration<double>(all.now() - made[each]).count());
      }
    });
  }
  std::mt19937_64 random(what.seed);
  const auto start = all.now();
  for (std::size_t i = 0; i < n; ++i) {
    const auto phase =
        duration(static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(what.pause.count())));
    for (std::size_t k = 0; k < what.updates; ++k) {
      all.at(start + phase + static_cast<std::int64_t>(k) * what.pause, [&, i] {
        const std::uint64_t number = made.size();
        made.push_back(all.now());
        all[i].update(
            open[i], [&](auto& s, auto& me) { return s.add(me, number); }, all.now());
      });
    }
  }
  const std::size_t deliveries = n * what.updates * (n - 1);
  result out;
  if (!all.run_until(start + 3600s, [&] { return latencies.size() == deliveries; })) {
    fmt::print(stderr, "not converged: {} of {}\n", latencies.size(), deliveries);
    std::exit(1);
  }
  std::uint64_t payload = 0, least = 0, digest = 0, other = 0, messages = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto& now = all[i].stats();
    payload += now.payload_in - before[i].payload_in;
    for (std::size_t kind = 0; kind < now.bytes_out.size(); ++kind) {
      const auto sent = now.bytes_out[kind] - before[i].bytes_out[kind];
      const bool digests = kind == static_cast<std::size_t>(hearsay::gossip::kind::digest) ||
                           kind == static_cast<std::size_t>(hearsay::gossip::kind::vector);
      const auto frames = now.frames_out[kind] - before[i].frames_out[kind];
      digest += digests ? sent - frames * envelope : 0;
      other += digests ? frames * envelope : sent;
      messages += now.frames_out[kind] - before[i].frames_out[kind];
    }
    other -= now.payload_out - before[i].payload_out;
    out.log_bytes = std::max(out.log_bytes, all[i].log().size_bytes());
  }
  // What everybody's own batches hold, once for each of the others.
  for (std::size_t i = 0; i < n; ++i)
    least += (all[i].stats().flushed_bytes - before[i].flushed_bytes) * (n - 1);
  out.payload = static_cast<double>(payload) / static_cast<double>(least);
  out.digest = static_cast<double>(digest) / static_cast<double>(deliveries);
  out.other = static_cast<double>(other) / static_cast<double>(deliveries);
  out.messages = static_cast<double>(messages) / static_cast<double>(deliveries);
  std::ranges::sort(latencies);
  out.p50 = latencies[latencies.size() / 2];
  out.p99 = latencies[latencies.size() * 99 / 100];
  return out;
}

void row(const std::string& name, const result& r) {
  fmt::print("{:<44} {:>8.3f} {:>9.2f} {:>9.2f} {:>9.3f} {:>6.1f} {:>6.1f} {:>10}\n", name, r.payload,
             r.digest, r.other, r.messages, r.p50, r.p99, r.log_bytes);
}

}  // namespace

int main() {
  fmt::print("{:<44} {:>8} {:>9} {:>9} {:>9} {:>6} {:>6} {:>10}\n", "run", "payload", "digests", "all else",
             "messages", "p50", "p99", "log");
  fmt::print("{:<44} {:>8} {:>9} {:>9} {:>9} {:>6} {:>6} {:>10}\n", "", "x least", "B/deliv.", "B/deliv.",
             "/deliv.", "rounds", "rounds", "bytes");
  const auto mesh = hearsay::sim::circulant(15, {1, 4});
  for (const double loss : {0.0, 0.1, 0.3}) {
    row(fmt::format("C_15(1,4), 100 updates a node, loss {:.0f} %", loss * 100),
        measure({mesh, a_round_a_second(), {.latency_max = 5ms, .loss = loss}, 100, 1s}));
  }
  row("1000 nodes, 20 random links, 0.2 a second",
      measure({hearsay::sim::random_links(1000, 20, 1), a_round_a_second(), {.latency_max = 5ms}, 12, 5s}));
}
