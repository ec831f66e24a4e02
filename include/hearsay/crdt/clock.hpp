// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <cereal/cereal.hpp>
#include <compare>
#include <cstdint>
#include <functional>

#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/replica_id.hpp"

namespace hearsay::inline v0 {

/// A hybrid logical time: 48 bits of milliseconds since the Unix epoch, then 16 bits of logic that order what
/// happened within one millisecond.
struct timestamp {
  std::uint64_t value = 0;

  static constexpr timestamp from_milliseconds(std::uint64_t ms) noexcept { return {ms << 16}; }

  /// Milliseconds since the Unix epoch.
  constexpr std::uint64_t milliseconds() const noexcept { return value >> 16; }
  constexpr std::uint16_t logic() const noexcept { return static_cast<std::uint16_t>(value); }

  friend auto operator<=>(const timestamp&, const timestamp&) = default;

  fmt::appender print(fmt::appender out) const {
    return fmt::format_to(out, "{}.{}", milliseconds(), logic());
  }

  template <class Archive>
  std::uint64_t save_minimal(const Archive&) const {
    return value;
  }
  template <class Archive>
  void load_minimal(const Archive&, const std::uint64_t& read) {
    value = read;
  }
};

/// The stamp of a write: when, and by whom. No two writes have the same one, since a replica never repeats a
/// time, so writes are totally ordered: first by time, then by replica.
struct stamp {
  timestamp time;
  replica_id by;

  friend auto operator<=>(const stamp&, const stamp&) = default;

  fmt::appender print(fmt::appender out) const { return fmt::format_to(out, "{}@{}", time, by); }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(time), CEREAL_NVP(by));
  }
};

/// Milliseconds since the Unix epoch by the system's clock. Where there is a coarse clock it is used: a few
/// nanoseconds a call, and a resolution of some milliseconds, which the logic bits make up for.
std::uint64_t system_milliseconds();

/// A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", 2014): it follows the wall clock, and
/// never goes back, neither when the wall clock does nor after it has witnessed a stamp ahead of it.
///
/// Any number of threads may use one clock at a time. A moved-from clock can only be destroyed or assigned
/// to.
class clock {
 public:
  /// Gives milliseconds since the Unix epoch. Called by every thread that asks the clock for a time.
  using time_source = std::function<std::uint64_t()>;

  explicit clock(time_source source = system_milliseconds) : source_(std::move(source)) {}
  clock(clock&& other) noexcept : source_(std::move(other.source_)), last_(other.last_.load()) {}
  clock& operator=(clock&& other) noexcept {
    source_ = std::move(other.source_);
    last_ = other.last_.load();
    return *this;
  }

  /// A time above every one that this clock has issued or witnessed, above `floor`, and not below the wall
  /// clock. Throws std::overflow_error where no such time is left; the clock is then as it was.
  timestamp now(timestamp floor = {});

  /// Raises the clock: every later time will be above `seen`. Whoever calls this decides what is to be
  /// believed; a stamp from far in the future takes the clock there.
  void witness(timestamp seen) noexcept;

  /// The highest time issued or witnessed.
  timestamp last() const noexcept { return {last_.load()}; }

  /// What the time source says: milliseconds since the Unix epoch.
  std::uint64_t wall() const { return source_(); }

 private:
  time_source source_;
  std::atomic<std::uint64_t> last_ = 0;
};

}  // namespace hearsay::inline v0
