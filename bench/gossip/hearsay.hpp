// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <hearsay/crdt.hpp>
#include <hearsay/sim.hpp>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "run.hpp"

namespace bench {

/// hearsay with a round each `pause`, and all that is not needed here off.
inline hearsay::gossip::options rounds_of(duration pause) {
  hearsay::gossip::options options;
  options.round_min = options.round_max = pause;
  options.audit = duration{0};
  options.max_wait = round / 10;
  return options;
}

/// Counts the elements in frames of a hearsay cluster.
template <class Workload>
class element_count {
 public:
  explicit element_count(const hearsay::gossip::options& options)
      : cluster_(hearsay::wire::cluster_tag(options.cluster)) {}

  void look(std::span<const std::byte> data) {
    namespace gossip = hearsay::gossip;
    const auto frame = hearsay::wire::open(data, cluster_).first;
    if (frame.kind == static_cast<std::uint8_t>(gossip::kind::exchange)) {
      for (const auto& run : hearsay::wire::decode<gossip::exchange>(frame.body).runs) {
        for (const auto& interval : run.intervals) add(interval.body);
      }
    } else if (frame.kind == static_cast<std::uint8_t>(gossip::kind::chunk)) {
      for (const auto& part : hearsay::wire::decode<gossip::chunk>(frame.body).parts) {
        seen_ += Workload::elements(hearsay::wire::decode<typename Workload::type>(part));
      }
    }
  }

  std::uint64_t seen() const { return seen_; }

 private:
  // Every batch passes thousands of times, and is decoded once.
  void add(const hearsay::bytes& body) {
    const auto [at, fresh] = by_hash_.try_emplace(hearsay::wire::hash(body), 0);
    if (fresh) {
      for (const auto& each : hearsay::wire::decode<hearsay::gossip::batch>(body).deltas) {
        at->second += Workload::elements(hearsay::wire::decode<typename Workload::type>(each.delta));
      }
    }
    seen_ += at->second;
  }

  std::uint32_t cluster_;
  std::uint64_t seen_ = 0;
  std::unordered_map<std::uint64_t, std::uint64_t> by_hash_;  // elements in a batch
};

/// The cost of what a node has sent, without the elements.
inline traffic sent_by(const hearsay::gossip::engine& node) {
  using hearsay::gossip::kind;
  const auto& stats = node.stats();
  traffic sum{.payload = stats.payload_out};
  for (std::size_t k = 0; k < stats.bytes_out.size(); ++k) {
    const bool digests =
        k == static_cast<std::size_t>(kind::digest) || k == static_cast<std::size_t>(kind::vector);
    const auto envelopes = stats.frames_out[k] * hearsay::wire::frame_overhead;
    sum.digests += digests ? stats.bytes_out[k] - envelopes : 0;
    sum.other += digests ? envelopes : stats.bytes_out[k];
    sum.messages += stats.frames_out[k];
  }
  sum.other -= sum.payload;
  return sum;
}

/// A run of hearsay itself, in hearsay::sim::cluster.
template <class Workload>
result run_hearsay(const run& what, Workload& work, const hearsay::gossip::options& options) {
  using type = typename Workload::type;
  hearsay::sim::cluster all(what.seed, what.links);
  all.add(what.nodes, options);
  const std::size_t n = all.size();
  std::vector<std::shared_ptr<hearsay::gossip::replicated<type>>> open;
  for (std::size_t i = 0; i < n; ++i) open.push_back(all[i].template open<type>("object"));
  all.run_for(3 * round);  // until all have met

  traffic before;
  std::uint64_t received = 0;
  for (std::size_t i = 0; i < n; ++i) {
    before += sent_by(all[i]);
    received -= all[i].stats().payload_in;
  }
  result out{};
  spread told(what);
  element_count<Workload> elements(options);
  all.spy = [&](std::size_t, std::size_t, const hearsay::bytes& frame) { elements.look(frame); };
  all.check = [&](std::size_t i) {
    const auto& log = all[i].log();
    const std::size_t kept = log.size_bytes() - log.intervals() * sizeof(hearsay::gossip::batch_interval);
    out.buffer = std::max(out.buffer, kept);
  };
  for (std::size_t i = 0; i < n; ++i) {
    open[i]->on_change([&, i](const type&, const type& news) {
      work.for_each_update_in(
          news, [&](std::size_t origin, std::size_t number) { told.heard(i, origin, number, all.now()); });
    });
  }
  const auto start = all.now();
  for_each_update(what, [&](duration since, std::size_t i, std::size_t number) {
    all.at(start + since, [&, i, number] {
      told.made(i, all.now());
      const auto change = [&](type& state, hearsay::replica& me) {
        type delta = work.update(state, me, i, number);
        out.least.elements += Workload::elements(delta) * (n - 1);
        out.least.payload += hearsay::wire::encode(delta).size() * (n - 1);
        return delta;
      };
      all[i].update(open[i], change, all.now());
    });
  });
  if (!all.run_until(start + patience, [&] { return told.complete(); })) {
    fmt::print(stderr, "not converged: {} of {} deliveries are missing\n", told.missing(), told.deliveries());
    std::exit(1);
  }

  for (std::size_t i = 0; i < n; ++i) {
    out.sent += sent_by(all[i]);
    received += all[i].stats().payload_in;
  }
  out.sent.payload -= before.payload;
  out.sent.digests -= before.digests;
  out.sent.other -= before.other;
  out.sent.messages -= before.messages;
  // What is lost is in the sender's bytes alone: it has as many elements a byte as what arrives.
  out.sent.elements =
      static_cast<std::uint64_t>(static_cast<double>(elements.seen()) *
                                 static_cast<double>(out.sent.payload) / static_cast<double>(received));
  told.report(out);
  return out;
}

}  // namespace bench
