// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/types/string.hpp>
#include <cereal/types/vector.hpp>
#include <compare>
#include <cstdint>
#include <hearsay/crdt.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace board {

/// The name of a note or a column: 64 random bits, but for columns with which a board begins; never 0.
using record_id = std::uint64_t;

/// What somebody wrote into a field, and when, in milliseconds since the Unix epoch by the writer's clock. Of
/// writes that did not know of each other the last one by this order is shown first.
struct written {
  static constexpr std::string_view crdt_name = "board_written";

  std::uint64_t at = 0;
  std::string value;

  friend auto operator<=>(const written&, const written&) = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(at), CEREAL_NVP(value));
  }
};

/// The fields of a record. A note has all of them, a column has no text, column and colour.
enum field : std::uint8_t {
  changed,  ///< who changed it last. A record is on the board as long as it has this
  removed,  ///< who removed it
  title,
  text,
  column,  ///< the id of a note's column, as 16 hexadecimal digits
  place,   ///< the order within the column, or among columns; see place.hpp
  colour,
};

/// A note or a column. Every change also writes `changed`; a removal takes that out and writes `removed`,
/// and leaves the other fields alone. So a change that did not know of the removal keeps the record, whole.
using record = hearsay::or_map<std::uint8_t, hearsay::mv_register<written>>;
using records = hearsay::or_map<record_id, record>;

/// The board: one object, so that what one action changes arrives together. The values of an or_map are all
/// of one type, so what a note has besides its fields stands in maps of its own, under the note's id.
struct board_fields {
  static constexpr std::string_view crdt_name = "board";

  records notes;
  records columns;
  hearsay::or_map<record_id, hearsay::or_set<std::string>> tags;
  hearsay::or_map<record_id, hearsay::resettable_counter> votes;
};
using state = hearsay::product<board_fields>;

/// Somebody at a node, and the note on which they are; 0 for none.
struct visitor {
  static constexpr std::string_view crdt_name = "board_visitor";

  std::string name;
  record_id note = 0;

  friend auto operator<=>(const visitor&, const visitor&) = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(name), CEREAL_NVP(note));
  }
};

/// Who is here, by the id of the node that says so. Entries of nodes that are no members count for nothing.
using presence = hearsay::or_map<std::uint64_t, hearsay::mv_register<std::vector<visitor>>>;

}  // namespace board
