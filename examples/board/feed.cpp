// SPDX-License-Identifier: BSL-1.0
#include "feed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "action.hpp"

namespace board {

void feed::put(piece& into, std::string json, std::uint64_t from) {
  if (into.changed != 0 && into.json == json) return;
  into = {std::move(json), ++now_, from, std::chrono::steady_clock::now()};
  news_.notify_all();
}

void feed::set_note(record_id id, std::string json, std::uint64_t from) {
  const std::lock_guard lock(mutex_);
  if (json.empty() && !notes_.contains(id)) return;
  put(notes_[id], std::move(json), from);
}

void feed::set(const std::string& name, std::string json) {
  const std::lock_guard lock(mutex_);
  put(others_[name], std::move(json), 0);
}

void feed::keep_only(const std::vector<record_id>& ids) {
  const std::lock_guard lock(mutex_);
  const auto long_ago = std::chrono::steady_clock::now() - std::chrono::minutes(1);
  for (auto at = notes_.begin(); at != notes_.end();) {
    auto& [id, one] = *at;
    const bool gone = !std::ranges::binary_search(ids, id);
    if (gone) put(one, "", 0);
    at = gone && one.at < long_ago ? notes_.erase(at) : std::next(at);
  }
}

std::optional<std::string> feed::next(std::uint64_t& seen, std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  news_.wait_for(lock, within, [&] { return ended_ || now_ > seen; });
  if (ended_ || now_ <= seen) return {};
  fmt::memory_buffer out;
  const auto add = [&](const char* format, const auto&... values) {
    fmt::format_to(std::back_inserter(out), fmt::runtime(format), values...);
  };
  add(R"({{"first":{},"notes":[)", seen == 0);
  const char* comma = "";
  for (const auto& [id, one] : notes_) {
    if (one.changed > seen && !one.json.empty())
      add(R"({}{{"from":{},"note":{}}})", std::exchange(comma, ","), one.from, one.json);
  }
  add(R"(],"gone":[)");
  comma = "";
  for (const auto& [id, one] : notes_) {
    if (one.changed > seen && one.json.empty())
      add(R"({}{{"from":{},"id":"{}"}})", std::exchange(comma, ","), one.from, id_text(id));
  }
  add("]");
  for (const auto& [name, one] : others_) {
    if (one.changed > seen) add(R"(,"{}":{})", name, one.json);
  }
  add("}}");
  seen = now_;
  return fmt::to_string(out);
}

void feed::end() {
  const std::lock_guard lock(mutex_);
  ended_ = true;
  news_.notify_all();
}

bool feed::ended() const {
  const std::lock_guard lock(mutex_);
  return ended_;
}

}  // namespace board
