// SPDX-License-Identifier: BSL-1.0
// How much gossip sends, and how soon everybody knows: hearsay beside other protocols, on the same links and
// workloads, in a simulator, so the figures are the same on every machine. docs/simulation.md explains the
// tables.
#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <hearsay/sim.hpp>
#include <string>

#include "delta_intervals.hpp"
#include "full_state.hpp"
#include "hearsay.hpp"
#include "network.hpp"
#include "run.hpp"
#include "scuttlebutt.hpp"
#include "workloads.hpp"

namespace {

using namespace std::chrono_literals;
using bench::result;
using bench::run;
using bench::to;

template <template <class> class Protocol, class Workload>
result simulate(const run& what, Workload& work, to whom,
                const typename Protocol<Workload>::options& options = {}) {
  return bench::network<Protocol<Workload>, Workload>(what, work, whom, options).simulate();
}

/// What the raw metrics of Enes et al., ICDE 2019 have for the elements sent; 0: nothing.
struct published {
  std::uint64_t full_state = 0, classic = 0, bp_rr = 0, scuttlebutt = 0;
};

/// Runs all protocols on one workload, prints a table, and returns what BP+RR did.
template <class Workload>
result compare(const std::string& title, const run& what, Workload work, const published& known = {}) {
  const bool lossy = what.links.loss > 0;
  const auto own = run_hearsay(what, work, bench::rounds_of(1s));
  bench::head(title, own);
  bench::row("full state, to all", simulate<bench::full_state>(what, work, to::all), known.full_state);
  bench::row("full state, to one", simulate<bench::full_state>(what, work, to::one));
  bench::row("delta-intervals, to all", simulate<bench::delta_intervals>(what, work, to::all), known.classic);
  const auto bp_rr = simulate<bench::delta_intervals>(
      what, work, to::all, {.back_propagation = false, .keep_redundant = false, .acknowledge = lossy});
  bench::row(lossy ? "BP+RR with acknowledgements, to all" : "BP+RR, to all", bp_rr, known.bp_rr);
  bench::row("Scuttlebutt, pull from all, matrix",
             simulate<bench::scuttlebutt>(what, work, to::all, {.matrix = true}), known.scuttlebutt);
  bench::row("Scuttlebutt, push-pull with one",
             simulate<bench::scuttlebutt>(what, work, to::one, {.push = true}));
  bench::row("hearsay, push-pull with one", own);
  bench::row("the same, every 0.4 s", run_hearsay(what, work, bench::rounds_of(400ms)));
  // All of it was kept till the end, so a round's share of it is what there is for each update of a node.
  auto small = bench::rounds_of(1s);
  constexpr std::size_t rounds = 12;
  small.log_bytes =
      rounds * (own.buffer / what.updates + what.nodes.size() * sizeof(hearsay::gossip::batch_interval));
  bench::row(fmt::format("the same, every second, log of {} rounds", rounds), run_hearsay(what, work, small));
  return bp_rr;
}

/// Whether BP+RR sent each update exactly that often.
bool check(const char* where, const result& of, std::uint64_t updates, std::uint64_t copies) {
  const bool same = of.sent.elements == updates * copies;
  fmt::print("BP+RR on {}: {} elements, {:.3f} copies an update; expected {}: {}\n", where, of.sent.elements,
             static_cast<double>(of.sent.elements) / static_cast<double>(updates), copies,
             same ? "they match" : "they differ");
  return same;
}

}  // namespace

int main() {
  const hearsay::sim::link links{.latency_max = 5ms};
  const auto lossy = [&](double loss) {
    auto worse = links;
    worse.loss = loss;
    return worse;
  };
  constexpr std::size_t n = 15, edges = 30, updates = 100;
  const run mesh{hearsay::sim::circulant(n, {1, 4}), links, updates};
  const run tree{hearsay::sim::tree(n), links, updates};
  using adds = bench::unique_adds<std::string>;

  fmt::print("15 nodes, 100 updates of each, one a second; a round a second; mesh: C_15(1,4)\n");
  const auto on_mesh =
      compare("unique adds of 24 bytes, mesh", mesh, adds{}, {4'735'324, 4'601'128, 68'919, 44'959});
  const auto on_tree =
      compare("unique adds of 24 bytes, binary tree", tree, adds{}, {2'187'255, 2'149'624, 21'000, 21'000});
  for (const double loss : {0.1, 0.3}) {
    compare(fmt::format("unique adds of 24 bytes, mesh, {:.0f} % of the messages lost", loss * 100),
            {mesh.nodes, lossy(loss), updates}, adds{});
  }
  compare("increments of a counter, mesh", mesh, bench::increments{},
          {.full_state = 90'224, .bp_rr = 68'649, .scuttlebutt = 44'889});
  const auto overwrite = [&](std::size_t percent, const published& known) {
    compare(fmt::format("overwrites of {} % of 1000 keys a round, mesh", percent), mesh,
            bench::overwrites{percent, n}, known);
  };
  overwrite(10, {.bp_rr = 482'454, .scuttlebutt = 314'090});
  overwrite(30, {.bp_rr = 1'447'517});
  overwrite(60, {.bp_rr = 2'824'027});
  overwrite(100, {.bp_rr = 4'593'325});

  const run many{hearsay::sim::random_links(1000, 20, 1), links, 12, 5s};
  bench::unique_adds<std::uint64_t> numbers;
  const auto large = run_hearsay(many, numbers, bench::rounds_of(1s));
  bench::head("unique adds of numbers, 1000 nodes with 20 random links, 0.2 a second", large);
  bench::row("hearsay, push-pull with one", large);

  fmt::print("\n");
  const bool mesh_fits = check("C_15(1,4)", on_mesh, n * updates, 2 * edges - (n - 1));
  const bool tree_fits = check("the tree", on_tree, n * updates, n - 1);
  return mesh_fits && tree_fits ? 0 : 1;
}
