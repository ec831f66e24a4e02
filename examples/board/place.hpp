// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hearsay/crdt.hpp>
#include <string>
#include <string_view>

namespace board {

/// A place in an order in which there is always room: a fraction between 0 and 1, written in digits of base
/// 64 whose characters have the order of their values, without zeros at the end. So places compare as
/// strings. (Fractional indexing; the tie broken by site as in Logoot, Weiss, Urso and Molli, 2009.)
///
/// A place strictly between two others, `low` < `high`; an empty `low` is the beginning, an empty `high` the
/// end. It is the shortest such fraction, followed by digits of the replica: two people who drop notes in
/// one gap get two places, and there is room between those, too. Throws std::invalid_argument if `low` is not
/// below `high`, or one of them is no place.
std::string place_between(std::string_view low, std::string_view high, hearsay::replica_id by);

/// Whether this is a place: what others wrote may be anything.
bool is_place(std::string_view text);

}  // namespace board
