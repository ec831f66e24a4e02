// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <array>
#include <cmath>
#include <hearsay/sim/storm.hpp>
#include <utility>
#include <vector>

namespace hearsay::inline v0::sim {

using namespace std::chrono_literals;

storm::storm(cluster& all, std::uint64_t seed, gossip::options nodes, const storm_options& options)
    : all_(all), random_(seed), nodes_(std::move(nodes)), options_(options) {}

// So many nodes, any of them.
std::set<std::size_t> storm::group(std::size_t size) {
  std::set<std::size_t> out;
  while (out.size() < std::min(size, all_.size())) out.insert(below(all_.size()));
  return out;
}

std::size_t storm::pick() {
  std::vector<std::size_t> able;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (all_.alive(i) && !all_.paused(i)) able.push_back(i);
  }
  return able.empty() ? all_.size() : able[below(able.size())];
}

void storm::cut() {
  const std::size_t n = all_.size();
  switch (below(5)) {
    case 0:
      return all_.cut(group(n / 2));
    case 1:
      return all_.cut(group(1 + below(n / 2)));
    case 2:
      return all_.cut(group(1));
    case 3:
      return all_.cut_to_majorities(n / 4 + 1);
    default:
      return all_.cut(below(n), below(n));
  }
}

void storm::crash(std::size_t i) {
  all_.crash(i);
  const bool memory = part() < options_.memory;
  all_.at(all_.now() + within(10s), [this, i, memory] { back(i, memory); });
}

void storm::back(std::size_t i, bool memory) {
  if (all_.alive(i) || gone_.contains(i)) return;
  if (memory) {
    ++faults_.memories;
    all_.restart_with_memory(i, nodes_);
  } else {
    all_.restart(i, nodes_);
  }
}

void storm::rage(duration span, const std::function<void(std::size_t)>& work, double rate) {
  using fault = std::pair<double, std::function<void()>>;  // how often a minute, and what
  const auto with_a_node = [&](std::uint64_t& count, const std::function<void(std::size_t)>& f) {
    if (const std::size_t i = pick(); i < all_.size()) {
      ++count;
      f(i);
    }
  };
  const std::array<fault, 10> faults{{
      {options_.cuts, [&] { ++faults_.cuts, cut(); }},
      {options_.clogs, [&] { ++faults_.clogs, all_.clog(below(all_.size()), below(all_.size())); }},
      {options_.heals, [&] { ++faults_.heals, all_.heal(); }},
      {options_.pauses,
       [&] {
         with_a_node(faults_.pauses, [&](std::size_t i) {
           all_.pause(i);
           all_.at(all_.now() + within(5s), [this, i] {
             if (all_.alive(i)) all_.resume(i);
           });
         });
       }},
      {options_.crashes, [&] { with_a_node(faults_.crashes, [&](std::size_t i) { crash(i); }); }},
      {options_.joins,
       [&] {
         if (all_.size() >= options_.most_nodes) return;
         ++faults_.joins;
         all_.add(nodes_);
       }},
      {options_.leaves,
       [&] {
         if (gone_.size() + 1 > all_.size() / 4) return;
         with_a_node(faults_.leaves, [&](std::size_t i) {
           gone_.insert(i);
           all_.crash(i);
         });
       }},
      {options_.jumps,
       [&] {
         with_a_node(faults_.jumps, [&](std::size_t i) {
           const auto most =
               std::chrono::duration_cast<std::chrono::milliseconds>(options_.clock_error).count();
           all_.clock_of(i) = {static_cast<std::int64_t>((2 * part() - 1) * static_cast<double>(most)),
                               static_cast<std::int64_t>(below(400)) - 200};
         });
       }},
      {options_.weathers,
       [&] {
         ++faults_.weathers;
         all_.set(link{.latency_min = 1ms,
                       .latency_max = 1ms + within(options_.latency),
                       .loss = below(2) == 0 ? 0.0 : part() * options_.loss,
                       .duplicate = below(2) == 0 ? 0.0 : part() * options_.duplicate,
                       .straggle = below(4) == 0 ? 0.02 : 0.0});
       }},
      {60 * rate,
       [&] {
         if (const std::size_t i = pick(); i < all_.size()) work(i);
       }},
  }};
  double sum = 0;
  for (const auto& each : faults) sum += each.first;
  for (const instant end = all_.now() + span; all_.now() < end;) {
    // Events without memory: the pauses between them are exponential.
    const double pause = -std::log(1 - part()) * 60 / sum;
    all_.run_for(std::min(end - all_.now(), duration(static_cast<std::int64_t>(pause * 1e9))));
    double which = part() * sum;
    for (const auto& [often, happen] : faults) {
      which -= often;
      if (which < 0) {
        happen();
        break;
      }
    }
  }
}

void storm::settle() {
  core_ = group(all_.size() / 2 + 1 + below(all_.size() - all_.size() / 2));
  for (const std::size_t each : gone_) core_.erase(each);
  all_.heal();
  all_.set(link{});
  all_.cut(core_);
  for (const std::size_t i : core_) {
    all_.clock_of(i) = {};
    if (!all_.alive(i)) back(i, part() < options_.memory);
    all_.resume(i);
  }
}

}  // namespace hearsay::inline v0::sim
