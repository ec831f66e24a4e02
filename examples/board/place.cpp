// SPDX-License-Identifier: BSL-1.0
#include "place.hpp"

#include <algorithm>
#include <stdexcept>

namespace board {
namespace {

constexpr std::string_view digits = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
constexpr std::size_t base = digits.size();
static_assert(base == 64 && std::ranges::is_sorted(digits));

std::size_t digit(std::string_view place, std::size_t i) {
  return i < place.size() ? digits.find(place[i]) : 0;
}

}  // namespace

bool is_place(std::string_view text) {
  return !text.empty() && text.find_first_not_of(digits) == text.npos && text.back() != digits[0];
}

std::string place_between(std::string_view low, std::string_view high, hearsay::replica_id by) {
  bool open = high.empty();  // nothing bounds the digits to come from above
  if ((!low.empty() && !is_place(low)) || (!open && (!is_place(high) || low >= high)))
    throw std::invalid_argument("board: no place between these");
  std::string found;
  for (std::size_t i = 0;; ++i) {
    const auto from = digit(low, i);
    const auto to = open ? base : digit(high, i);
    if (to - from > 1) {
      // The middle; towards the end only one on, since most notes are added there.
      found += digits[high.empty() ? from + 1 : from + (to - from) / 2];
      break;
    }
    found += digits[from];
    open = open || to != from;
  }
  auto rest = by.value;
  for (int i = 0; i < 5; ++i, rest /= base) found += digits[rest % base];
  return found += digits[1 + rest % (base - 1)];
}

}  // namespace board
