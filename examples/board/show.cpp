// SPDX-License-Identifier: BSL-1.0
#include "show.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace board {
namespace {

using nlohmann::json;

constexpr std::pair<std::uint8_t, const char*> texts[] = {{field::title, "title"},
                                                          {field::text, "text"},
                                                          {field::column, "column"},
                                                          {field::place, "place"},
                                                          {field::colour, "colour"}};

json note(const state& all, record_id id, const record& one) {
  json made{{"id", id_text(id)}};
  for (const auto& [which, name] : texts) {
    made[name] = latest(one, which).value;
    const auto* held = one.get(which);
    if (held == nullptr || held->size() < 2) continue;
    for (const auto& each : held->values()) {  // what was written at the same time, and is not shown
      if (each.value != made[name]) made["also"][name].push_back(each.value);
    }
  }
  const auto who = latest(one, field::changed);
  made["by"] = who.value;
  made["at"] = who.at;
  if (one.contains(field::removed)) made["kept"] = latest(one, field::removed).value;
  const auto* votes = all->votes.get(id);
  made["votes"] = votes == nullptr ? 0 : votes->value();
  std::vector<std::string> tags;
  if (const auto* set = all->tags.get(id)) tags.assign(set->begin(), set->end());
  std::ranges::sort(tags);
  made["tags"] = tags;
  return made;
}

json columns(const state& all) {
  std::vector<std::pair<std::pair<std::string, record_id>, std::string>> order;
  for (const auto& [id, one] : all->columns) {
    if (!is_here(one)) continue;
    order.push_back({{latest(one, field::place).value, id}, latest(one, field::title).value});
  }
  std::ranges::sort(order);
  auto made = json::array();
  for (const auto& [at, title] : order) made.push_back({{"id", id_text(at.second)}, {"title", title}});
  return made;
}

// What other nodes wrote need not be UTF-8.
std::string text_of(const json& made) { return made.dump(-1, ' ', false, json::error_handler_t::replace); }

}  // namespace

std::string note_json(const state& all, record_id id) {
  const auto* one = all->notes.get(id);
  return one == nullptr || !is_here(*one) ? "" : text_of(note(all, id, *one));
}

std::string columns_json(const state& all) { return text_of(columns(all)); }

std::string board_json(const state& all) {
  std::vector<record_id> ids;
  for (const auto& [id, one] : all->notes) {
    if (is_here(one)) ids.push_back(id);
  }
  std::ranges::sort(ids);
  json made{{"columns", columns(all)}, {"notes", json::array()}};
  for (const auto id : ids) made["notes"].push_back(note(all, id, *all->notes.get(id)));
  return text_of(made);
}

}  // namespace board
