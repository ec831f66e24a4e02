// SPDX-License-Identifier: BSL-1.0
#include "action.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <random>
#include <system_error>
#include <utility>
#include <vector>

#include "place.hpp"

namespace board {
namespace {

record_id fresh_id() {
  static std::random_device entropy;
  for (;;) {
    if (const record_id id = std::uint64_t{entropy()} << 32 | entropy(); id != 0) return id;
  }
}

/// Writes to a board, and joins the deltas.
class editor {
 public:
  editor(state& all, hearsay::replica& me, const std::string& name, const limits& most)
      : all_(all), me_(me), name_(name), most_(most) {}

  done act(const action& what) {
    switch (what.what) {
      case verb::create:
        return create(what);
      case verb::write:
        return rewrite(what);
      case verb::move:
        return move(what);
      case verb::remove:
        return remove(what);
      case verb::keep:
        known(what.table, what.id);
        touch(what.table, what.id, {}, false);
        return finish(what, {verb::remove, what.table, what.id});
      case verb::tag:
      case verb::untag:
        return tag(what);
      case verb::vote:
      case verb::unvote:
        return vote(what);
    }
    throw refused(400, "There is no such action.");
  }

  /// Writes fields of a record, and that it was changed; `removed` stays if the record may have been removed
  /// meanwhile, to be told.
  void touch(records board_fields::*table, record_id id, const std::map<std::uint8_t, std::string>& fields,
             bool stay_removed = true) {
    const auto now = me_.time().now().milliseconds();
    join(all_.update(table, [&](records& all) {
      return all.update(me_, id, [&](record& one) {
        auto delta = set(one, field::changed, {now, name_});
        for (const auto& [which, value] : fields) delta.merge(set(one, which, {now, value}));
        if (!stay_removed) delta.merge(one.erase(me_, field::removed));
        return delta;
      });
    }));
  }

  state take() { return std::move(delta_); }

 private:
  record set(record& one, std::uint8_t which, written value) {
    return one.update(me_, which, [&](auto& held) { return held.set(me_, std::move(value)); });
  }
  void join(const state& delta) { delta_.merge(delta); }
  done finish(const action& what, action back, std::map<std::uint8_t, std::string> as_left = {}) {
    return {take(), what.id, reverse{std::move(back), std::move(as_left)}};
  }

  const record& known(records board_fields::*table, record_id id) const {
    const auto* one = ((*all_).*table).get(id);
    if (one == nullptr)
      throw refused(404,
                    table == &board_fields::notes ? "There is no such note." : "There is no such column.");
    return *one;
  }
  const record& present(records board_fields::*table, record_id id) const {
    const auto& one = known(table, id);
    if (!is_here(one))
      throw refused(404, fmt::format("{} has deleted it.", latest(one, field::removed).value));
    return one;
  }
  void has_column(record_id id) const { present(&board_fields::columns, id); }

  bool holds_notes(record_id column) const {
    const auto name = id_text(column);
    return std::ranges::any_of(all_->notes, [&](const auto& each) {
      return is_here(each.second) && latest(each.second, field::column).value == name;
    });
  }

  /// A place behind `after` among the records of a column, or among the columns.
  std::string room(const action& what) const {
    const auto column = id_text(what.column);
    std::vector<std::pair<std::string, record_id>> places;
    for (const auto& [id, one] : (*all_).*what.table) {
      if (id == what.id || !is_here(one)) continue;
      if (what.table == &board_fields::notes && latest(one, field::column).value != column) continue;
      if (auto where = latest(one, field::place).value; is_place(where)) places.emplace_back(where, id);
    }
    std::ranges::sort(places);
    auto next = places.end();
    if (what.after == 0) {
      next = places.begin();
    } else if (what.after) {
      next = std::ranges::find(places, *what.after, &std::pair<std::string, record_id>::second);
      if (next == places.end()) throw refused(409, "The note to put it behind is not there any more.");
      ++next;
    }
    const std::string low = next == places.begin() ? "" : std::prev(next)->first;
    while (next != places.end() && next->first == low) ++next;
    return place_between(low, next == places.end() ? "" : next->first, me_.id());
  }

  done create(const action& what) {
    const bool is_note = what.table == &board_fields::notes;
    if (is_note) has_column(what.column);
    if (((*all_).*what.table).size() >= (is_note ? most_.notes : most_.columns))
      throw refused(409, is_note ? "The board is full: delete notes first." : "There are too many columns.");
    auto made = what;
    made.id = fresh_id();
    made.fields[field::place] = room(what);
    if (is_note) made.fields[field::column] = id_text(what.column);
    touch(made.table, made.id, made.fields);
    if (is_note) renew_column(what.column);
    return finish(made, {verb::remove, made.table, made.id});
  }

  // A column into which something is put stays, also if somebody removes it at this moment.
  void renew_column(record_id id) { touch(&board_fields::columns, id, {}); }

  done rewrite(const action& what) {
    const auto& one =
        what.table == &board_fields::notes ? known(what.table, what.id) : present(what.table, what.id);
    action back{verb::write, what.table, what.id};
    std::map<std::uint8_t, std::string> fresh;
    for (const auto& [which, value] : what.fields) {
      const auto* held = one.get(which);
      if (held != nullptr && held->size() == 1 && held->values().front().value == value) continue;
      back.fields[which] = latest(one, which).value;
      fresh[which] = value;
    }
    if (fresh.empty()) return {{}, what.id};
    touch(what.table, what.id, fresh);
    return finish(what, std::move(back), std::move(fresh));
  }

