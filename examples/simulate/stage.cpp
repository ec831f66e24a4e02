// SPDX-License-Identifier: BSL-1.0
#include "stage.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <chrono>
#include <set>

namespace simulate {
namespace {

using namespace std::chrono_literals;
using hearsay::gossip::kinds;

constexpr auto greeting = 3s;
constexpr std::size_t most_bars = 240;
constexpr std::size_t most_notes = 200;

hearsay::sim::link link_of(const settings& how) {
  const auto most = hearsay::sim::duration(static_cast<std::int64_t>(how.latency_ms * 1e6));
  return {.latency_min = most / 4, .latency_max = most, .loss = how.loss};
}

hearsay::gossip::options options_of(const settings& how, const hearsay::sim::topology& links) {
  hearsay::gossip::options options;
  options.mode = how.mode;
  options.fanout = how.fanout;
  options.retries = how.retries;
  options.round_min = options.round_max = 1s;
  for (const auto& each : links) options.max_peers = std::max(options.max_peers, each.size());
  return options;
}

}  // namespace

stage::stage(const settings& how, progress& shown)
    : how_(how),
      progress_(shown),
      links_(links_of(how)),
      layout_(layout_of(how)),
      cluster_(how.seed, link_of(how)),
      options_(options_of(how, links_)),
      alive_(how.nodes),
      history_(how.nodes),
      sets_(how.nodes),
      news_(how.frames),
      others_(how.frames) {
  cluster_.add(links_, options_);
  for (std::size_t i = 0; i < size(); ++i) open(i);
  cluster_.run_until(greeting, [this] {
    progress_.step(std::chrono::duration<double>(cluster_.now() - greeting).count(), 0);
    return false;
  });
  start_ = cluster_.now();
  for (std::size_t i = 0; i < size(); ++i) history_[i].push_back({0, 0});
  cluster_.spy = [this](std::size_t from, std::size_t to, const hearsay::bytes& frame) {
    arrived(from, to, frame);
  };
  cluster_.check = [this](std::size_t) {  // the step in which a frame arrived is over
    if (arriving_) (brought_news_ ? news_ : others_).add(*arriving_);
    arriving_.reset();
  };
}

double stage::now() const { return std::chrono::duration<double>(cluster_.now() - start_).count(); }

void stage::open(std::size_t node) {
  sets_[node] = cluster_[node].open<updates>("updates");
  sets_[node]->on_change([this, node](const updates&, const updates& news) {
    brought_news_ = true;
    for (const std::uint64_t each : news) learn(node, each);
  });
}

void stage::enter(std::size_t node, int known) {
  auto& states = history_[node];
  if (!states.empty() && states.back().at == now()) states.pop_back();
  states.push_back({now(), known});
}

void stage::learn(std::size_t node, std::uint64_t update) {
  enter(node, history_[node].back().known | 1 << update);
  ++knowing_[update];
  spread_[update].emplace_back(now(), static_cast<double>(knowing_[update]) / static_cast<double>(alive_));
  tell_when_all_know();
}

// The shares anew: the number of nodes alive has changed.
void stage::count() {
  for (std::size_t u = 0; u < written_; ++u) {
    spread_[u].emplace_back(now(), static_cast<double>(knowing_[u]) / static_cast<double>(alive_));
  }
  tell_when_all_know();
}

void stage::tell_when_all_know() {
  const bool all = all_know();
  if (all && !told_) note("all know all");
  told_ = all;
}

void stage::write(std::size_t node) {
  const std::uint64_t number = written_++;
  writers_.emplace_back(node, now());
  cluster_[node].update(
      sets_[node], [&](updates& all, hearsay::replica& me) { return all.add(me, number); }, cluster_.now());
  note(fmt::format("{} writes update {}", cluster_.name(node), number + 1));
  learn(node, number);
}

void stage::crash(std::size_t node) {
  const int known = history_[node].back().known;
  cluster_.crash(node);
  sets_[node].reset();
  --alive_;
  enter(node, -1);
  for (std::size_t u = 0; u < written_; ++u) knowing_[u] -= static_cast<std::size_t>(known >> u & 1);
  note(fmt::format("{} crashes", cluster_.name(node)));
  count();
}

void stage::restart(std::size_t node) {
  auto options = options_;
  for (const std::size_t each : links_[node]) options.seeds.push_back(cluster_.name(each));
  cluster_.restart(node, std::move(options));
  ++alive_;
  enter(node, 0);
  open(node);
  note(fmt::format("{} starts again, and knows nothing", cluster_.name(node)));
  count();
}

std::vector<std::size_t> stage::cut_in_halves() {
  std::set<std::size_t> right;
  for (std::size_t i = 0; i < size(); ++i) {
    if (layout_[i].first >= 0) right.insert(i);
  }
  cluster_.cut(right);
  cuts_.push_back({now(), -1, 0});
  note(fmt::format("cut in two: {} nodes and {}", size() - right.size(), right.size()));
  return {right.begin(), right.end()};
}

void stage::cut_to_majorities() {
  const std::size_t reach = (size() + 2) / 4;
  cluster_.cut_to_majorities(reach);
  cuts_.push_back({now(), -1, reach});
  note(fmt::format("each node reaches only {} to either side", reach));
}

void stage::heal() {
  cluster_.heal();
  cuts_.back().to = now();
  note("healed");
}

void stage::at(double when, std::function<void()> action) {
  cluster_.at(start_ + hearsay::sim::duration(static_cast<std::int64_t>(when * 1e9)), std::move(action));
}

void stage::run(double rounds) {
  const auto end = cluster_.now() + hearsay::sim::duration(static_cast<std::int64_t>(rounds * 1e9));
  cluster_.run_until(end, [this] {
    progress_.step(now(), share());
    return false;
  });
}

bool stage::converge() {
  const auto end = start_ + hearsay::sim::duration(static_cast<std::int64_t>(how_.limit * 1e9));
  const bool known = cluster_.run_until(end, [this] {
    progress_.step(now(), share());
    return all_know();
  });
  if (known) run(2);
  if (known && cluster_.equal()) return true;
  note("given up: not all nodes are equal");
  return false;
}

// What nobody alive knows is lost: its writer crashed before it told anybody.
bool stage::all_know() const {
  return std::ranges::all_of(knowing_, [this](std::size_t n) { return n == alive_ || n == 0; });
}

double stage::share() const {
  std::size_t least = alive_;
  for (std::size_t u = 0; u < written_; ++u) least = std::min(least, knowing_[u]);
  return written_ == 0 ? 0 : static_cast<double>(least) / static_cast<double>(alive_);
}

void stage::note(std::string text) {
  if (notes_.size() < most_notes) notes_.emplace_back(now(), std::move(text));
}

void stage::arrived(std::size_t from, std::size_t to, const hearsay::bytes& frame) {
  const auto [opened, fault] = hearsay::wire::open(frame, hearsay::wire::cluster_tag(options_.cluster));
  if (fault != hearsay::wire::fault::none || opened.kind >= kinds) return;
  ++frames_seen_;
  arriving_ = arrival{now(), from, to, opened.kind};
  brought_news_ = false;
  add_bytes(opened.kind, frame.size());
}

void stage::add_bytes(std::uint8_t kind, std::size_t size) {
  totals_[kind] += size;
  auto bar = static_cast<std::size_t>(now() / bar_);
  while (bar >= most_bars) {
    for (std::size_t i = 0; i < bars_.size(); ++i) {
      if (i % 2 == 0) {
        bars_[i / 2] = bars_[i];
      } else {
        for (std::size_t k = 0; k < kinds; ++k) bars_[i / 2][k] += bars_[i][k];
      }
    }
    bars_.resize((bars_.size() + 1) / 2);
    bar_ *= 2;
    bar = static_cast<std::size_t>(now() / bar_);
  }
  if (bar >= bars_.size()) bars_.resize(bar + 1);
  bars_[bar][kind] += size;
}

}  // namespace simulate
