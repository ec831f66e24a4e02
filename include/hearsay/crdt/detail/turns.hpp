// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/errors.hpp"

namespace hearsay::inline v0::detail {

/// Which dots of a context are alive: over all of them in dot order and by turns, how many are alive and how
/// many are dead, without the last such number, which follows. All alive is an empty list. What is more than
/// 64 bits can tell goes on after a turn of 0.
class turns {
 public:
  __extension__ using total = unsigned __int128;

  const std::vector<std::uint64_t>& lengths() const noexcept { return lengths_; }

  /// The next `count` dots are alive or dead.
  void extend(bool alive, std::uint64_t count) {
    if (count == 0) return;
    if (alive != alive_) lengths_.push_back(std::exchange(open_, 0));
    alive_ = alive;
    if (const auto room = longest - open_; count > room) {
      lengths_.push_back(longest);
      lengths_.push_back(0);
      open_ = count - room;
    } else {
      open_ += count;
    }
  }

  /// Reads the next length for a context of so many dots. Throws decode_error if it cannot be one.
  void read(std::uint64_t length, total dots) {
    if (length >= dots - closed_ || (length == 0 && !lengths_.empty() && lengths_.back() != longest)) {
      throw decode_error("causal state: not canonical");
    }
    if (lengths_.size() % 2 == 0) alive_before_ += length;
    closed_ += length;
    lengths_.push_back(length);
  }

  /// After all lengths were read: how many dots are alive. Throws decode_error if there should be more
  /// lengths.
  total alive(total dots) const {
    if (dots - closed_ > longest) throw decode_error("causal state: not canonical");
    return alive_before_ + (lengths_.size() % 2 == 0 ? dots - closed_ : 0);
  }

  /// After all lengths were read: calls `f(replica_id, interval)` for the dots of the context that are
  /// alive, in dot order.
  template <class F>
  void for_each_alive(const causal_context& context, F&& f) const {
    auto next = lengths_.begin();
    bool is_alive = false, last = false;
    std::uint64_t left = 0;
    context.for_each_interval([&](replica_id by, interval within) {
      for (auto length = within.hi - within.lo + 1; length != 0;) {
        while (left == 0) {
          is_alive = last ? is_alive : !is_alive;
          last = next == lengths_.end();
          left = last ? longest : *next++;
        }
        const auto taken = std::min(left, length);
        if (is_alive) f(by, interval{within.lo, within.lo + taken - 1});
        within.lo += taken;
        length -= taken;
        left -= taken;
      }
    });
  }

 private:
  static constexpr auto longest = std::numeric_limits<std::uint64_t>::max();

  std::vector<std::uint64_t> lengths_;
  bool alive_ = true;       // while writing: whose turn it is,
  std::uint64_t open_ = 0;  // and for how long so far
  total closed_ = 0;        // while reading: the sum of the lengths,
  total alive_before_ = 0;  // and of those alive
};

}  // namespace hearsay::inline v0::detail
