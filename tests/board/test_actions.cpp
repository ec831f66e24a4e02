// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <hearsay/wire.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <string>
#include <vector>

#include "board/people.hpp"
#include "board/show.hpp"
#include "tests/catch.hpp"

using namespace board;

namespace {

const limits most;

/// Somebody with a copy of the board.
struct somebody {
  explicit somebody(std::string of) : name(std::move(of)) {}

  record_id act(action what) {
    auto result = apply(all, me, name, what, most);
    news.merge(result.delta);
    if (result.undo) sheet.remember(*result.undo, std::chrono::steady_clock::now(), most.undo);
    return result.id;
  }
  void undo() { news.merge(apply(all, me, name, sheet.last(), most).delta); }
  record_id create(record_id column, const std::string& title, std::optional<record_id> after = {}) {
    return act({verb::create, &board_fields::notes, 0, {{field::title, title}}, column, after});
  }
  void write(record_id note, field which, const std::string& value) {
    act({verb::write, &board_fields::notes, note, {{which, value}}});
  }
  void put(record_id note, record_id column, std::optional<record_id> after) {
    act({verb::move, &board_fields::notes, note, {}, column, after});
  }
  void does(verb what, record_id note, const std::string& tag = "") {
    act({what, &board_fields::notes, note, {}, 0, {}, tag});
  }
  /// 0 if it is done, else the status with which it is refused.
  int status(action what) {
    const auto before = all;
    try {
      act(what);
      return 0;
    } catch (const refused& error) {
      CHECK(all == before);
      return error.status;
    }
  }

  nlohmann::json note(record_id id) const {
    const auto text = note_json(all, id);
    return text.empty() ? nlohmann::json() : nlohmann::json::parse(text);
  }
  std::vector<std::string> titles(record_id column) const {
    std::map<std::string, std::string> by_place;
    const auto now = nlohmann::json::parse(board_json(all));
    for (const auto& each : now.at("notes")) {
      if (each.at("column") == id_text(column)) by_place[each.at("place")] = each.at("title");
    }
    std::vector<std::string> found;
    for (const auto& [place, title] : by_place) found.push_back(title);
    return found;
  }
  record_id column(std::size_t i) const {
    return id_from(nlohmann::json::parse(columns_json(all)).at(i).at("id").get<std::string>());
  }

