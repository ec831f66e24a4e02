// SPDX-License-Identifier: BSL-1.0
#include "scenarios.hpp"

#include <fmt/format.h>

#include <random>

#include "stage.hpp"
#include "theory.hpp"

namespace simulate {
namespace {

void spread(stage& on) { on.write(0); }

void halves(stage& on) {
  const auto right = on.cut_in_halves();
  std::vector<bool> is_right(on.size());
  for (const std::size_t each : right) is_right[each] = true;
  for (const bool side : {true, false}) {  // two writers on each side
    std::vector<std::size_t> own;
    for (std::size_t i = 0; i < on.size(); ++i) {
      if (is_right[i] == side) own.push_back(i);
    }
    for (const std::size_t writer : {own[own.size() / 3], own[own.size() * 2 / 3]}) {
      on.run(0.5);
      on.write(writer);
    }
  }
  on.run(8);
  on.heal();
}

void majorities(stage& on) {
  on.cut_to_majorities();
  for (const std::size_t third : {0u, 1u, 2u}) on.write(on.size() * third / 3);
  on.run(10);
  on.heal();
}

void churn(stage& on, std::uint64_t seed) {
  constexpr double away = 3;  // rounds
  std::mt19937_64 random(seed);
  for (int round = 0; round < 16; ++round) {
    const auto alive = [&] {
      std::size_t i = 0;
      do {
        i = random() % on.size();
      } while (!on.alive(i));
      return i;
    };
    if (round % 4 == 0) on.write(alive());
    for (std::size_t crashes = on.size() / 20 + 1; crashes > 0; --crashes) {
      const std::size_t victim = alive();
      on.crash(victim);
      on.at(on.now() + away, [&on, victim] { on.restart(victim); });
    }
    on.run(1);
  }
  on.run(away);
}

// Plays, and lets the cluster come to rest.
template <class Play>
report play(const settings& how, progress& shown, Play&& scene) {
  shown.name(how.scenario);
  stage on(how, shown);
  scene(on);
  const bool converged = on.converge();
  return {.facts = on.facts(), .charts = on.charts(), .replay = on.replay(), .converged = converged};
}

}  // namespace

const std::vector<scenario>& scenarios() {
  static const std::vector<scenario> all{
      {"spread", "one update goes through the cluster", 100, 2, 10'000,
       [](const settings& how, progress& shown) {
         report out = play(how, shown, spread);
         out.charts[0].curves.push_back(
             {.name = "theory, peers at random",
              .colour = 1,
              .theory = true,
              .points = spread_in_theory(how.mode, how.fanout, static_cast<double>(how.nodes), how.loss)});
         return out;
       }},
      {"halves", "the cluster is cut in two, both sides write, and it heals", 24, 6, 1000,
       [](const settings& how, progress& shown) { return play(how, shown, halves); }},
      {"majorities", "each node reaches a majority, and no two the same: all agree before it heals", 21, 9,
       500, [](const settings& how, progress& shown) { return play(how, shown, majorities); }},
      {"churn", "nodes crash, and start again with no memory, while others write", 30, 5, 1000,
       [](const settings& how, progress& shown) {
         return play(how, shown, [&](stage& on) { churn(on, how.seed); });
       }},
      {"curves", "rounds until all know, for many sizes, modes and fanouts, beside the theory", 1000, 10,
       10'000, curves},
  };
  return all;
}

}  // namespace simulate
