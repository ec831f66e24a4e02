// SPDX-License-Identifier: BSL-1.0
#include "desk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <hearsay/wire.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "show.hpp"

namespace board {
namespace {

using nlohmann::json;
using clock = std::chrono::steady_clock;

const std::vector<std::string> usual_columns = {"To do", "Doing", "Done"};

}  // namespace

desk::desk(desk_options options)
    : options_(std::move(options)),
      node_(options_.node),
      board_(node_.open<state>("board")),
      presence_(node_.open<presence>("presence")),
      people_(options_.name, options_.most) {
  board_.on_change([this](const state&, const state& news) { heard(news); });
  presence_.on_change([this](const presence&, const presence&) {
    const std::lock_guard lock(mutex_);
    members_ = true;
    wake_.notify_one();
  });
  board_.update(
      [&](state& all, hearsay::replica& me) { return begin(all, me, options_.name, options_.columns); });
  publisher_ = std::thread([this] { publish(); });
}

desk::~desk() { close(); }

void desk::close() {
  feed_.end();
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(ending_, true)) return;
    wake_.notify_one();
  }
  publisher_.join();
  if (node_.online()) node_.leave();
  node_.stop();
}

std::string desk::act(std::string_view body) {
  const auto wanted = read_request(body, options_.most);
  const std::lock_guard lock(people_mutex_);
  auto& who = people_.at(wanted.page);
  record_id id = 0;
  switch (wanted.what) {
    case request::kind::act:
      act(wanted.wanted, who, id);
      break;
    case request::kind::undo:
      undo(who);
      break;
    case request::kind::here:
      who.name = wanted.name;
      if (std::exchange(who.note, wanted.note) != wanted.note) who.pause();
      break;
    case request::kind::online:
      try {
        node_.set_online(wanted.online);
      } catch (const std::runtime_error& error) {
        throw refused(503, error.what());
      }
      break;
    case request::kind::begin:
      board_.update(
          [&](state& all, hearsay::replica& me) { return begin(all, me, who.name, usual_columns); });
      touched(0, who.number, true);
      break;
  }
  if (wanted.what == request::kind::here || wanted.what == request::kind::online) {
    const std::lock_guard also(mutex_);
    members_ = true;
    wake_.notify_one();
  }
  return answer(who, id);
}

std::string desk::answer(const person& who, record_id id) const {
  json made{{"undo", who.undoable()}};
  if (id != 0) made["id"] = id_text(id);
  return made.dump();
}

void desk::act(const action& wanted, person& who, record_id& id) {
  done result;
  board_.update([&](state& all, hearsay::replica& me) {
    result = apply(all, me, who.name, wanted, options_.most);
    return result.delta;
  });
  id = result.id;
  if (result.undo) who.remember(std::move(*result.undo), clock::now(), options_.most.undo);
  touched(id, who.number, true);
}

void desk::undo(person& who) {
  const auto way = who.last();
  board_.update(
      [&](state& all, hearsay::replica& me) { return apply(all, me, who.name, way, options_.most).delta; });
  touched(way.back.id, who.number, true);
}

std::uint64_t desk::enter(const std::string& page) {
  const std::lock_guard lock(people_mutex_);
  auto& who = people_.at(page);
  ++who.streams;
  const std::lock_guard also(mutex_);
  members_ = true;
  wake_.notify_one();
  return who.number;
}

void desk::leave(const std::string& page) {
  const std::lock_guard lock(people_mutex_);
  --people_.at(page).streams;
  const std::lock_guard also(mutex_);
  members_ = true;
  wake_.notify_one();
}

void desk::touched(record_id id, std::uint64_t from, bool columns) {
  const std::lock_guard lock(mutex_);
  if (id != 0) changed_[id] = from;
  columns_ = columns_ || columns;
  wake_.notify_one();
}

void desk::heard(const state& news) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, one] : news->notes) changed_[id] = 0;
  for (const auto& [id, tags] : news->tags) changed_[id] = 0;
  for (const auto& [id, votes] : news->votes) changed_[id] = 0;
  columns_ = columns_ || !news->columns.is_bottom();
  all_ = true;
  wake_.notify_one();
}

