// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "action.hpp"

namespace board {

/// Who sits at a page of this node, and what they can undo.
struct person {
  using clock = std::chrono::steady_clock;

  std::uint64_t number = 0;  ///< of the page, from 1
  std::string name;
  record_id note = 0;       ///< on which they are
  std::size_t streams = 0;  ///< of news that are open: with none the page is closed
  clock::time_point used{};

  /// Remembers how to undo an action. What is typed into one field without a pause is one action.
  void remember(reverse way, clock::time_point now, std::size_t most);
  /// What comes next is another action.
  void pause() { typing_ = false; }
  /// Takes the last one. Throws `refused` if there is none.
  reverse last();
  std::size_t undoable() const { return past_.size(); }

 private:
  struct step {
    reverse way;
    clock::time_point at;
  };
  std::deque<step> past_;
  bool typing_ = false;  // the last step may go on
};

/// The pages of this node. Those that are closed are remembered, so that one that is loaded anew finds what
/// it can undo.
class people {
 public:
  people(std::string name, const limits& most) : name_(std::move(name)), most_(most) {}

  /// Who sits at that page; somebody new if it is. Throws `refused` if there are too many.
  person& at(const std::string& page);
  /// Those at pages that are open, for the other nodes.
  std::vector<visitor> here() const;

 private:
  std::string name_;  // of people who did not say theirs
  limits most_;
  std::map<std::string, person> pages_;
  std::uint64_t last_number_ = 0;
};

}  // namespace board
