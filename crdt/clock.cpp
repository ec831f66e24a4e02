// SPDX-License-Identifier: BSL-1.0
#include "hearsay/crdt/clock.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <random>
#include <stdexcept>

#ifdef __linux__
#include <time.h>
#endif

namespace hearsay::inline v0 {

replica_id replica_id::random() {
  std::random_device entropy;
  std::uniform_int_distribution<std::uint64_t> draw(1);
  return {draw(entropy)};
}

std::uint64_t system_milliseconds() {
#ifdef CLOCK_REALTIME_COARSE
  timespec now{};
  clock_gettime(CLOCK_REALTIME_COARSE, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
#else
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count());
#endif
}

timestamp clock::now(timestamp floor) {
  const auto ms = source_();
  auto last = last_.load(std::memory_order_relaxed);
  for (;;) {
    const auto above = std::max(last, floor.value);
    if (ms >> 48 != 0 || above == std::numeric_limits<std::uint64_t>::max()) {
      throw std::overflow_error("clock: no time is left");
    }
    const auto next = std::max(above + 1, timestamp::from_milliseconds(ms).value);
    if (last_.compare_exchange_weak(last, next, std::memory_order_relaxed)) return {next};
  }
}

void clock::witness(timestamp seen) noexcept {
  auto last = last_.load(std::memory_order_relaxed);
  while (last < seen.value && !last_.compare_exchange_weak(last, seen.value, std::memory_order_relaxed)) {
  }
}

}  // namespace hearsay::inline v0
