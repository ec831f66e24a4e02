// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>

/// The answers of an agent by path, each with an index: how many changes there were when it became that.
class answers {
 public:
  static constexpr int max_waiting = 48;             ///< requests at a time
  static constexpr std::uint64_t max_seconds = 120;  ///< that one waits

  using indexed = std::pair<std::uint64_t, nlohmann::json>;

  /// The answer of a path, once its index is not `known`, or after so many seconds. Where there is none, it
  /// is an empty array with the index of the last change of all. Throws std::length_error if too many wait.
  indexed get(const std::string& path, std::uint64_t known, std::uint64_t seconds) {
    std::unique_lock lock(mutex_);
    const auto other = [&] { return over_ || at(path).first != known; };
    if (other()) return at(path);
    if (waiting_ == max_waiting) throw std::length_error("too many wait already");
    ++waiting_;
    changed_.wait_for(lock, std::chrono::seconds(std::min(seconds, max_seconds)), other);
    --waiting_;
    return at(path);
  }
  /// From now on these are all.
  void publish(const std::map<std::string, nlohmann::json>& fresh) {
    const std::lock_guard lock(mutex_);
    for (const auto& [path, all] : fresh) {
      if (all_[path].second != all) all_[path] = {++index_, all};
    }
    if (std::erase_if(all_, [&](const auto& each) { return !fresh.contains(each.first); }) != 0) ++index_;
    changed_.notify_all();
  }
  /// Nobody waits any more.
  void close() {
    const std::lock_guard lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }

 private:
  indexed at(const std::string& path) const {
    const auto found = all_.find(path);
    return found != all_.end() ? found->second : indexed(index_, nlohmann::json::array());
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, indexed> all_;
  std::uint64_t index_ = 1;
  int waiting_ = 0;
  bool over_ = false;
};
