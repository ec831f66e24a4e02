// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <deque>
#include <functional>
#include <hearsay/gossip.hpp>
#include <map>
#include <memory>
#include <queue>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace test {

using namespace std::chrono_literals;
namespace gossip = hearsay::gossip;
using gossip::duration;
using gossip::instant;

/// What a network does to frames.
struct faults {
  double loss = 0;
  double repeat = 0;
  duration delay_min = 1ms;
  duration delay_max = 1ms;
};

/// Some engines, virtual time, and a network between them that delays, loses, repeats and reorders frames.
class network {
 public:
  explicit network(std::uint64_t seed, const faults& first = {}) : faults_(first), random_(seed) {}

  /// Options under which tests are quick to read: known endpoints, everybody's seed is everybody.
  static gossip::options defaults(std::size_t nodes) {
    gossip::options options;
    for (std::size_t i = 0; i < nodes; ++i) options.seeds.push_back(name(i));
    return options;
  }
  static std::string name(std::size_t i) { return "n" + std::to_string(i); }

  gossip::engine& add(gossip::options options) {
    options.endpoint = name(engines_.size());
    engines_.push_back(make(std::move(options)));
    return *engines_.back();
  }
  /// Another process at the same endpoint, with a new identity and no memory.
  gossip::engine& restart(std::size_t i, gossip::options options) {
    options.endpoint = name(i);
    engines_[i] = make(std::move(options));
    return *engines_[i];
  }
  void crash(std::size_t i) { engines_[i].reset(); }

  gossip::engine& operator[](std::size_t i) { return *engines_[i]; }
  const gossip::engine& operator[](std::size_t i) const { return *engines_[i]; }
  std::size_t size() const { return engines_.size(); }
  instant now() const { return now_; }
  void set(const faults& next) { faults_ = next; }
  /// Frames between the two groups are lost until `heal`.
  void cut(std::set<std::size_t> group) { group_ = std::move(group); }
  void heal() { group_.clear(); }
  /// Milliseconds on the wall clock of node `i`, added to the common one.
  std::map<std::size_t, std::int64_t> clock_offset;

  /// Called after every frame and tick, with the index of the engine that ran.
  std::function<void(std::size_t)> check;
  /// Sees every frame that is delivered.
  std::function<void(std::size_t from, std::size_t to, const hearsay::bytes&)> spy;

  void run_for(duration span) {
    run_until(now_ + span, [] { return false; });
  }
  /// Runs until `done()`, at most to `limit`; tells whether it was done.
  bool run_until(instant limit, const std::function<bool()>& done) {
    for (std::size_t i = 0; i < engines_.size(); ++i) drain(i);
    while (!done()) {
      instant next = limit;
      std::size_t who = engines_.size();
      for (std::size_t i = 0; i < engines_.size(); ++i) {
        if (engines_[i] && engines_[i]->next_tick() < next) {
          next = engines_[i]->next_tick();
          who = i;
        }
      }
      if (!flying_.empty() && flying_.top().at <= next && flying_.top().at <= limit) {
        const flight one = flying_.top();
        flying_.pop();
        now_ = std::max(now_, one.at);
        if (!engines_[one.to] || apart(one.from, one.to)) continue;
        if (spy) spy(one.from, one.to, one.frame);
        engines_[one.to]->receive(one.frame, now_);
        drain(one.to);
      } else if (who < engines_.size()) {
        now_ = std::max(now_, next);
        engines_[who]->tick(now_);
        drain(who);
      } else {
        now_ = limit;
        return done();
      }
    }
    return true;
  }

  /// Whether all engines have merged the same batches and have nothing left to tell.
  bool quiet() const {
    const gossip::engine* first = nullptr;
    for (const auto& each : engines_) {
      if (!each) continue;
      if (!first) first = each.get();
      if (!(each->versions() == first->versions()) || each->transferring() || each->pending()) return false;
    }
    return true;
  }

 private:
  struct flight {
    instant at;
    std::uint64_t number;
    std::size_t from;
    std::size_t to;
    hearsay::bytes frame;
    bool operator<(const flight& other) const {
      return std::tie(at, number) > std::tie(other.at, other.number);
    }
  };

  std::unique_ptr<gossip::engine> make(gossip::options options) {
    const std::size_t index = static_cast<std::size_t>(std::stoul(options.endpoint.substr(1)));
    auto wall = [this, index] {
      const auto offset = clock_offset.find(index);
      const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now_).count();
      return static_cast<std::uint64_t>(1'700'000'000'000 + ms +
                                        (offset == clock_offset.end() ? 0 : offset->second));
    };
    const std::uint64_t id = random_() | 1;
    return std::make_unique<gossip::engine>(
        std::move(options), hearsay::replica(hearsay::replica_id{id}, hearsay::clock(wall)), random_(), now_);
  }

  bool apart(std::size_t a, std::size_t b) const {
    return !group_.empty() && group_.count(a) != group_.count(b);
  }
  bool chance(double p) { return p > 0 && static_cast<double>(random_() % 1'000'000) < p * 1e6; }

  void drain(std::size_t i) {
    if (!engines_[i]) return;
    while (auto out = engines_[i]->poll()) {
      if (out->endpoint.size() < 2 || out->endpoint[0] != 'n') continue;
      const std::size_t to = static_cast<std::size_t>(std::stoul(out->endpoint.substr(1)));
      if (to >= engines_.size()) continue;
      if (apart(i, to) || chance(faults_.loss)) continue;
      for (int copies = chance(faults_.repeat) ? 2 : 1; copies > 0; --copies) {
        const auto spread = static_cast<std::uint64_t>((faults_.delay_max - faults_.delay_min).count()) + 1;
        const duration delay = faults_.delay_min + duration(static_cast<std::int64_t>(random_() % spread));
        flying_.push({now_ + delay, ++number_, i, to, out->frame});
      }
    }
    if (check) check(i);
  }

  faults faults_;
  std::mt19937_64 random_;
  instant now_{0};
  std::uint64_t number_ = 0;
  std::set<std::size_t> group_;
  std::priority_queue<flight> flying_;
  std::vector<std::unique_ptr<gossip::engine>> engines_;
};

}  // namespace test
