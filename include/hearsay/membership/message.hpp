// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/types/string.hpp>
#include <cstdint>
#include <string>

#include "hearsay/crdt/bytes.hpp"
#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/replica_id.hpp"

/// The bodies of the frames by which members watch each other; docs/membership.md describes them.
namespace hearsay::inline v0::membership {

/// Which of them.
enum class kind : std::uint8_t {
  ping,   ///< answer me
  ack,    ///< the answer
  relay,  ///< ping somebody for me
  nack,   ///< it did not answer me either, so far
};
inline constexpr std::size_t kinds = 4;

struct ping {
  std::uint32_t number = 0;  ///< repeated in the answer
  timestamp doubted{};       ///< the incarnation in which the reader is believed suspect or dead; else 0
  std::string endpoint{};    ///< where to answer, for one who may not know; usually empty

  template <class Archive>
  void serialize(Archive& archive) {
    archive(number, doubted, endpoint);
  }
};

struct ack {
  std::uint32_t number = 0;
  timestamp doubted{};      ///< as in a ping
  std::uint64_t known = 0;  ///< how many batches of the reader are known here
  std::uint32_t all = 0;    ///< a hash of all batches that are known here

  template <class Archive>
  void serialize(Archive& archive) {
    archive(number, doubted, known, all);
  }
};

struct relay {
  std::uint32_t number = 0;
  replica_id who{};
  std::string endpoint{};
  timestamp doubted{};

  template <class Archive>
  void serialize(Archive& archive) {
    archive(number, who, endpoint, doubted);
  }
};

struct nack {
  std::uint32_t number = 0;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(number);
  }
};

}  // namespace hearsay::inline v0::membership
