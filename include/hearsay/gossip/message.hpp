// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <compare>
#include <cstdint>
#include <hearsay/crdt/bytes.hpp>
#include <hearsay/crdt/clock.hpp>
#include <hearsay/crdt/concepts.hpp>
#include <hearsay/crdt/replica.hpp>
#include <hearsay/gossip/batch_log.hpp>
#include <hearsay/gossip/version_vector.hpp>
#include <optional>
#include <string>
#include <vector>

/// The bodies of the frames that engines exchange; docs/gossip.md describes them.
namespace hearsay::inline v0::gossip {

/// An object's identity: its name and its type, the type by the hash of its stable name.
struct object_key {
  std::string name;
  std::uint32_t type = 0;
  auto operator<=>(const object_key&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(name, type);
  }
};

/// The hash of a type's stable name.
std::uint32_t type_tag(std::string_view type_name);

/// One object's share of a batch.
struct object_delta {
  object_key object;
  std::string type_name;  ///< in the first batch of an origin that names the object, else empty
  bytes delta;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(object, type_name, delta);
  }
};

/// All deltas of one node between two flushes.
struct batch {
  timestamp newest;  ///< no stamp in the deltas is later
  std::vector<object_delta> deltas;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(newest, deltas);
  }
};

enum class kind : std::uint8_t {
  hello = 1,  ///< greets, and tells where the sender is reached
  digest,     ///< begins a round
  vector,     ///< the whole version vector, where a digest could not be understood
  exchange,   ///< batches, and a request for batches
  offer,      ///< the hashes of the objects, for a peer that is behind the log
  fetch,      ///< asks for one chunk of one object, or for the next page of an offer
  chunk,      ///< a part of an object
  ping,       ///< to watch each other: see membership/message.hpp for this and the rest
  ack,
  relay,
  nack,
};
inline constexpr std::size_t kinds = 12;

struct hello {
  std::string endpoint;
  bool answer = false;  ///< true in the answer to a hello

  template <class Archive>
  void serialize(Archive& archive) {
    archive(endpoint, answer);
  }
};

/// What the sender of a digest or vector would like to get back.
enum class wish : std::uint8_t {
  batches = 1,  ///< send what I lack
  request = 2,  ///< ask for what you lack
};
constexpr bool has(std::uint8_t wishes, wish one) { return (wishes & static_cast<std::uint8_t>(one)) != 0; }

struct digest {
  std::uint64_t hash = 0;  ///< of the version vector
  std::uint8_t wishes = 0;
  vector_sketch hot{};
  std::optional<std::uint64_t>
      states{};  ///< hash of all states, now and then: equal vectors mean equal states

  template <class Archive>
  void serialize(Archive& archive) {
    archive(hash, wishes, hot, states);
  }
};

struct full_vector {
  std::uint8_t wishes = 0;
  std::vector<version_vector::entry> entries;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(wishes, entries);
  }
};

/// A run of adjacent intervals of one origin.
struct origin_run {
  replica_id origin;
  std::vector<batch_interval> intervals;

  template <class Archive>
  void save(Archive& archive) const {
    archive(origin, static_cast<std::uint32_t>(intervals.size()));
    std::uint64_t last = 0;
    for (const batch_interval& each : intervals) {
      // An interval may begin before the end of its predecessor, so the end is told from the predecessor's
      // end.
      archive(each.hi - last, each.hi - each.lo, each.body);
      last = each.hi;
    }
  }
  template <class Archive>
  void load(Archive& archive) {
    std::uint32_t count = 0;
    archive(origin, count);
    intervals.clear();
    std::uint64_t last = 0;
    for (; count > 0; --count) {
      batch_interval each;
      std::uint64_t step = 0;
      std::uint64_t length = 0;
      archive(step, length, each.body);
      each.hi = last + step;
      each.lo = each.hi - length;
      if (step == 0 || each.hi < last || length >= each.hi)
        throw decode_error("a batch interval is out of order");
      last = each.hi;
      intervals.push_back(std::move(each));
    }
  }
};

struct exchange {
  std::vector<origin_run> runs;
  vector_sketch request;  ///< up to where the sender has each origin of which it wants more
  std::vector<version_vector::entry>
      missing;  ///< the same for those which a sketch cannot name; 0: has nothing

  template <class Archive>
  void serialize(Archive& archive) {
    archive(runs, request, missing);
  }
};

struct offer {
  struct entry {
    object_key object;
    std::string type_name;
    std::uint64_t hash = 0;

    template <class Archive>
    void serialize(Archive& archive) {
      archive(object, type_name, hash);
    }
  };
  std::uint32_t transfer = 0;                 ///< as in the fetch of a page; 0 on the first
  std::vector<version_vector::entry> vector;  ///< all of this is in the objects; only on the first page
  bool first = false;
  bool last = false;
  std::vector<entry> entries;  ///< ascending

  template <class Archive>
  void serialize(Archive& archive) {
    archive(transfer, vector, first, last, entries);
  }
};

struct fetch {
  std::uint32_t transfer = 0;  ///< chosen by the asker, repeated in the answer
  object_key object;
  bool page = false;  ///< asks for the page of the offer that comes after `object`
  cursor at;
  bool open = false;  ///< as in the chunk that `at` is from

  template <class Archive>
  void serialize(Archive& archive) {
    archive(transfer, object, page, at, open);
  }
};

/// A writer of whom nothing is left in an object, and for how long that has been so.
struct departure {
  replica_id who;
  std::uint64_t age_ms = 0;

  friend bool operator==(const departure&, const departure&) = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(who, age_ms);
  }
};

struct chunk {
  std::uint32_t transfer = 0;
  object_key object{};
  cursor from{};  ///< as in the fetch
  cursor next{};
  bool open =
      false;  ///< whether the sender has opened the object; walks of one kind do not continue the other
  timestamp newest{};
  std::vector<bytes> parts{};
  std::vector<departure> departed{};  ///< with the last parts: whom the sender is about to forget

  template <class Archive>
  void serialize(Archive& archive) {
    archive(transfer, object, from, next, open, newest, parts, departed);
  }
};

}  // namespace hearsay::inline v0::gossip