void desk::publish() {
  constexpr auto look = std::chrono::milliseconds(250);  // at the members, whose state changes by itself
  constexpr auto sweep = std::chrono::minutes(1);
  // What news does not name, such as the end of a tag that came apart from the rest, is found by a look at
  // all notes, at most once in so long.
  constexpr auto look_at_all = std::chrono::seconds(1);
  auto next_look = clock::now();
  auto next_all = next_look;
  auto next_sweep = next_look + sweep;
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait_until(lock, next_look, [&] { return ending_ || !changed_.empty() || columns_ || members_; });
    if (ending_) return;
    const auto now = clock::now();
    auto changed = std::exchange(changed_, {});
    const bool all = all_ && now >= next_all;
    if (all) all_ = false;
    const bool columns = std::exchange(columns_, false) || all;
    const bool members = std::exchange(members_, false) || now >= next_look;
    lock.unlock();
    if (all) next_all = now + look_at_all;
    if (all || !changed.empty()) publish_notes(std::move(changed), all);
    if (columns) feed_.set("columns", board_.read(columns_json));
    if (members) {
      show_people();
      publish_members();
      next_look = now + look;
    }
    if (now >= next_sweep) {
      purge();
      next_sweep = now + sweep;
    }
  }
}

void desk::publish_notes(std::map<record_id, std::uint64_t> changed, bool all) {
  std::map<record_id, std::string> made;
  std::vector<record_id> ids;
  board_.read([&](const state& now) {
    for (const auto& [id, from] : changed) made[id] = note_json(now, id);
    if (all) {
      for (const auto& [id, one] : now->notes) {
        ids.push_back(id);
        if (!made.contains(id)) made[id] = note_json(now, id);
      }
    }
    return 0;
  });
  for (auto& [id, text] : made) feed_.set_note(id, std::move(text), changed.contains(id) ? changed[id] : 0);
  std::ranges::sort(ids);
  if (all) feed_.keep_only(ids);
}

void desk::publish_members() {
  const auto here = presence_.value();
  const auto behind = node_.behind();
  const bool online = node_.online();
  auto list = json::array();
  std::set<std::uint64_t> members;
  for (const auto& [id, member] : node_.members()) {
    members.insert(id.value);
    if (!online && id != node_.id()) continue;
    auto visitors = json::array();
    if (const auto* said = here.get(id.value)) {
      const auto all = said->values();
      for (const auto& each : all.back()) {
        visitors.push_back({{"name", each.name}, {"note", each.note == 0 ? "" : id_text(each.note)}});
      }
    }
    const auto named = member.about.tags.find("name");
    const auto lacks = behind.find(id);
    list.push_back({{"id", fmt::format("{}", id)},
                    {"name", named == member.about.tags.end() ? member.about.endpoint : named->second},
                    {"endpoint", member.about.endpoint},
                    {"self", id == node_.id()},
                    {"state", to_string(member.status)},
                    {"behind", lacks == behind.end() ? 0 : lacks->second},
                    {"people", visitors}});
  }
  feed_.set("members", list.dump(-1, ' ', false, json::error_handler_t::replace));
  feed_.set("online", online ? "true" : "false");

  // What nodes said that are gone for long. (While this one is offline, all are gone.)
  constexpr auto gone = std::chrono::minutes(1);
  const auto now = clock::now();
  std::erase_if(missing_, [&](const auto& each) { return members.contains(each.first); });
  if (!online) missing_.clear();
  for (const auto& [id, said] : here) {
    if (!online || members.contains(id)) continue;
    const auto since = missing_.try_emplace(id, now).first->second;
    if (now - since < gone) continue;
    const auto whose = id;
    presence_.update([&](presence& all, hearsay::replica& me) { return all.erase(me, whose); });
  }
}

void desk::show_people() {
  const std::lock_guard lock(people_mutex_);
  const auto here = people_.here();
  const auto self = node_.id().value;
  presence_.update([&](presence& all, hearsay::replica& me) {
    const auto* said = all.get(self);
    if (here.empty()) return all.erase(me, self);
    if (said != nullptr && said->size() == 1 && said->values().front() == here) return presence();
    return all.update(me, self, [&](auto& held) { return held.set(me, here); });
  });
}

void desk::purge() {
  const auto keep = static_cast<std::uint64_t>(std::chrono::milliseconds(options_.keep_removed).count());
  const auto now = hearsay::system_milliseconds();
  board_.update(
      [&](state& all, hearsay::replica& me) { return board::purge(all, me, now - std::min(now, keep)); });
}

hearsay::bytes desk::encoded() const {
  return board_.read([](const state& all) { return hearsay::wire::encode(all); });
}

std::string desk::text() const { return board_.read(board_json); }

std::string desk::stats() const {
  const auto seen = node_.stats();
  const auto notes = board_.read([](const state& all) { return all->notes.size(); });
  return json{{"notes", notes},
              {"board_bytes", encoded().size()},
              {"batches", seen.gossip.flushed},
              {"batch_bytes", seen.gossip.flushed_bytes},
              {"payload_sent", seen.gossip.payload_out},
              {"payload_received", seen.gossip.payload_in},
              {"sent", seen.transport.bytes_sent},
              {"received", seen.transport.bytes_received},
              {"log_bytes", seen.log_bytes}}
      .dump();
}

}  // namespace board
