// SPDX-License-Identifier: BSL-1.0
// hearsay-sim: plays a scenario on a simulated cluster, and writes a page that shows what happened.
//
//     hearsay-sim halves --nodes 30 --output halves.html
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "layout.hpp"
#include "scenarios.hpp"

namespace {

using namespace simulate;
using hearsay::gossip::mode;

constexpr int failed = 1;         // the nodes did not become equal, or the page could not be written
constexpr int misunderstood = 2;  // the arguments are wrong

void add_options(CLI::App& app, settings& how, bool& list) {
  app.add_option("scenario", how.scenario, "What to play; --list tells what there is");
  app.add_flag("--list", list, "List the scenarios");
  app.add_option("-o,--output", how.output, "The page to write")->capture_default_str();
  app.add_option("--title", how.title, "Heading of the page");
  app.add_option("--seed", how.seed, "The same seed is the same run, and the same page")
      ->capture_default_str();
  app.add_option("--nodes", how.nodes,
                 "How many nodes, else as the scenario likes; for curves the most: 10000 takes minutes");
  const auto set_mode = [&how](const std::string& name) {
    for (const mode each : {mode::push, mode::pull, mode::push_pull}) {
      if (name_of(each) == name) how.mode = each;
    }
  };
  app.add_option_function<std::string>("--mode", set_mode, "Which way updates flow: push, pull, push_pull")
      ->default_str("push_pull")
      ->check(CLI::IsMember({"push", "pull", "push_pull"}).description(""));
  app.add_option("--fanout", how.fanout, "Peers a round")->capture_default_str()->check(CLI::Range(1, 16));
  app.add_option("--retries", how.retries, "Further peers in a round where none answers")
      ->capture_default_str()
      ->check(CLI::Range(0, 16));
  app.add_option("--topology", how.topology,
                 "Who knows whom: full, random, mesh, ring, tree, or auto: full up to 64 nodes, random above")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "full", "random", "mesh", "ring", "tree"}).description(""));
  app.add_option("--links", how.links, "Of each node at least, in the topology random")
      ->capture_default_str()
      ->check(CLI::Range(1, 250));
  app.add_option("--loss", how.loss, "The part of the frames that is lost")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 0.9));
  app.add_option("--latency", how.latency_ms, "Of a frame at most, in ms; at least a quarter of it")
      ->capture_default_str()
      ->check(CLI::Range(0.0, 500.0));
  app.add_option("--limit", how.limit, "Rounds after which a run is given up")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 100'000.0));
  app.add_option("--runs", how.runs, "Of each point of curves, with seeds one after the other")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  app.add_option("--frames", how.frames, "To draw at most: so many that bring news, and so many others")
      ->capture_default_str()
      ->check(CLI::Range(0, 100'000));
  app.add_option("--progress", how.progress,
                 "A line on standard error: auto (terminals, long runs), always, never")
      ->capture_default_str()
      ->check(CLI::IsMember({"auto", "always", "never"}).description(""));
}

// The scenario of that name, with the settings filled in that it chooses. Throws std::invalid_argument.
const scenario& choose(settings& how, const CLI::App& app) {
  const auto& all = scenarios();
  const auto found = std::ranges::find(all, how.scenario, &scenario::name);
  if (found == all.end()) {
    std::vector<std::string_view> names;
    for (const auto& each : all) names.push_back(each.name);
    throw std::invalid_argument(
        how.scenario.empty()
            ? fmt::format("which scenario? One of: {}", fmt::join(names, ", "))
            : fmt::format("there is no scenario '{}'; there are: {}", how.scenario, fmt::join(names, ", ")));
  }
  if (found->name == "curves" && (app.count("--mode") != 0 || app.count("--fanout") != 0)) {
    throw std::invalid_argument("curves goes through every mode and fanout; leave out --mode and --fanout");
  }
  if (app.count("--nodes") == 0) how.nodes = found->nodes;
  if (how.nodes < found->least || how.nodes > found->most) {
    throw std::invalid_argument(
        fmt::format("{} takes {} to {} nodes, not {}", how.scenario, found->least, found->most, how.nodes));
  }
  for (const std::size_t nodes : {found->name == "curves" ? found->least : how.nodes, how.nodes}) {
    settings one = how;
    one.nodes = nodes;
    links_of(one);  // throws where there are none
  }
  return *found;
}

void complete(report& done, const settings& how, const scenario& played) {
  done.title = how.title.empty() ? how.scenario : how.title;
  done.about = played.about;
  std::string gossip = fmt::format("{}, fanout {}", name_of(how.mode), how.fanout);
  if (how.retries != 0) gossip += fmt::format(", retries {}", how.retries);
  if (how.scenario == "curves") gossip = fmt::format("{} runs of each point", how.runs);
  std::vector<std::pair<std::string, std::string>> facts{
      {"scenario", how.scenario},
      {"nodes", fmt::format("{}", how.nodes)},
      {"gossip", gossip},
      {"network", fmt::format("{} topology, {:.3g} % loss, {:.3g} to {:.3g} ms from node to node",
                              how.topology, how.loss * 100, how.latency_ms / 4, how.latency_ms)},
      {"seed", fmt::format("{}", how.seed)},
      {"in the end", done.converged ? "all nodes are equal" : "NOT all nodes are equal"}};
  done.facts.insert(done.facts.begin(), facts.begin(), facts.end());
}

void print(const report& done) {
  for (const auto& [name, value] : done.facts) fmt::print("{:<26}  {}\n", name, value);
  for (const auto& row : done.table) {
    fmt::print("{:>8}  {:<10}{:>6}{:>16}{:>16}{:>8}\n", row[0], row[1], row[2], row[3], row[4], row[5]);
  }
}

int run(settings& how, const CLI::App& app) {
  const scenario& chosen = choose(how, app);
  std::ofstream file(how.output, std::ios::binary);  // before the run: it may be long
  if (!file) throw std::runtime_error(fmt::format("cannot write {}: {}", how.output, std::strerror(errno)));
  report done;
  {
    progress shown(how.progress);
    done = chosen.play(how, shown);
  }
  complete(done, how, chosen);
  print(done);
  if (!(file << page_of(done)).flush()) {
    throw std::runtime_error(fmt::format("cannot write {}: {}", how.output, std::strerror(errno)));
  }
  fmt::print("{:<26}  {}\n", "report", how.output);
  return done.converged ? 0 : failed;
}

}  // namespace

int main(int argc, char** argv) {
  settings how;
  bool list = false;
  CLI::App app("Plays a scenario on a simulated cluster, and writes a page that shows what happened.",
               "hearsay-sim");
  app.footer(
      "Exit status: 0 all nodes are equal in the end; 1 they are not, or the page cannot be written;\n"
      "2 the arguments are wrong.");
  add_options(app, how, list);
  try {
    app.parse(argc, argv);
    if (list) {
      for (const auto& each : scenarios()) fmt::print("{:<12}{}\n", each.name, each.about);
      return 0;
    }
    return run(how, app);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : misunderstood;
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "hearsay-sim: {}\n", error.what());
    return misunderstood;
  } catch (const std::exception& error) {
    fmt::print(stderr, "hearsay-sim: {}\n", error.what());
    return failed;
  }
}
