// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "state.hpp"

namespace board {

/// How much a page may ask for. Of texts the page takes a third of this in characters, which are up to three
/// bytes each. Numbers are counted where the action is done: what several people do at once may pass those
/// limits, and nothing breaks then.
struct limits {
  std::size_t body_bytes = 64 * 1024;  ///< of a request
  std::size_t title_bytes = 600;       ///< of a note or a column
  std::size_t text_bytes = 24'000;
  std::size_t tag_bytes = 120;
  std::size_t name_bytes = 120;  ///< of a person
  std::size_t tags = 16;         ///< on a note
  std::size_t notes = 5000;      ///< those removed and not yet purged count, too
  std::size_t columns = 50;
  std::size_t undo = 100;   ///< actions of a page that can be undone
  std::size_t people = 64;  ///< pages that are remembered, of those that are gone the latest
  std::size_t columns_at_start = 10;
};

/// Why something was not done: a status of HTTP, and a sentence for the person. Nothing has changed then.
struct refused : std::runtime_error {
  refused(int code, const std::string& why) : std::runtime_error(why), status(code) {}
  int status;
};

enum class verb { create, write, move, remove, keep, tag, untag, vote, unvote };

/// What somebody does to a note or a column.
struct action {
  verb what = verb::write;
  records board_fields::*table = &board_fields::notes;
  record_id id = 0;                              ///< of the note or column; of none to create
  std::map<std::uint8_t, std::string> fields{};  ///< to write
  record_id column = 0;                          ///< create and move: of notes, where to
  std::optional<record_id> after{};  ///< create and move: behind which, 0: as the first; none: as the last
  std::string tag{};
};

/// The way back from an action: another action, done only while these fields still are as the first left
/// them.
struct reverse {
  action back;
  std::map<std::uint8_t, std::string> as_left{};
};

struct done {
  state delta{};
  record_id id = 0;
  std::optional<reverse> undo{};  ///< none if nothing has changed
};

/// Does it in somebody's name. Throws `refused`, and nothing has changed then.
done apply(state& all, hearsay::replica& me, const std::string& name, const action& what, const limits& most);

/// Goes back, likewise.
done apply(state& all, hearsay::replica& me, const std::string& name, const reverse& way, const limits& most);

/// Puts columns on a board; their ids come from their titles, so those who do this at once get one of each.
state begin(state& all, hearsay::replica& me, const std::string& name,
            const std::vector<std::string>& titles);

/// Takes out for good what was removed before that time, in milliseconds since the Unix epoch.
state purge(state& all, hearsay::replica& me, std::uint64_t before);

/// @name Looking at a record
/// @{
inline bool is_here(const record& one) { return one.contains(field::changed); }
/// What a field holds: the last of concurrent writes, empty if there is none.
written latest(const record& one, std::uint8_t which);
/// @}

std::string id_text(record_id id);
/// Throws `refused` if it is none.
record_id id_from(std::string_view text);

}  // namespace board
