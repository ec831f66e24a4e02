// SPDX-License-Identifier: BSL-1.0
#include "people.hpp"

#include <algorithm>
#include <utility>

namespace board {
namespace {

constexpr auto longest_pause = std::chrono::seconds(3);

bool same_fields(const reverse& a, const reverse& b) {
  return a.back.what == verb::write && b.back.what == verb::write && a.back.table == b.back.table &&
         a.back.id == b.back.id && std::ranges::equal(a.as_left, b.as_left, [](const auto& x, const auto& y) {
           return x.first == y.first;
         });
}

}  // namespace

void person::remember(reverse way, clock::time_point now, std::size_t most) {
  if (typing_ && !past_.empty() && now - past_.back().at < longest_pause &&
      same_fields(past_.back().way, way) && past_.back().way.as_left == way.back.fields) {
    past_.back().way.as_left = std::move(way.as_left);
    past_.back().at = now;
    return;
  }
  past_.push_back({std::move(way), now});
  typing_ = true;
  if (past_.size() > most) past_.pop_front();
}

reverse person::last() {
  if (past_.empty()) throw refused(409, "There is nothing of yours to undo.");
  auto way = std::move(past_.back().way);
  past_.pop_back();
  pause();
  return way;
}

person& people::at(const std::string& page) {
  const auto now = person::clock::now();
  auto found = pages_.find(page);
  if (found == pages_.end()) {
    if (pages_.size() >= most_.people) {
      const auto oldest = std::ranges::min_element(
          pages_, {}, [](const auto& each) { return std::pair(each.second.streams != 0, each.second.used); });
      if (oldest->second.streams != 0) throw refused(503, "Too many pages are open at this node.");
      pages_.erase(oldest);
    }
    found = pages_.try_emplace(page).first;
    found->second.number = ++last_number_;
    found->second.name = name_;
  }
  found->second.used = now;
  return found->second;
}

std::vector<visitor> people::here() const {
  std::vector<visitor> found;
  for (const auto& [page, one] : pages_) {
    if (one.streams != 0) found.push_back({one.name, one.note});
  }
  std::ranges::sort(found);
  return found;
}

}  // namespace board
