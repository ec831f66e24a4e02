// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <functional>
#include <hearsay/sim/cluster.hpp>
#include <optional>

namespace hearsay::inline v0::sim {
namespace {

constexpr std::uint64_t wall_start = 1'700'000'000'000;  // on the wall, in milliseconds
constexpr std::size_t most_waiting = 1024;  // frames, for a node that stands still or behind a clog

std::optional<std::size_t> number_of(const std::string& endpoint) {
  if (endpoint.empty() || endpoint[0] != 'n') return std::nullopt;
  std::size_t number = 0;
  const auto* const end = endpoint.data() + endpoint.size();
  const auto read = std::from_chars(endpoint.data() + 1, end, number);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

// All counters are 64-bit numbers.
gossip::counters sum(const gossip::counters& a, const gossip::counters& b) {
  using numbers = std::array<std::uint64_t, sizeof(gossip::counters) / sizeof(std::uint64_t)>;
  auto out = std::bit_cast<numbers>(a);
  std::ranges::transform(out, std::bit_cast<numbers>(b), out.begin(), std::plus());
  return std::bit_cast<gossip::counters>(out);
}

}  // namespace

// The wall clock of node i.
clock::time_source cluster::wall_of(std::size_t i) const {
  return [this, error = nodes_[i].clock] {
    const auto us = std::chrono::duration_cast<std::chrono::microseconds>(now_).count();
    const auto ms = (us + us / 1'000'000 * error->drift) / 1000 + error->offset;
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(wall_start) + ms);
  };
}

gossip::engine& cluster::add(gossip::options options) {
  nodes_.emplace_back();
  return restart(nodes_.size() - 1, std::move(options));
}

void cluster::add(const topology& nodes, const gossip::options& options) {
  const std::size_t first = size();
  for (const auto& neighbours : nodes) {
    auto own = options;
    for (const std::size_t each : neighbours) own.seeds.push_back(name(first + each));
    add(std::move(own));
  }
}

void cluster::crash(std::size_t i) { nodes_[i].crashed = std::move(nodes_[i].engine); }

gossip::engine& cluster::restart(std::size_t i, gossip::options options) {
  options.endpoint = name(i);
  replica self(replica_id{random_() | 1}, clock(wall_of(i)));
  return start(i, std::make_unique<gossip::engine>(std::move(options), std::move(self), random_(), now_));
}

gossip::engine& cluster::restart_with_memory(std::size_t i, gossip::options options) {
  if (nodes_[i].engine) crash(i);
  options.endpoint = name(i);
  auto& kept = *nodes_[i].crashed;
  return start(i, std::make_unique<gossip::engine>(std::move(options), std::move(kept), random_(), now_));
}

gossip::engine& cluster::start(std::size_t i, std::unique_ptr<gossip::engine> engine) {
  node& one = nodes_[i];
  for (const auto& ends : {std::move(one.engine), std::move(one.crashed)}) {
    if (ends) ended_ = sum(ended_, ends->stats());
  }
  one.engine = std::move(engine);
  one.paused = false;
  one.waiting.clear();
  drain(i);
  return *one.engine;
}

void cluster::resume(std::size_t i) {
  nodes_[i].paused = false;
  // The threads that read its sockets stood still, too: its timers are first.
  for (auto& [from, frame] : std::exchange(nodes_[i].waiting, {}))
    push(now_ + std::chrono::milliseconds(1), what::frame, from, i, std::move(frame));
  nodes_[i].tick = instant{-1};
  drain(i);
}

void cluster::cut_to_majorities(std::size_t reach) {
  for (std::size_t a = 0; a < size(); ++a) {
    for (std::size_t b = 0; b < size(); ++b) {
      const std::size_t around = (b + size() - a) % size();
      if (around > reach && size() - around > reach) cut(a, b);
    }
  }
}

void cluster::release(std::size_t from, std::size_t to) {
  blocked_.erase({from, to});
  const auto found = clogged_.find({from, to});
  if (found == clogged_.end()) return;
  for (auto& frame : std::exchange(found->second, {})) push(now_, what::frame, from, to, std::move(frame));
}

void cluster::heal() {
  group_.clear();
  for (const auto& [way, waits] : std::exchange(blocked_, {})) release(way.first, way.second);
}

void cluster::push(instant when, what kind, std::size_t from, std::size_t to, bytes frame) {
  steps_.push_back({when, ++number_, kind, from, to, std::move(frame)});
  std::push_heap(steps_.begin(), steps_.end());
}

void cluster::at(instant when, std::function<void()> action) {
  push(std::max(when, now_), what::action, number_ + 1, 0);
  actions_.emplace(number_, std::move(action));
}

bool cluster::run_until(instant limit, const std::function<bool()>& done) {
  for (std::size_t i = 0; i < size(); ++i) drain(i);  // what was called on the engines themselves
  while (!done()) {
    if (steps_.empty() || steps_.front().at > limit) {
      now_ = std::max(now_, limit);
      return done();
    }
    std::pop_heap(steps_.begin(), steps_.end());
    const step next = std::move(steps_.back());
    steps_.pop_back();
    now_ = std::max(now_, next.at);
    switch (next.kind) {
      case what::frame:
        deliver(next.from, next.to, next.frame);
        break;
      case what::tick: {
        node& due = nodes_[next.to];
        if (!due.engine || due.paused || due.tick != next.at) break;  // it has another in line
        due.tick = instant{-1};
        due.engine->tick(now_);
        drain(next.to);
        break;
      }
      case what::action:
        actions_.extract(next.from).mapped()();
        for (std::size_t i = 0; i < size(); ++i) {
          if (nodes_[i].engine && nodes_[i].engine->next_tick() != nodes_[i].tick) drain(i);
        }
    }
  }
  return true;
}

void cluster::deliver(std::size_t from, std::size_t to, const bytes& frame) {
  node& target = nodes_[to];
  const auto blocked = blocked_.find({from, to});
  if (!target.engine || apart(from, to) || (blocked != blocked_.end() && !blocked->second)) {
    ++frames_.cut;
    return;
  }
  if (blocked != blocked_.end() || target.paused) {
    const auto waits = blocked != blocked_.end() ? clogged_[{from, to}].size() : target.waiting.size();
    ++(waits < most_waiting ? frames_.clogged : frames_.lost);
    if (waits == most_waiting) return;
    if (blocked != blocked_.end()) {
      clogged_[{from, to}].push_back(frame);
    } else {
      target.waiting.emplace_back(from, frame);
    }
    return;
  }
  ++frames_.delivered;
  if (spy) spy(from, to, frame);
  target.engine->receive(frame, now_);
  drain(to);
}

void cluster::send(std::size_t from, std::size_t to, bytes frame) {
  ++frames_.sent;
  frames_.sent_bytes += frame.size();
  if (apart(from, to)) {
    ++frames_.cut;
    return;
  }
  const auto own = own_links_.find({from, to});
  const link& way = own == own_links_.end() ? links_ : own->second;
  if (chance(way.loss)) {
    ++frames_.lost;
    return;
  }
  instant leaves = now_;
  if (way.bytes_per_second != 0) {
    const auto takes = [&](std::uint64_t size) {
      return duration(static_cast<std::int64_t>(size * 1'000'000'000 / way.bytes_per_second));
    };
    instant& busy = busy_[{from, to}];
    if (busy - now_ > takes(way.queue_bytes)) {
      ++frames_.lost;
      return;
    }
    busy = leaves = std::max(busy, now_) + takes(frame.size());
  }
  int copies = 1;
  if (chance(way.duplicate)) {
    copies = 2;
    ++frames_.duplicated;
  }
  for (; copies > 0; --copies) {
    const auto spread = static_cast<std::uint64_t>((way.latency_max - way.latency_min).count()) + 1;
    auto latency = way.latency_min + duration(static_cast<std::int64_t>(random_() % spread));
    if (chance(way.straggle)) latency *= static_cast<std::int64_t>(10 + random_() % 91);
    push(leaves + latency, what::frame, from, to, copies == 1 ? std::move(frame) : frame);
  }
}

// Sends what the engine of node i has to say, and puts its next tick in line.
void cluster::drain(std::size_t i) {
  node& one = nodes_[i];
  if (!one.engine || one.paused) return;
  while (auto out = one.engine->poll()) {
    const auto to = number_of(out->endpoint);
    if (to && *to < size()) send(i, *to, std::move(out->frame));
  }
  if (const instant next = std::max(one.engine->next_tick(), now_); next != one.tick) {
    one.tick = next;
    push(next, what::tick, i, i);
  }
  if (check) check(i);
}

bool cluster::quiet(const std::set<std::size_t>* group) const {
  const gossip::engine* first = nullptr;
  for (std::size_t i = 0; i < size(); ++i) {
    if (!alive(i) || (group != nullptr && !group->contains(i))) continue;
    const gossip::engine& one = *nodes_[i].engine;
    if (first == nullptr) first = &one;
    if (!(one.versions() == first->versions()) || one.transferring() || one.pending()) return false;
  }
  return true;
}

bool cluster::equal(const std::set<std::size_t>* group) const {
  if (!quiet(group)) return false;
  std::optional<std::uint64_t> first;
  for (std::size_t i = 0; i < size(); ++i) {
    if (!alive(i) || (group != nullptr && !group->contains(i))) continue;
    const auto hash = nodes_[i].engine->hash();
    if (!hash || (first && *first != *hash)) return false;
    first = hash;
  }
  return true;
}

gossip::counters cluster::totals() const {
  gossip::counters all = ended_;
  for (const node& each : nodes_) {
    for (const auto* one : {each.engine.get(), each.crashed.get()}) {
      if (one != nullptr) all = sum(all, one->stats());
    }
  }
  return all;
}

}  // namespace hearsay::inline v0::sim
