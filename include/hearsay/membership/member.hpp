// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/types/map.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/replica_id.hpp"

namespace hearsay::inline v0::membership {

/// What is believed of a member. For one incarnation the later of these wins.
enum class status : std::uint8_t {
  alive,
  suspect,  ///< did not answer somebody; it is dead soon unless it says otherwise
  dead,
  left,  ///< went on its own account
};

/// The name of a status, as written above.
std::string_view to_string(status) noexcept;

inline constexpr std::size_t max_name_bytes = 256;   ///< of a name or an endpoint
inline constexpr std::size_t max_tags_bytes = 4096;  ///< of all tags of a member: their keys and values
inline constexpr std::size_t max_accusers = 8;       ///< of one incarnation that are remembered

using tag_map = std::map<std::string, std::string>;

/// What a member says of itself.
struct profile {
  std::string name;      ///< of the node, the same after a restart
  std::string endpoint;  ///< where it is reached
  timestamp since;       ///< when the process first said so
  tag_map tags;          ///< metadata, up to `max_tags_bytes`

  friend auto operator<=>(const profile&, const profile&) = default;

  /// Why it cannot be a profile, in words; empty if it can.
  std::string fault() const;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(name), CEREAL_NVP(endpoint), CEREAL_NVP(since), CEREAL_NVP(tags));
  }
};

/// All that was heard of one member. Either half may be missing while only the other has come.
struct member {
  timestamp
      incarnation;  ///< when the member last said that it is alive, by its hybrid logical clock; 0: unheard
  membership::status status = status::alive;
  std::vector<replica_id> accusers;  ///< ascending; none unless suspect
  timestamp told;                    ///< when it told its profile; 0: unheard
  profile about;

  bool operator==(const member&) const = default;

  /// Neither dead nor gone, and with an address.
  bool here() const { return incarnation.value != 0 && status < status::dead && told.value != 0; }

  fmt::appender print(fmt::appender out) const;

  template <class Archive>
  void save(Archive& archive) const {
    archive(CEREAL_NVP(incarnation), CEREAL_NVP(told));
    if (incarnation.value != 0) archive(cereal::make_nvp("status", static_cast<std::uint8_t>(status)));
    if (status == status::suspect) archive(CEREAL_NVP(accusers));
    if (told.value != 0) archive(CEREAL_NVP(about));
  }
  template <class Archive>
  void load(Archive& archive) {
    member fresh;
    archive(cereal::make_nvp("incarnation", fresh.incarnation), cereal::make_nvp("told", fresh.told));
    std::uint8_t number = 0;
    if (fresh.incarnation.value != 0) archive(cereal::make_nvp("status", number));
    if (number > static_cast<std::uint8_t>(status::left)) throw decode_error("a member has no such status");
    fresh.status = static_cast<membership::status>(number);
    if (fresh.status == status::suspect) archive(cereal::make_nvp("accusers", fresh.accusers));
    if (fresh.told.value != 0) archive(cereal::make_nvp("about", fresh.about));
    fresh.check();
    *this = std::move(fresh);
  }

 private:
  void check() const;  // throws decode_error
};

}  // namespace hearsay::inline v0::membership
