// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <hearsay/crdt/g_counter.hpp>
#include <hearsay/node.hpp>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace testing {

using namespace std::chrono_literals;

/// No condition takes so long; it is only there so that a failing test ends.
inline constexpr auto deadline = 30s;

/// Collects what nodes log.
class log_book {
 public:
  std::function<void(std::string_view)> sink() {
    return [kept = kept_](std::string_view line) {
      const std::lock_guard lock(kept->mutex);
      kept->lines.emplace_back(line);
    };
  }
  /// How many lines contain `part`.
  std::size_t count(std::string_view part) const {
    const std::lock_guard lock(kept_->mutex);
    return static_cast<std::size_t>(std::ranges::count_if(
        kept_->lines, [&](const std::string& line) { return line.find(part) != std::string::npos; }));
  }
  std::string text() const {
    const std::lock_guard lock(kept_->mutex);
    std::string all;
    for (const auto& line : kept_->lines) all += line + '\n';
    return all;
  }

 private:
  struct pages {
    std::mutex mutex;
    std::vector<std::string> lines;
  };
  std::shared_ptr<pages> kept_ = std::make_shared<pages>();
};

/// A silent node with short pauses.
inline hearsay::node_options quick(std::vector<std::string> seeds = {},
                                   std::string listen = "tcp://127.0.0.1:*") {
  hearsay::node_options options{.listen = std::move(listen), .seeds = std::move(seeds)};
  options.gossip.round_max = 100ms;
  options.gossip.silence = 300ms;
  options.gossip.hello_max = 300ms;
  options.backoff_min = 10ms;
  options.backoff_max = 100ms;
  options.log = [](std::string_view) {};
  return options;
}

inline auto plus(std::uint64_t amount) {
  return [amount](auto& counter, auto& me) { return counter.increment(me, amount); };
}

/// A path for a socket that no other test has.
inline std::string socket_path() {
  static std::atomic<int> count = 0;
  return (std::filesystem::temp_directory_path() /
          ("hearsay-test-" + std::to_string(::getpid()) + "-" + std::to_string(++count)))
      .string();
}

}  // namespace testing
