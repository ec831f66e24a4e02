// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <hearsay/crdt/replica.hpp>
#include <hearsay/gossip/options.hpp>
#include <map>
#include <optional>
#include <span>
#include <vector>

namespace hearsay::inline v0::gossip {

/// Per origin the highest sequence up to which every batch has been merged.
///
/// Keeps a hash of itself: the sum, modulo 2^64, of a hash of each entry, so that one entry can be exchanged
/// for another in O(1). Origins are sorted by id; the place of one in that order is its rank.
class version_vector {
 public:
  struct entry {
    replica_id origin;
    std::uint64_t sequence = 0;
    bool operator==(const entry&) const = default;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(origin, sequence);
    }
  };

  /// The sequence of `origin`, 0 if it has none. O(log origins).
  std::uint64_t at(replica_id origin) const;
  /// Raises the entry of `origin` to `sequence`; false if it was there already. O(log origins), O(origins) if
  /// new.
  bool raise(replica_id origin, std::uint64_t sequence);
  /// Forgets the entry of `origin`. O(origins).
  void drop(replica_id origin);
  /// The place of `origin` among the origins in ascending order. O(log origins).
  std::optional<std::size_t> rank(replica_id origin) const;

  /// All entries, ascending by origin. None has sequence 0.
  std::span<const entry> entries() const { return entries_; }
  std::uint64_t hash() const { return hash_; }
  /// 16 bits of hash of the set of origins: where two agree, ranks mean the same origins to both.
  std::uint16_t origins_tag() const { return static_cast<std::uint16_t>(origins_hash_ >> 48); }

  bool operator==(const version_vector& other) const { return entries_ == other.entries_; }

  /// What one entry adds to `hash()`; 0 for sequence 0.
  static std::uint64_t hash_of(replica_id origin, std::uint64_t sequence);

 private:
  std::vector<entry> entries_;
  std::uint64_t hash_ = 0;
  std::uint64_t origins_hash_ = 0;
};

/// Which origins changed lately ("hot"), and what their entries were before: a peer that lists none of its
/// entries for an origin has, in all likelihood, the value from before the window.
class recent_changes {
 public:
  /// Notes that the entry of `origin` went from `before` to `after`. O(log hot).
  void changed(replica_id origin, std::uint64_t before, std::uint64_t after, instant now, duration window);
  /// Forgets an origin. O(log hot).
  void drop(replica_id origin) { hot_.erase(origin); }
  /// Forgets what is older than `window`. O(hot), O(1) if nothing is.
  void settle(instant now, duration window);

  struct past {
    std::uint64_t settled = 0;  ///< the value before the window
    std::vector<std::pair<instant, std::uint64_t>> changes;
  };
  /// The hot origins, ascending.
  const std::map<replica_id, past>& hot() const { return hot_; }

 private:
  std::map<replica_id, past> hot_;
  instant oldest_ = instant::max();  // no change is older
};

/// Some entries of a version vector in one or two bytes each: origins by the gaps between their ranks, and in
/// runs where they are neighbours; sequences by their low bytes. Only someone with the same origins
/// (`origins_tag`) and similar sequences can read it.
struct vector_sketch {
  std::uint16_t origins_tag = 0;
  struct entry {
    std::uint32_t rank = 0;
    std::uint8_t width = 1;  ///< how many low bytes of the sequence are told: 1 to 8
    std::uint64_t low = 0;
    bool operator==(const entry&) const = default;
  };
  std::vector<entry> entries;

  /// Adds an entry; ranks must ascend. `slack` is how far the reader's own value may be away from `sequence`.
  void add(std::size_t rank, std::uint64_t sequence, std::uint64_t slack);
  /// The value nearest to `own` that has the entry's low bytes.
  static std::uint64_t resolve(const entry& told, std::uint64_t own);

  template <class Archive>
  void save(Archive& archive) const {
    archive(static_cast<std::uint8_t>(origins_tag & 0xff), static_cast<std::uint8_t>(origins_tag >> 8));
    const auto run_end = [this](std::size_t begin) {
      std::size_t end = begin + 1;
      while (end < entries.size() && entries[end].width == entries[begin].width &&
             entries[end].rank == entries[end - 1].rank + 1) {
        ++end;
      }
      return end;
    };
    std::uint32_t runs = 0;
    for (std::size_t at = 0; at < entries.size(); at = run_end(at)) ++runs;
    archive(runs);
    std::uint32_t next = 0;
    for (std::size_t at = 0; at < entries.size();) {
      const std::size_t end = run_end(at);
      const bool several = end - at > 1;
      archive((entries[at].rank - next) * 16 + (entries[at].width - 1u) * 2 + (several ? 1u : 0u));
      if (several) archive(static_cast<std::uint32_t>(end - at - 2));
      for (; at < end; ++at) {
        for (int byte = 0; byte < entries[at].width; ++byte)
          archive(static_cast<std::uint8_t>(entries[at].low >> (8 * byte)));
      }
      next = entries[end - 1].rank + 1;
    }
  }
  template <class Archive>
  void load(Archive& archive) {
    std::uint8_t low = 0;
    std::uint8_t high = 0;
    std::uint32_t runs = 0;
    archive(low, high, runs);
    origins_tag = static_cast<std::uint16_t>(low | high << 8);
    entries.clear();
    std::uint64_t next = 0;
    for (; runs > 0; --runs) {
      std::uint32_t head = 0;
      archive(head);
      next += head / 16;
      std::uint32_t more = 0;
      if (head % 2 != 0) archive(more);
      for (std::uint64_t count = head % 2 != 0 ? std::uint64_t{more} + 2 : 1; count > 0; --count) {
        entry each{static_cast<std::uint32_t>(next++), static_cast<std::uint8_t>(head / 2 % 8 + 1), 0};
        if (next > max_rank) throw decode_error("a version vector sketch names an origin beyond any limit");
        for (int byte = 0; byte < each.width; ++byte) {
          std::uint8_t value = 0;
          archive(value);
          each.low |= std::uint64_t{value} << (8 * byte);
        }
        entries.push_back(each);
      }
    }
  }

 private:
  static constexpr std::uint64_t max_rank = std::uint64_t{1} << 28;
};

}  // namespace hearsay::inline v0::gossip
