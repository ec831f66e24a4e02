// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <hearsay/crdt.hpp>
#include <hearsay/sim.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "layout.hpp"
#include "progress.hpp"
#include "report.hpp"
#include "settings.hpp"
#include "thinned.hpp"

namespace simulate {

/// A cluster that shares a set of updates, a round a second, and the record of what became of them.
///
/// Times are rounds since the start. The record is bounded: by nodes times updates, `settings::frames`, 240
/// bars of bytes and 200 notes.
class stage {
 public:
  /// Most updates in one run.
  static constexpr std::size_t most_updates = 8;

  /// Builds the cluster and lets everybody greet everybody; time begins after that. Throws
  /// `std::invalid_argument` for a topology that cannot be.
  stage(const settings& how, progress& shown);
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  std::size_t size() const { return cluster_.size(); }
  bool alive(std::size_t i) const { return cluster_.alive(i); }
  double now() const;

  /// @name What happens, now
  /// @{
  void write(std::size_t node);
  void crash(std::size_t node);
  void restart(std::size_t node);
  /// Cuts the picture in two down the middle; the nodes on the right are returned.
  std::vector<std::size_t> cut_in_halves();
  void cut_to_majorities();
  void heal();
  /// @}

  void at(double when, std::function<void()> action);
  void run(double rounds);
  /// Runs until all that are alive know each update that anybody knows, at most to `settings::limit`, and are
  /// equal byte for byte two rounds later. False, with a note, if they are not.
  bool converge();

  /// Which share of the nodes alive knew that update, from when: ascending.
  const std::vector<std::pair<double, double>>& spread_of(std::size_t update) const {
    return spread_[update];
  }
  std::uint64_t frames() const { return frames_seen_; }

  /// The record.
  std::vector<chart> charts() const;
  std::string replay() const;
  std::vector<std::pair<std::string, std::string>> facts() const;

 private:
  using updates = hearsay::g_set<std::uint64_t>;
  struct state {  // of a node, from then on
    double at;
    int known;  // a bit for each update; -1: crashed
  };
  struct arrival {
    double at;
    std::size_t from, to;
    std::uint8_t kind;
  };
  struct partition {
    double from, to;
    std::size_t reach;  // on the ring; 0: halves
  };

  void open(std::size_t node);
  void learn(std::size_t node, std::uint64_t update);
  void enter(std::size_t node, int known);
  void count();
  void tell_when_all_know();
  void arrived(std::size_t from, std::size_t to, const hearsay::bytes& frame);
  void add_bytes(std::uint8_t kind, std::size_t size);
  void note(std::string text);
  bool all_know() const;
  double share() const;

  const settings& how_;
  progress& progress_;
  hearsay::sim::topology links_;
  layout layout_;
  hearsay::sim::cluster cluster_;
  hearsay::gossip::options options_;
  hearsay::sim::instant start_{0};
  std::size_t alive_ = 0;

  std::size_t written_ = 0;
  bool told_ = true;                                     // that all know all
  std::vector<std::pair<std::size_t, double>> writers_;  // and when they wrote
  std::array<std::size_t, most_updates> knowing_{};      // how many nodes
  std::array<std::vector<std::pair<double, double>>, most_updates> spread_;
  std::vector<std::vector<state>> history_;
  std::vector<std::shared_ptr<hearsay::gossip::replicated<updates>>> sets_;

  std::optional<arrival> arriving_;
  bool brought_news_ = false;
  std::uint64_t frames_seen_ = 0;
  thinned<arrival> news_, others_;
  double bar_ = 0.25;  // seconds
  std::vector<std::array<std::uint64_t, hearsay::gossip::kinds>> bars_;
  std::array<std::uint64_t, hearsay::gossip::kinds> totals_{};
  std::vector<partition> cuts_;
  std::vector<std::pair<double, std::string>> notes_;
};

}  // namespace simulate
