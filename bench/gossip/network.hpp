// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <hearsay/crdt.hpp>
#include <hearsay/gossip/message.hpp>
#include <hearsay/wire/frame.hpp>
#include <memory>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include "run.hpp"

namespace bench {

/// A state or delta on its way, with what it costs to send it. One is shared by all messages that carry it.
template <class Workload>
struct parcel {
  explicit parcel(typename Workload::type s)
      : state(std::move(s)),
        elements(Workload::elements(state)),
        bytes(hearsay::wire::encode(state).size()) {}

  typename Workload::type state;
  std::size_t elements;
  std::size_t bytes;
};
template <class Workload>
using shared_parcel = std::shared_ptr<const parcel<Workload>>;

/// What every message has besides: the envelope of hearsay's frames, and the name of the one object.
inline std::size_t overhead() {
  static const std::size_t bytes = hearsay::wire::frame_overhead +
                                   hearsay::wire::encode(hearsay::gossip::object_key{"object", ~0U}).size();
  return bytes;
}

/// To whom a node talks in a round.
enum class to { all, one };

/// A cluster of nodes that follow a protocol other than hearsay's, in one thread, with virtual time, and with
/// the latency and loss of the run's links. `Protocol` has
///
///     message                                  which has `traffic cost() const`, without the overhead
///     outbox                                   of which `push_back` sends: pairs of a neighbour and a
///     message Protocol(self, neighbours, nodes, options) update(change)                           merges
///     what `change(state)` returns as the delta of an update tick(peers, outbox)                      a
///     round with these neighbours receive(from, message, outbox) -> type   returns what was news state(),
///     buffer_bytes(), idle()          whether nothing waits until somebody has it
template <class Protocol, class Workload>
class network {
 public:
  network(const run& what, Workload& work, to whom, const typename Protocol::options& options)
      : what_(what), work_(work), whom_(whom), random_(what.seed), spread_(what) {
    for (std::size_t i = 0; i < what.nodes.size(); ++i) {
      const auto wall = [this] {
        return static_cast<std::uint64_t>(
            std::chrono::duration_cast<std::chrono::milliseconds>(now_ + start).count());
      };
      nodes_.push_back({Protocol(i, what.nodes[i], what.nodes.size(), options),
                        hearsay::replica(hearsay::replica_id{random_() | 1}, hearsay::clock(wall))});
      push(duration(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(round.count()))),
           event::tick, i, i, {});
    }
  }

  result simulate() {
    for_each_update(what_, [&](duration since, std::size_t node, std::size_t number) {
      push(since, event::update, number, node, {});
    });
    while (!done()) {
      step next = queue_.top();
      queue_.pop();
      now_ = next.at;
      if (now_ > patience) fail("not converged");
      take(next);
      out_.buffer = std::max(out_.buffer, nodes_[next.to].protocol.buffer_bytes());
    }
    for (const member& each : nodes_) {
      if (!(each.protocol.state() == nodes_[0].protocol.state())) fail("states differ");
    }
    spread_.report(out_);
    return out_;
  }

 private:
  static constexpr duration start = std::chrono::milliseconds(1'700'000'000'000);  // on the wall
  using message = typename Protocol::message;
  enum class event : std::uint8_t { tick, update, message };
  struct step {
    instant at;
    std::uint64_t number;
    event kind;
    std::size_t from;  // of an update: its number
    std::size_t to;
    message body;
    bool operator<(const step& other) const {
      return std::tie(at, number) > std::tie(other.at, other.number);
    }
  };
  struct member {
    Protocol protocol;
    hearsay::replica self;
  };

  [[noreturn]] void fail(const char* why) const {
    fmt::print(stderr, "{}: {} of {} deliveries are missing\n", why, spread_.missing(), spread_.deliveries());
    std::exit(1);
  }

  // Then all that was due is sent as well, also what its receiver knows already.
  bool done() const {
    return spread_.complete() &&
           std::ranges::all_of(nodes_, [](const member& n) { return n.protocol.idle(); });
  }

  void push(instant when, event kind, std::size_t from, std::size_t to, message body) {
    queue_.push({when, ++number_, kind, from, to, std::move(body)});
  }

  void take(step& next) {
    member& here = nodes_[next.to];
    typename Protocol::outbox out;
    switch (next.kind) {
      case event::tick:
        here.protocol.tick(peers(next.to), out);
        push(now_ + round, event::tick, next.to, next.to, {});
        break;
      case event::update:
        spread_.made(next.to, now_);
        here.protocol.update([&](auto& state) {
          auto delta = work_.update(state, here.self, next.to, next.from);
          out_.least.elements += Workload::elements(delta) * (nodes_.size() - 1);
          out_.least.payload += hearsay::wire::encode(delta).size() * (nodes_.size() - 1);
          return delta;
        });
        break;
      case event::message:
        work_.for_each_update_in(
            here.protocol.receive(next.from, next.body, out),
            [&](std::size_t origin, std::size_t number) { spread_.heard(next.to, origin, number, now_); });
    }
    for (auto& sent : out) send(next.to, sent.first, std::move(sent.second));
  }

  std::vector<std::size_t> peers(std::size_t of) {
    const auto& neighbours = what_.nodes[of];
    if (whom_ == to::all) return neighbours;
    return {neighbours[random_() % neighbours.size()]};
  }

  void send(std::size_t from, std::size_t to, message body) {
    out_.sent += body.cost();
    out_.sent.other += overhead();
    ++out_.sent.messages;
    if (static_cast<double>(random_() % 1'000'000) < what_.links.loss * 1e6) return;
    const auto spread =
        static_cast<std::uint64_t>((what_.links.latency_max - what_.links.latency_min).count()) + 1;
    push(now_ + what_.links.latency_min + duration(static_cast<std::int64_t>(random_() % spread)),
         event::message, from, to, std::move(body));
  }

  const run& what_;
  Workload& work_;
  to whom_;
  std::mt19937_64 random_;
  spread spread_;
  result out_{};
  instant now_{0};
  std::uint64_t number_ = 0;
  std::priority_queue<step> queue_;
  std::vector<member> nodes_;
};

}  // namespace bench
