// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>

#include "action.hpp"

namespace board {

/// @name What pages are told, as JSON
/// @{

/// A note; empty if it is not on the board.
std::string note_json(const state& all, record_id id);
/// The columns, in order.
std::string columns_json(const state& all);
/// All of the board, notes in the order of their ids: equal on nodes with equal states.
std::string board_json(const state& all);
/// @}

}  // namespace board