  std::string name;
  hearsay::replica me;
  state all;
  state news;  // what others have not heard
  person sheet;
};

void sync(somebody& a, somebody& b) {
  a.all.merge(b.news);
  b.all.merge(a.news);
  a.news = b.news = {};
  REQUIRE(a.all == b.all);
  REQUIRE(hearsay::wire::encode(a.all) == hearsay::wire::encode(b.all));
  REQUIRE(board_json(a.all) == board_json(b.all));
}

/// Ann and Bob, at one board with three columns and a note.
struct pair {
  pair() {
    ann.news.merge(begin(ann.all, ann.me, ann.name, {"To do", "Doing", "Done"}));
    todo = ann.column(0);
    doing = ann.column(1);
    note = ann.create(todo, "Paint");
    sync(ann, bob);
  }
  somebody ann{"Ann"}, bob{"Bob"};
  record_id todo, doing, note;
};

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("two who edit different fields of one note at once both keep their edits") {
  pair p;
  p.ann.write(p.note, title, "Paint the fence");
  p.bob.write(p.note, text, "Two coats");
  p.bob.put(p.note, p.doing, {});
  p.ann.does(verb::tag, p.note, "garden");
  sync(p.ann, p.bob);
  const auto now = p.ann.note(p.note);
  CHECK(now.at("title") == "Paint the fence");
  CHECK(now.at("text") == "Two coats");
  CHECK(now.at("column") == id_text(p.doing));
  CHECK(now.at("tags") == texts{"garden"});
  CHECK(!now.contains("also"));
}

TEST_CASE("of one field written twice at once one is shown, and the other is not lost") {
  pair p;
  p.ann.write(p.note, title, "Green");
  p.bob.write(p.note, title, "Blue");
  sync(p.ann, p.bob);
  auto now = p.ann.note(p.note);
  const texts both{now.at("title"), now.at("also").at("title").at(0)};
  CHECK(std::ranges::is_permutation(both, texts{"Green", "Blue"}));
  p.bob.write(p.note, title, both[0]);  // leave it
  sync(p.ann, p.bob);
  now = p.ann.note(p.note);
  CHECK(now.at("title") == both[0]);
  CHECK(!now.contains("also"));
}

TEST_CASE("a note that somebody edits while it is deleted stays, whole") {
  pair p;
  p.ann.does(verb::tag, p.note, "garden");
  p.ann.does(verb::vote, p.note);
  sync(p.ann, p.bob);
  SECTION("an edit") {
    CHECK(p.ann.status({verb::write, &board_fields::notes, p.note, {{text, "Two coats"}}}) == 0);
  }
  SECTION("a vote") { CHECK(p.ann.status({verb::vote, &board_fields::notes, p.note}) == 0); }
  SECTION("a move") { CHECK(p.ann.status({verb::move, &board_fields::notes, p.note, {}, p.doing}) == 0); }
  const auto hers = p.ann.note(p.note);
  p.bob.does(verb::remove, p.note);
  CHECK(p.bob.note(p.note).is_null());
  sync(p.ann, p.bob);
  auto now = p.bob.note(p.note);
  CHECK(now.at("kept") == "Bob");
  now.erase("kept");
  CHECK(now == hers);  // tags and votes, too
  p.bob.does(verb::keep, p.note);
  sync(p.ann, p.bob);
  CHECK(!p.ann.note(p.note).contains("kept"));
}

TEST_CASE("a delete that knows of all edits deletes, and a later keystroke brings the note back") {
  pair p;
  p.bob.does(verb::remove, p.note);
  sync(p.ann, p.bob);
  CHECK(p.ann.note(p.note).is_null());
  CHECK(p.ann.status({verb::vote, &board_fields::notes, p.note}) == 404);
  CHECK(p.ann.status({verb::move, &board_fields::notes, p.note, {}, p.doing}) == 404);
  p.ann.write(p.note, text, "I was still typing");
  sync(p.ann, p.bob);
  CHECK(p.bob.note(p.note).at("title") == "Paint");
  CHECK(p.bob.note(p.note).at("kept") == "Bob");
}

TEST_CASE("two who drop notes in the same gap both keep theirs, in one order everywhere") {
  pair p;
  p.ann.create(p.todo, "Last");
  sync(p.ann, p.bob);
  const auto hers = p.ann.create(p.todo, "Hers", p.note);
  const auto his = p.bob.create(p.todo, "His", p.note);
  sync(p.ann, p.bob);
  const auto order = p.ann.titles(p.todo);
  REQUIRE(order.size() == 4);
  CHECK(order[0] == "Paint");
  CHECK(order[3] == "Last");
  CHECK(std::ranges::is_permutation(order, texts{"Paint", "Hers", "His", "Last"}));
  p.bob.create(p.todo, "Between", order[1] == "Hers" ? hers : his);
  CHECK(p.bob.titles(p.todo)[2] == "Between");
  p.bob.create(p.todo, "First", 0);
  CHECK(p.bob.titles(p.todo)[0] == "First");
  p.bob.put(his, p.todo, {});
  CHECK(p.bob.titles(p.todo).back() == "His");
}

TEST_CASE("undo takes back one's own last action, and nobody else's") {
  pair p;
  const auto before = p.ann.note(p.note);
  const auto same = [&] {
    auto now = p.ann.note(p.note);
    if (!now.is_null()) now["at"] = before.at("at");
    return now == before;
  };
  p.ann.sheet = {};
  SECTION("writing") {
    CHECK(p.ann.status({verb::write, &board_fields::notes, p.note, {{title, "Other"}}}) == 0);
  }
  SECTION("moving") { CHECK(p.ann.status({verb::move, &board_fields::notes, p.note, {}, p.doing}) == 0); }
  SECTION("deleting") { CHECK(p.ann.status({verb::remove, &board_fields::notes, p.note}) == 0); }
  SECTION("voting") { CHECK(p.ann.status({verb::vote, &board_fields::notes, p.note}) == 0); }
  SECTION("tagging") {
    CHECK(p.ann.status({verb::tag, &board_fields::notes, p.note, {}, 0, {}, "garden"}) == 0);
  }
  CHECK(!same());
  p.ann.undo();
  CHECK(same());
  CHECK_THROWS_AS(p.ann.undo(), refused);
  sync(p.ann, p.bob);
}

TEST_CASE("undo of what somebody has changed since undoes nothing") {
  pair p;
  p.ann.write(p.note, title, "Hers");
  sync(p.ann, p.bob);
  p.bob.write(p.note, title, "His");
  sync(p.ann, p.bob);
  CHECK_THROWS_AS(p.ann.undo(), refused);
  CHECK(p.ann.note(p.note).at("title") == "His");
  p.ann.undo();  // the one before: she has made the note
  CHECK(p.ann.note(p.note).is_null());
}

TEST_CASE("what is typed into one field is one action to undo") {
  pair p;
  p.ann.sheet = {};
  for (const auto* each : {"P", "Po", "Pon", "Pond"}) p.ann.write(p.note, title, each);
  p.ann.write(p.note, text, "x");
  CHECK(p.ann.sheet.undoable() == 2);
  p.ann.undo();
  p.ann.undo();
  CHECK(p.ann.note(p.note).at("title") == "Paint");
  p.ann.write(p.note, title, "One");
  p.ann.sheet.pause();  // she has left the note
  p.ann.write(p.note, title, "Two");
  p.ann.undo();
  CHECK(p.ann.note(p.note).at("title") == "One");
}

TEST_CASE("what can be undone is bounded") {
  pair p;
  for (std::size_t i = 0; i < 2 * most.undo; ++i) p.ann.does(verb::vote, p.note);
  CHECK(p.ann.sheet.undoable() == most.undo);
}

TEST_CASE("columns: empty ones can be deleted, and a note put in at that moment keeps its column") {
  pair p;
  const auto of = &board_fields::columns;
  CHECK(p.bob.status({verb::remove, of, p.todo}) == 409);
  CHECK(p.bob.status({verb::remove, of, 12345}) == 404);
  p.ann.create(p.doing, "At the last moment");
  CHECK(p.bob.status({verb::remove, of, p.doing}) == 0);
  CHECK(p.bob.status({verb::create, &board_fields::notes, 0, {{title, "x"}}, p.doing}) == 404);
  sync(p.ann, p.bob);
  CHECK(p.bob.column(1) == p.doing);
  CHECK(p.bob.titles(p.doing) == texts{"At the last moment"});
  p.bob.act({verb::move, of, p.todo, {}, 0, p.doing});
  CHECK(p.bob.column(0) == p.doing);
}

TEST_CASE("a board that two begin at once has each column once") {
  somebody ann("Ann"), bob("Bob");
  ann.news = begin(ann.all, ann.me, "Ann", {"To do", "Done"});
  bob.news = begin(bob.all, bob.me, "Bob", {"To do", "Done"});
  sync(ann, bob);
  CHECK(nlohmann::json::parse(columns_json(ann.all)).size() == 2);
  CHECK(begin(bob.all, bob.me, "Bob", {"To do", "Done"}).is_bottom());
}

TEST_CASE("limits of numbers") {
  pair p;
  limits few = most;
  few.notes = few.tags = 2;
  const auto act = [&](action what) { p.ann.all.merge(apply(p.ann.all, p.ann.me, "Ann", what, few).delta); };
  act({verb::create, &board_fields::notes, 0, {{title, "2"}}, p.todo});
  CHECK_THROWS_AS(act({verb::create, &board_fields::notes, 0, {{title, "3"}}, p.todo}), refused);
  for (const auto* tag : {"a", "b", "a"}) act({verb::tag, &board_fields::notes, p.note, {}, 0, {}, tag});
  CHECK_THROWS_AS(act({verb::tag, &board_fields::notes, p.note, {}, 0, {}, "c"}), refused);
  CHECK(p.ann.status({verb::move, &board_fields::notes, p.note, {}, p.todo, 999}) == 409);
  CHECK(p.ann.status({verb::create, &board_fields::notes, 0, {{title, "x"}}, 999}) == 404);
}

TEST_CASE("what was deleted long ago is taken out for good, and leaves nothing behind") {
  pair p;
  p.ann.does(verb::tag, p.note, "garden");
  p.ann.does(verb::vote, p.note);
  p.ann.does(verb::remove, p.note);
  CHECK(purge(p.ann.all, p.ann.me, 1).is_bottom());
  CHECK(p.ann.all->notes.size() == 1);
  p.ann.news.merge(purge(p.ann.all, p.ann.me, hearsay::system_milliseconds() + 1000));
  CHECK(p.ann.all->notes.empty());
  CHECK(p.ann.all->tags.empty());
  CHECK(p.ann.all->votes.empty());
  sync(p.ann, p.bob);
  CHECK(p.bob.all->notes.empty());
}

TEST_CASE("whatever people do apart, they have one board in the end") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  for (int run = 0; run < 20; ++run) {
    pair p;
    std::vector<record_id> notes{p.note};
    for (int i = 0; i < 100; ++i) {
      auto& who = random() % 2 == 0 ? p.ann : p.bob;
      const auto note = notes[random() % notes.size()];
      const auto column = random() % 2 == 0 ? p.todo : p.doing;
      try {
        switch (random() % 8) {
          case 0:
            notes.push_back(who.create(column, "n" + std::to_string(i)));
            break;
          case 1:
            who.write(note, random() % 2 == 0 ? title : text, std::to_string(random() % 5));
            break;
          case 2:
            who.put(note, column, 0);
            break;
          case 3:
            who.does(verb::remove, note);
            break;
          case 4:
            who.does(verb::tag, note, std::to_string(random() % 5));
            break;
          case 5:
            who.does(verb::vote, note);
            break;
          case 6:
            who.undo();
            break;
          default:
            if (random() % 4 == 0) sync(p.ann, p.bob);
        }
      } catch (const refused&) {
        // Not there, or not yet.
      }
    }
    sync(p.ann, p.bob);
  }
}
