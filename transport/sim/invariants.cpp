// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <algorithm>
#include <hearsay/crdt/replica_id.hpp>
#include <hearsay/sim/invariants.hpp>
#include <utility>

namespace hearsay::inline v0::sim {
namespace {

constexpr std::size_t most_vectors = 100'000;  // whose states are remembered

}  // namespace

invariants::invariants(cluster& all) : all_(all), before_(std::move(all.check)) {
  all_.check = [this](std::size_t i) {
    check(i);
    if (before_) before_(i);
  };
}

void invariants::fail(std::size_t i, const std::string& what) const {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(all_.now()).count();
  throw violation(fmt::format("{} of {} at {} ms: {}", cluster::name(i), all_.size(), ms, what));
}

void invariants::check(std::size_t i) {
  const gossip::engine& engine = std::as_const(all_)[i];
  if (nodes_.size() <= i) nodes_.resize(i + 1);
  seen& node = nodes_[i];
  const replica_id id = engine.self().id();
  if (node.id != id) node = {id};
  const auto chunks = engine.stats().frames_in[static_cast<std::size_t>(gossip::kind::chunk)];
  node.ahead = node.ahead || chunks > node.chunks;
  node.chunks = chunks;

  bool moved = false;
  if (engine.versions().entries().size() < node.versions.size())
    fail(i, "its version vector has lost an origin");
  for (const auto& [origin, sequence] : engine.versions().entries()) {
    std::uint64_t& known = node.versions[origin];
    if (sequence == known) continue;
    if (sequence < known)
      fail(i, fmt::format("its version of {} fell from {} to {}", origin, known, sequence));
    if (origin == id) record(i, known);
    const auto& batches = batches_[origin];
    auto at = std::ranges::upper_bound(batches, known, {}, &recorded::hi);
    for (; at != batches.end() && at->hi <= sequence; ++at) {
      for (const auto& delta : at->contents.deltas) {
        try {
          check_holds(i, delta);
        } catch (const violation& lacks) {
          fail(i, fmt::format("it has {} up to {}, but not batch {}: {}", origin, sequence, at->hi,
                              lacks.what()));
        }
      }
    }
    known = sequence;
    moved = true;
  }
  if (engine.stats().collisions != 0) fail(i, "one dot names two things");
  if (moved) check_equal(i);
  check_limits(i);
}

// Notes what the batches of node i above `known` hold; those that its log has not kept are not checked.
void invariants::record(std::size_t i, std::uint64_t known) {
  const gossip::engine& engine = std::as_const(all_)[i];
  const replica_id id = engine.self().id();
  auto& batches = batches_[id];
  if (!batches.empty() && batches.back().hi > known) {
    fail(i, fmt::format("it goes on from batch {} of {}, which has made {}", known, id, batches.back().hi));
  }
  engine.log().from(id, std::max(known, engine.log().floor(id)), [&](const gossip::batch_interval& made) {
    batches.push_back({made.lo, made.hi, wire::decode<gossip::batch>(made.body, engine.options().wire)});
    ++counts_.batches;
    return true;
  });
}

void invariants::check_holds(std::size_t i, const gossip::object_delta& delta) {
  const gossip::object* here = std::as_const(all_)[i].objects().find(delta.object);
  if (here == nullptr) throw violation("it does not know '" + delta.object.name + "'");
  std::unique_ptr<gossip::object> opened;
  if (const auto* raw = dynamic_cast<const gossip::unopened*>(here)) {
    // Some other node knows its type.
    for (std::size_t j = 0; j < all_.size() && !opened; ++j) {
      const auto* there = all_.alive(j) ? std::as_const(all_)[j].objects().find(delta.object) : nullptr;
      if (there != nullptr && there->open()) opened = there->blank();
    }
    if (!opened) return;
    for (const auto& piece : raw->pieces()) opened->merge(*opened->decode(piece.body, wire::limits::none()));
    here = opened.get();
  }
  ++counts_.holdings;
  if (!here->knows(*here->decode(delta.delta, wire::limits::none()))) {
    throw violation("a delta of '" + delta.object.name + "' is not part of it");
  }
}

void invariants::check_equal(std::size_t i) {
  const gossip::engine& engine = std::as_const(all_)[i];
  if (engine.pending() || engine.transferring()) return;
  const auto states = engine.hash();
  if (!states) return;
  if (states_.size() > most_vectors) states_.clear();
  const equal_state now{*states, i, nodes_[i].ahead};
  const auto [at, is_first] = states_.try_emplace(engine.versions().hash(), now);
  if (is_first) return;
  const auto before = at->second;
  if (before.ahead && !now.ahead) at->second = now;
  if (before.states == now.states) {
    ++counts_.equals;
  } else if (before.ahead || now.ahead) {
    ++counts_.ahead;
  } else {
    fail(i, fmt::format("its vector is that of {}, its states are not", cluster::name(before.node)));
  }
}

void invariants::check_limits(std::size_t i) const {
  const gossip::engine& engine = std::as_const(all_)[i];
  const auto& limits = engine.options();
  const auto within = [&](const char* what, std::size_t size, std::size_t most) {
    if (size > most) fail(i, fmt::format("{}: {}, above the limit of {}", what, size, most));
  };
  within("log_bytes", engine.log().size_bytes(), limits.log_bytes);
  within("max_objects", engine.objects().all().size(), limits.max_objects);
  within("max_origins", engine.versions().entries().size(), limits.max_origins);
  within("max_peers", engine.peers().all().size(), limits.max_peers + limits.seeds.size());
  within("unopened_bytes", engine.objects().unopened_bytes(), limits.unopened_bytes);
}

}  // namespace hearsay::inline v0::sim
