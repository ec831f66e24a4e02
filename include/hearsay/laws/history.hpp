// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/options.hpp"
#include "hearsay/laws/print.hpp"
#include "hearsay/laws/source.hpp"

namespace hearsay::inline v0::laws {

/// One mutation of a history, with the state around it.
template <class T>
struct operation {
  std::size_t replica = 0;          ///< where
  std::size_t step = 0;             ///< which step of the history, from 1
  std::uint64_t wall = 0;           ///< what the replica's wall clock showed
  operation_set saw = {};           ///< the operations visible there before
  std::size_t first = 0, last = 0;  ///< its choices are [first, last) of all
  T before{}, after{}, delta{};
};

/// A few replicas that write, and send each other deltas and states, late, twice, out of order, or not at
/// all: what a source makes of it. Laws are checked on states that came about like this, since most other
/// states cannot occur.
///
/// A history is one run after another of `run`; the memory is kept in between.
template <class T>
class history {
 public:
  history() = default;
  history(const history&) = delete;  // the replicas' clocks point here
  history& operator=(const history&) = delete;

  /// Makes a new history out of the choices of `c`. What the type throws passes through.
  void run(const options& world, source& c) {
    clear();
    c.elements(world.elements);
    source_ = &c;
    tick_kinds_ = world.exhaustive ? 2 : 3;
    const auto replicas = 2 + c.below(std::max<std::size_t>(world.replicas, 2) - 1);
    for (std::size_t i = 0; i < replicas; ++i) {
      nodes_.push_back({replica(id(i), clock([this, i] { return tick(i); }))});
    }
    const auto most = std::min(world.steps, most_operations);
    while (step(c, steps_ < most, world.exhaustive)) {
    }
    source_ = nullptr;
  }

  std::size_t replicas() const { return nodes_.size(); }
  /// Larger numbers have larger ids.
  static replica_id id(std::size_t replica) { return {replica + 1}; }
  const T& state(std::size_t replica) const { return nodes_[replica].state; }
  /// The operations whose effects have reached the replica.
  const operation_set& seen(std::size_t replica) const { return nodes_[replica].seen; }

  /// All mutations, in the order in which they were made.
  std::span<const operation<T>> operations() const { return operations_; }
  /// The numbers of those operations that had an effect, so that there is a delta to send.
  std::span<const std::size_t> sendable() const { return sendable_; }

  /// What `mutate<T>::apply` drew for an operation, without what its clock drew, out of all choices of the
  /// run.
  void drawn(const operation<T>& made, const choices& all, choices& out) const {
    out.clear();
    for (auto i = made.first; i < made.last; ++i) {
      if (!std::ranges::binary_search(ticks_, i)) out.push_back(all[i]);
    }
  }

  std::size_t steps() const { return steps_; }
  /// The steps in words, each with the state that it led to; if the source was wordy.
  std::vector<std::string> words() const {
    std::size_t width = 0;
    for (const auto& step : words_) width = std::max(width, step.first.size());
    std::vector<std::string> lines;
    for (const auto& [what, state] : words_) lines.push_back(fmt::format("{:<{}}  {}", what, width, state));
    return lines;
  }

 private:
  struct node {
    class replica self;
    T state{};
    operation_set seen{};
    std::uint64_t wall = 1'700'000'000'000;
  };

  enum kind : std::size_t { stop, write, send_delta, send_state, send_old_state };
  static constexpr std::array<std::uint64_t, 5> weights{1, 7, 4, 3, 1};

  void clear() {
    nodes_.clear();
    operations_.clear();
    sendable_.clear();
    ticks_.clear();
    words_.clear();
    steps_ = 0;
  }

  bool step(source& c, bool room, bool small) {
    c.mark();
    const std::size_t last = sendable_.empty() ? write : small ? send_state : send_old_state;
    const auto what = c.weighted(std::span(weights).first(room ? last + 1 : 1));
    if (what == stop) return false;
    ++steps_;
    try {
      const auto changed = what == write        ? do_write(c)
                           : what == send_delta ? do_send_delta(c)
                           : what == send_state ? do_send_state(c)
                                                : do_send_old_state(c);
      if (c.wordy()) put_in_words(c, fmt::format("r{} = {}", changed, print(nodes_[changed].state)));
    } catch (...) {
      if (c.wordy()) put_in_words(c, "throws");
      throw;
    }
    return true;
  }

  void put_in_words(source& c, std::string outcome) {
    auto step = c.words();
    if (step.ends_with(' ')) step += "writes";
    words_.emplace_back(step + std::exchange(clock_words_, {}), std::move(outcome));
  }

  std::size_t do_write(source& c) {
    const auto at = c.below(nodes_.size());
    auto& writer = nodes_[at];
    auto& made = operations_.emplace_back();
    made.replica = at;
    made.step = steps_;
    made.saw = writer.seen;
    made.before = writer.state;
    made.first = c.made().size();
    c.note("r{} ", at);
    made.delta = mutate<T>::apply(writer.state, writer.self, c);
    made.last = c.made().size();
    made.after = writer.state;
    made.wall = writer.wall;
    writer.seen.set(operations_.size() - 1);
    if (!is_bottom(made.delta)) sendable_.push_back(operations_.size() - 1);
    return at;
  }

  std::size_t do_send_delta(source& c) {
    const auto number = sendable_[sendable_.size() - 1 - c.below(sendable_.size())];
    const auto& sent = operations_[number];
    const auto to = another(sent.replica, c);
    c.note("r{} <- delta of step {}", to, sent.step);
    nodes_[to].state.merge(sent.delta);
    nodes_[to].seen.set(number);
    return to;
  }

  std::size_t do_send_state(source& c) {
    const auto from = c.below(nodes_.size());
    const auto to = another(from, c);
    c.note("r{} <- state of r{}", to, from);
    nodes_[to].state.merge(nodes_[from].state);
    nodes_[to].seen |= nodes_[from].seen;
    return to;
  }

  std::size_t do_send_old_state(source& c) {
    const auto& past = operations_[operations_.size() - 1 - c.below(operations_.size())];
    const auto to = another(past.replica, c);
    c.note("r{} <- state of r{} before step {}", to, past.replica, past.step);
    nodes_[to].state.merge(past.before);
    nodes_[to].seen |= past.saw;
    return to;
  }

  std::size_t another(std::size_t than, source& c) {
    return (than + 1 + c.below(nodes_.size() - 1)) % nodes_.size();
  }

  /// A replica reads its wall clock: it may stand still, go on, or have been set back. Drawn only here, so
  /// that a type without stamps draws nothing.
  std::uint64_t tick(std::size_t at) {
    auto& wall = nodes_[at].wall;
    if (source_ == nullptr) return wall;
    ticks_.push_back(source_->made().size());
    switch (source_->below(tick_kinds_)) {
      case 0:
        break;
      case 1:
        ++wall;
        if (source_->wordy()) clock_words_ += " [clock + 1 ms]";
        break;
      default:
        wall -= 3'600'000;
        if (source_->wordy()) clock_words_ += " [clock - 1 h]";
    }
    return wall;
  }

  std::vector<node> nodes_;
  std::vector<operation<T>> operations_;
  std::vector<std::size_t> sendable_;
  std::vector<std::size_t> ticks_;  // which choices of the run were drawn by clocks
  std::vector<std::pair<std::string, std::string>> words_;
  source* source_ = nullptr;
  std::string clock_words_;
  std::size_t steps_ = 0;
  std::uint64_t tick_kinds_ = 3;
};

}  // namespace hearsay::inline v0::laws
