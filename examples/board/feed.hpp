// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "state.hpp"

namespace board {

/// What pages show, piece by piece, each with the number of its last change. A page that reads has a number
/// up to which it knows all; it is told the pieces that changed since, as they are now. So nothing queues up
/// for a slow page, however much changes meanwhile.
class feed {
 public:
  /// A note as JSON, empty for one that is gone; `from` is the page that changed it, 0 if another node did.
  void set_note(record_id id, std::string json, std::uint64_t from = 0);
  /// Something else, by name.
  void set(const std::string& name, std::string json);
  /// The notes that are not among these, ascending, are gone; those that are for a minute are forgotten,
  /// since every page has been told by then, or has lost its connection.
  void keep_only(const std::vector<record_id>& ids);

  /// The pieces changed after `seen`, which is moved on, as an object of JSON; waits for them at most so
  /// long. None if there are none, or at the end.
  std::optional<std::string> next(std::uint64_t& seen, std::chrono::milliseconds within);

  /// All that wait return, now and later.
  void end();
  bool ended() const;

 private:
  struct piece {
    std::string json;
    std::uint64_t changed = 0;
    std::uint64_t from = 0;
    std::chrono::steady_clock::time_point at{};
  };
  void put(piece& into, std::string json, std::uint64_t from);

  mutable std::mutex mutex_;
  std::condition_variable news_;
  std::map<record_id, piece> notes_;
  std::map<std::string, piece> others_;
  std::uint64_t now_ = 0;
  bool ended_ = false;
};

}  // namespace board
