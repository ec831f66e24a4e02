// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <hearsay/gossip/version_vector.hpp>
#include <hearsay/wire/frame.hpp>

namespace hearsay::inline v0::gossip {
namespace {

auto lower_bound(auto& entries, replica_id origin) {
  return std::ranges::lower_bound(entries, origin, {}, &version_vector::entry::origin);
}

}  // namespace

std::uint64_t version_vector::hash_of(replica_id origin, std::uint64_t sequence) {
  if (sequence == 0) return 0;
  std::array<std::byte, 16> words;
  for (std::size_t i = 0; i < 8; ++i) {
    words[i] = static_cast<std::byte>(origin.value >> (8 * i));
    words[8 + i] = static_cast<std::byte>(sequence >> (8 * i));
  }
  return wire::hash(words);
}

std::uint64_t version_vector::at(replica_id origin) const {
  const auto found = lower_bound(entries_, origin);
  return found != entries_.end() && found->origin == origin ? found->sequence : 0;
}

bool version_vector::raise(replica_id origin, std::uint64_t sequence) {
  if (sequence == 0) return false;
  auto found = lower_bound(entries_, origin);
  if (found == entries_.end() || found->origin != origin) {
    found = entries_.insert(found, {origin, 0});
    origins_hash_ += hash_of(origin, ~std::uint64_t{0});
  }
  if (found->sequence >= sequence) return false;
  hash_ += hash_of(origin, sequence) - hash_of(origin, found->sequence);
  found->sequence = sequence;
  return true;
}

void version_vector::drop(replica_id origin) {
  const auto found = lower_bound(entries_, origin);
  if (found == entries_.end() || found->origin != origin) return;
  hash_ -= hash_of(origin, found->sequence);
  origins_hash_ -= hash_of(origin, ~std::uint64_t{0});
  entries_.erase(found);
}

std::optional<std::size_t> version_vector::rank(replica_id origin) const {
  const auto found = lower_bound(entries_, origin);
  if (found == entries_.end() || found->origin != origin) return std::nullopt;
  return static_cast<std::size_t>(found - entries_.begin());
}

void recent_changes::changed(replica_id origin, std::uint64_t before, std::uint64_t after, instant now,
                             duration window) {
  oldest_ = std::min(oldest_, now);
  past& one = hot_.try_emplace(origin, past{before, {}}).first->second;
  // Changes in quick succession settle together: an origin costs at most 16 entries however busy it is.
  if (!one.changes.empty() && now - one.changes.back().first < window / 16) {
    one.changes.back().second = after;
  } else {
    one.changes.emplace_back(now, after);
  }
}

void recent_changes::settle(instant now, duration window) {
  if (oldest_ == instant::max() || oldest_ + window > now) return;
  oldest_ = instant::max();
  for (auto each = hot_.begin(); each != hot_.end();) {
    past& one = each->second;
    const auto young =
        std::ranges::find_if(one.changes, [&](const auto& c) { return c.first + window > now; });
    if (young != one.changes.begin()) one.settled = std::prev(young)->second;
    one.changes.erase(one.changes.begin(), young);
    if (!one.changes.empty()) oldest_ = std::min(oldest_, one.changes.front().first);
    each = one.changes.empty() ? hot_.erase(each) : std::next(each);
  }
}

void vector_sketch::add(std::size_t rank, std::uint64_t sequence, std::uint64_t slack) {
  // The low bytes must tell apart everything within `slack` on both sides.
  const auto bits = static_cast<unsigned>(std::bit_width(slack)) + 2;
  const auto width = static_cast<std::uint8_t>(std::clamp((bits + 7) / 8, 1u, 8u));
  const std::uint64_t mask = width == 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * width)) - 1;
  entries.push_back({static_cast<std::uint32_t>(rank), width, sequence & mask});
}

std::uint64_t vector_sketch::resolve(const entry& told, std::uint64_t own) {
  if (told.width >= 8) return told.low;
  const std::uint64_t period = std::uint64_t{1} << (8 * told.width);
  const std::uint64_t same = (own & ~(period - 1)) | told.low;
  if (same < own && own - same > period / 2 && same <= ~std::uint64_t{0} - period) return same + period;
  if (same > own && same - own > period / 2 && same >= period) return same - period;
  return same;
}

}  // namespace hearsay::inline v0::gossip
