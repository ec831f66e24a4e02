// SPDX-License-Identifier: BSL-1.0
//
// What the program and its agent say to each other: one request, and one reply, or many for a watch. Each is
// the wire codec's canonical bytes behind their number as 4 bytes, little end first.
#pragma once

#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <cstddef>
#include <cstdint>
#include <hearsay/wire.hpp>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace program {

/// Changes when a request or a reply does. An agent refuses requests of another version.
inline constexpr std::uint8_t protocol_version = 1;

/// What either side accepts; strings and elements as the wire's defaults have it.
inline constexpr hearsay::wire::limits request_limits{.frame_bytes = std::size_t{1} << 18};
inline constexpr hearsay::wire::limits reply_limits{.frame_bytes = std::size_t{1} << 26};

enum class operation : std::uint8_t { members, tags, leave, incr, add, remove, put, get, watch };
enum class verdict : std::uint8_t {
  done,
  missing,  ///< what was asked for does not exist
  refused,  ///< `text` tells why
  late,     ///< it took too long
};

struct request {
  std::uint8_t version = protocol_version;
  operation what = operation::members;
  std::string name;                ///< of the object
  std::optional<std::string> key;  ///< or the element
  std::string value;
  std::int64_t amount = 1;
  std::map<std::string, std::optional<std::string>> tags;  ///< to set, or with nothing to remove
  bool all = false;                                        ///< members who are not here, too

  template <class Archive>
  void serialize(Archive& archive) {
    archive(version, what, name, key, value, amount, tags, all);
  }
};

struct member_row {
  std::string id, name, endpoint, status;
  std::uint64_t incarnation = 0;
  std::map<std::string, std::string> tags;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(id, name, endpoint, status, incarnation, tags);
  }
};

/// The objects of one name that were ever written to.
struct objects {
  std::optional<std::int64_t> counter;
  std::optional<std::vector<std::string>> set;  ///< ascending
  std::optional<std::map<std::string, std::string>> map;

  bool operator==(const objects&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(counter, set, map);
  }
};

struct reply {
  verdict how = verdict::done;
  std::string text;
  bool changed = false;
  std::vector<member_row> members;
  std::map<std::string, std::string> tags;
  objects found;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(how, text, changed, members, tags, found);
  }
};

}  // namespace program

template <>
struct hearsay::wire::enum_range<program::operation> {
  static constexpr auto first = program::operation::members, last = program::operation::watch;
};
template <>
struct hearsay::wire::enum_range<program::verdict> {
  static constexpr auto first = program::verdict::done, last = program::verdict::late;
};