  done move(const action& what) {
    const bool is_note = what.table == &board_fields::notes;
    present(what.table, what.id);
    if (what.after == what.id) throw refused(400, "Nothing can stand behind itself.");
    if (is_note) has_column(what.column);
    action raw{verb::write, what.table, what.id, {{field::place, room(what)}}};
    if (is_note) raw.fields[field::column] = id_text(what.column);
    auto moved = rewrite(raw);
    if (is_note) {
      renew_column(what.column);
      moved.delta.merge(take());
    }
    return moved;
  }

  done remove(const action& what) {
    present(what.table, what.id);
    if (what.table == &board_fields::columns && holds_notes(what.id))
      throw refused(409, "Only an empty column can be deleted: move its notes first.");
    const auto now = me_.time().now().milliseconds();
    join(all_.update(what.table, [&](records& all) {
      return all.update(me_, what.id, [&](record& one) {
        auto delta = one.erase(me_, field::changed);
        delta.merge(set(one, field::removed, {now, name_}));
        return delta;
      });
    }));
    return finish(what, {verb::keep, what.table, what.id});
  }

  done tag(const action& what) {
    present(what.table, what.id);
    const auto* tags = all_->tags.get(what.id);
    const bool adds = what.what == verb::tag;
    if ((tags != nullptr && tags->contains(what.tag)) == adds) return {{}, what.id};
    if (adds && tags != nullptr && tags->size() >= most_.tags)
      throw refused(409, fmt::format("A note has at most {} tags.", most_.tags));
    join(all_.update(&board_fields::tags, [&](auto& all) {
      return all.update(me_, what.id,
                        [&](auto& set) { return adds ? set.add(me_, what.tag) : set.remove(me_, what.tag); });
    }));
    touch(what.table, what.id, {});
    action back{adds ? verb::untag : verb::tag, what.table, what.id};
    back.tag = what.tag;
    return finish(what, std::move(back));
  }

  done vote(const action& what) {
    present(what.table, what.id);
    const bool adds = what.what == verb::vote;
    join(all_.update(&board_fields::votes, [&](auto& all) {
      return all.update(me_, what.id,
                        [&](auto& count) { return adds ? count.increment(me_) : count.decrement(me_); });
    }));
    touch(what.table, what.id, {});
    return finish(what, {adds ? verb::unvote : verb::vote, what.table, what.id});
  }

  state& all_;
  hearsay::replica& me_;
  const std::string& name_;
  const limits& most_;
  state delta_;
};

}  // namespace

written latest(const record& one, std::uint8_t which) {
  const auto* held = one.get(which);
  return held == nullptr ? written{} : held->values().back();
}

std::string id_text(record_id id) { return fmt::format("{:016x}", id); }

record_id id_from(std::string_view text) {
  record_id id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id, 16);
  if (error != std::errc{} || end != text.data() + text.size() || text.size() != 16 || id == 0)
    throw refused(400, "An id is 16 hexadecimal digits.");
  return id;
}

done apply(state& all, hearsay::replica& me, const std::string& name, const action& what,
           const limits& most) {
  return editor(all, me, name, most).act(what);
}

done apply(state& all, hearsay::replica& me, const std::string& name, const reverse& way,
           const limits& most) {
  if (const auto* one = ((*all).*way.back.table).get(way.back.id)) {
    if (way.back.what == verb::write && !is_here(*one))
      throw refused(404, fmt::format("{} has deleted it.", latest(*one, field::removed).value));
    for (const auto& [which, value] : way.as_left) {
      if (latest(*one, which).value != value)
        throw refused(409, fmt::format("{} has changed it since, so nothing was undone.",
                                       latest(*one, field::changed).value));
    }
  }
  return editor(all, me, name, most).act(way.back);
}

state begin(state& all, hearsay::replica& me, const std::string& name,
            const std::vector<std::string>& titles) {
  const limits most;
  editor edit(all, me, name, most);
  std::string last;
  for (const auto& each : titles) {
    record_id id = 0xcbf29ce484222325;  // FNV-1a
    for (const char c : each) id = (id ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    last = place_between(last, "", {});
    const auto* one = all->columns.get(id);
    if (one == nullptr || !is_here(*one))
      edit.touch(&board_fields::columns, id, {{field::title, each}, {field::place, last}}, false);
  }
  return edit.take();
}

state purge(state& all, hearsay::replica& me, std::uint64_t before) {
  state delta;
  for (const auto table : {&board_fields::notes, &board_fields::columns}) {
    std::vector<record_id> old;
    for (const auto& [id, one] : (*all).*table) {
      if (!is_here(one) && latest(one, field::removed).at < before) old.push_back(id);
    }
    for (const auto id : old) {
      delta.merge(all.update(table, [&](auto& of) { return of.erase(me, id); }));
      if (table != &board_fields::notes) continue;
      delta.merge(all.update(&board_fields::tags, [&](auto& of) { return of.erase(me, id); }));
      delta.merge(all.update(&board_fields::votes, [&](auto& of) { return of.erase(me, id); }));
    }
  }
  return delta;
}

}  // namespace board
