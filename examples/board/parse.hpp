// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "action.hpp"

namespace board {

/// What a page asks its node for. docs/collaborative.md lists all of it.
struct request {
  enum class kind { act, undo, here, online, begin };

  std::string page;  ///< which page asks: a random text that it made up
  kind what = kind::act;
  action wanted{};     ///< act
  std::string name{};  ///< here: who is at the page
  record_id note = 0;  ///< here: and on which note, 0: on none
  bool online = true;  ///< online
};

/// Reads one, and checks all that can be checked without the board: sizes, characters, kinds. Throws
/// `refused` and nothing else.
request read_request(std::string_view text, const limits& most);

/// The part of it that is an action.
action read_action(const nlohmann::json& read, const limits& most);

}  // namespace board
