// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "scenarios.hpp"
#include "stage.hpp"
#include "theory.hpp"

namespace simulate {
namespace {

using hearsay::gossip::mode;

constexpr unsigned most_fanout = 3;

struct measured {
  std::vector<double> rounds;                      // until all know, ascending; one of each run
  std::vector<std::pair<double, double>> share{};  // of the first run
  bool converged = true;
};

// One update, in as many clusters as there are runs.
measured measure(settings how, progress& shown) {
  measured out;
  how.frames = 0;
  const std::uint64_t first = how.seed;
  for (std::size_t run = 0; run < how.runs; ++run) {
    how.seed = first + run;
    shown.name(fmt::format("{} nodes, {}, fanout {}, run {} of {}", how.nodes, name_of(how.mode), how.fanout,
                           run + 1, how.runs));
    stage on(how, shown);
    on.write(0);
    out.converged &= on.converge();
    const auto& share = on.spread_of(0);
    out.rounds.push_back(share.back().first);
    if (run == 0) out.share = share;
  }
  std::ranges::sort(out.rounds);
  return out;
}

std::vector<std::pair<double, double>> thin(const std::vector<std::pair<double, double>>& points) {
  thinned<std::pair<double, double>> some(200);
  for (const auto& each : points) some.add(each);
  auto out = some.items();
  if (out.back() != points.back()) out.push_back(points.back());
  return out;
}

}  // namespace

report curves(const settings& how, progress& shown) {
  report out;
  out.table.push_back({"nodes", "mode", "fanout", "rounds, median", "least to most", "theory"});
  std::vector<chart> spreads;
  for (const mode each : {mode::push, mode::pull, mode::push_pull}) {
    chart rounds{
        .title = std::string(name_of(each)), .x = "nodes", .y = "rounds until all know", .log_x = true};
    chart spread{.title = fmt::format("{}, {} nodes", name_of(each), how.nodes),
                 .x = "rounds",
                 .y = "share that knows",
                 .percent = true};
    for (unsigned fanout = 1; fanout <= most_fanout; ++fanout) {
      const auto name = fmt::format("fanout {}", fanout);
      series seen{.name = name, .colour = fanout - 1};
      series theory{.name = name + ", theory", .colour = fanout - 1, .theory = true};
      settings one = how;
      one.mode = each;
      one.fanout = fanout;
      measured last;
      for (std::size_t size = 10;;) {
        one.nodes = size;
        last = measure(one, shown);
        out.converged &= last.converged;
        const double n = static_cast<double>(size);
        const double median = last.rounds[last.rounds.size() / 2];
        const double expected = rounds_in_theory(each, fanout, n);
        seen.points.emplace_back(n, median);
        seen.ranges.emplace_back(last.rounds.front(), last.rounds.back());
        theory.points.emplace_back(n, expected);
        out.table.push_back({fmt::format("{}", size), std::string(name_of(each)), fmt::format("{}", fanout),
                             fmt::format("{:.1f}", median),
                             fmt::format("{:.1f} to {:.1f}", last.rounds.front(), last.rounds.back()),
                             fmt::format("{:.1f}", expected)});
        if (size == how.nodes) break;
        size = std::min(size * 10, how.nodes);
      }
      rounds.curves.push_back(std::move(seen));
      rounds.curves.push_back(std::move(theory));
      spread.curves.push_back({.name = name, .colour = fanout - 1, .points = thin(last.share)});
      spread.curves.push_back(
          {.name = name + ", theory",
           .colour = fanout - 1,
           .theory = true,
           .points = spread_in_theory(each, fanout, static_cast<double>(how.nodes), how.loss)});
    }
    out.charts.push_back(std::move(rounds));
    spreads.push_back(std::move(spread));
  }
  out.charts.insert(out.charts.end(), spreads.begin(), spreads.end());
  return out;
}

}  // namespace simulate
