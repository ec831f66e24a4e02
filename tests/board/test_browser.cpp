// SPDX-License-Identifier: BSL-1.0
//
// The board as people have it: three nodes as processes, and three pages in a real browser.
#include <cstdio>
#include <string>

#include "browser.hpp"
#include "nodes.hpp"
#include "tests/catch.hpp"

using testing::board_node;
using testing::browser;
using json = nlohmann::json;

namespace {

const std::string ready = "document.documentElement.dataset.ready !== undefined";

/// The card of a note by its title, as an expression.
std::string card(const std::string& title) {
  return "[...document.querySelectorAll('.note')].find((each) => each.querySelector('.open').textContent "
         "=== " +
         json(title).dump() + ")";
}
std::string shows(const std::string& title, const std::string& text) {
  return card(title) + ".querySelector('.text').textContent === " + json(text).dump();
}

/// What a page shows of the board, as text.
const std::string board_text =
    R"(return [...document.querySelectorAll('.column:not([hidden])')].map((column) =>
  column.querySelector('h2').textContent + ': ' + [...column.querySelectorAll('.note')].map((note) =>
    ['.open', '.text', '.tags', '.vote', '.kept'].map((part) => note.querySelector(part).textContent).join('|')).join('; ')).join('\n');)";

/// Three nodes with a page each.
struct three {
  explicit three(browser& of)
      : one(of),
        ann("Ann", {}, testing::three_columns),
        bob("Bob", {ann.endpoint()}),
        cleo("Cleo", {ann.endpoint()}) {
    const std::string names[] = {"Ann", "Bob", "Cleo"};
    for (int i = 0; i < 3; ++i) {
      windows[i] = one.window();
      one.open(node(i).address());
      one.until(ready);
      one.type("#name", names[i] + "\t");
    }
    for (int i = 0; i < 3; ++i) {
      at(i).until("document.querySelectorAll('.column').length === 4");
      one.until(
          "document.querySelectorAll('.people').length === 3 && "
          "[...document.querySelectorAll('.people')].every((each) => each.textContent)");
    }
  }
  ~three() { close(); }
  void close() {
    for (auto& window : windows) {
      if (!window.empty()) at_window(window).open("about:blank");
    }
  }
  board_node& node(int i) { return i == 0 ? ann : i == 1 ? bob : cleo; }
  browser& at(int i) { return at_window(windows[i]); }
  browser& at_window(const std::string& window) {
    one.look_at(window);
    return one;
  }
  void on_all(const std::string& holds) {
    for (int i = 0; i < 3; ++i) at(i).until(holds);
  }
  /// Makes a note with the page's button.
  void make(int i, const std::string& title) {
    at(i).click(".add");
    one.until("!document.getElementById('editor').hidden");
    one.type("#title", title);
    one.until(card(title) + " !== undefined");
    one.click("#close");
  }
  void edit(int i, const std::string& title) {
    at(i).run(card(title).insert(0, "(") + ").querySelector('.open').click()");
    one.until("!document.getElementById('editor').hidden");
  }
  void no_errors() {
    for (int i = 0; i < 3; ++i) CHECK(at(i).run("return document.documentElement.dataset.error ?? ''") == "");
  }
  /// The three show one board, and hold one state.
  void same() {
    const auto text = at(0).run(board_text);
    for (int i = 1; i < 3; ++i) {
      CHECK(at(i).run(board_text) == text);
      CHECK(node(i).get("/board") == ann.get("/board"));
      CHECK(node(i).get("/state") == ann.get("/state"));
    }
  }

  browser& one;
  board_node ann, bob, cleo;
  std::string windows[3];
};

browser& shared_browser() {
  static browser one;
  return one;
}

}  // namespace

TEST_CASE("a note made on one page is on all, and edits of different fields both stay") {
  three pages(shared_browser());
  pages.make(0, "Paint");
  pages.on_all(card("Paint") + " !== undefined");
  pages.edit(0, "Paint");
  pages.edit(1, "Paint");
  pages.at(0).until("document.getElementById('others').textContent === 'Bob is here, too.'");
  pages.at(0).type("#title", " the fence");
  pages.at(1).type("#text", "Two coats");
  pages.on_all(shows("Paint the fence", "Two coats"));
  pages.at(1).until("document.getElementById('title').value === 'Paint the fence'");
  pages.at(1).type("#new-tag", "garden\n");
  pages.on_all(card("Paint the fence") + ".querySelector('.tags').textContent === 'garden'");
  pages.at(1).click("#vote");
  pages.on_all(card("Paint the fence") + ".querySelector('.vote').textContent === '▲ 1'");
  pages.same();

  // Undo: each their own last action.
  pages.at(0).click("#close");
  pages.at(0).click("#undo");
  pages.on_all(card("Paint") + ".querySelector('.vote').textContent === '▲ 1'");
  pages.at(1).click("#undo");
  pages.on_all(card("Paint") + ".querySelector('.vote').textContent === '▲ 0'");
  pages.same();
  pages.no_errors();
}

TEST_CASE("offline edits on two sides merge to one board, and the page shows what came in") {
  three pages(shared_browser());
  pages.make(0, "Paint");
  pages.on_all(card("Paint") + " !== undefined");
  pages.at(2).click("#online");
  pages.at(2).until("!document.getElementById('offline').hidden");
  pages.edit(2, "Paint");
  pages.at(2).type("#text", "written offline");
  pages.at(2).until(shows("Paint", "written offline"));
  pages.at(2).click("#close");
  pages.make(2, "Made offline");
  pages.at(0).run(card("Paint").insert(0, "(") + ").querySelector('.open').focus()");
  pages.at(0).run(
      "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Delete', bubbles: true }))");
  pages.at(1).until(card("Paint") + " === undefined");
  pages.make(1, "Made meanwhile");
  pages.at(0).until(card("Made meanwhile") +
                    " !== undefined && document.querySelectorAll('.member').length === 2");
  CHECK(pages.at(2).run("return document.querySelectorAll('.note').length") == 2);

  pages.at(2).click("#online");
  pages.at(2).until(card("Made meanwhile") + ".classList.contains('news')");
  pages.on_all(
      "document.querySelectorAll('.note').length === 3 && document.querySelectorAll('.member').length === 3");
  pages.on_all(shows("Paint", "written offline"));
  pages.on_all(card("Paint") + ".querySelector('.kept').textContent.startsWith('Ann deleted this note')");
  pages.same();
  pages.no_errors();
}

TEST_CASE("people of a node that is killed vanish, and a page whose node is gone says so and heals") {
  three pages(shared_browser());
  const auto port = std::to_string(pages.cleo.port());
  pages.cleo.own().send(SIGKILL);
  for (int i = 0; i < 2; ++i) {
    pages.at(i).until(
        "document.querySelectorAll('.member').length === 2 && "
        "!document.getElementById('strip').textContent.includes('Cleo')");
  }
  pages.at(2).until("!document.getElementById('lost').hidden");
  pages.cleo.own().end();
  board_node again("Cleo", {pages.ann.endpoint()}, {"--http", port});
  pages.at(2).until(
      "document.getElementById('lost').hidden && document.querySelectorAll('.member').length === 3");
  pages.make(2, "Healed");
  pages.at(0).until(card("Healed") + " !== undefined");
  pages.at(2).reload();
  pages.at(2).until(card("Healed") + " !== undefined");
  CHECK(pages.at(2).run("return document.getElementById('name').value") == "Cleo");
  pages.at(2).until("!document.getElementById('undo').disabled");  // also after the page was loaded anew
  pages.no_errors();
  pages.close();
}

TEST_CASE("keys, a finger, and a title that looks like HTML") {
  three pages(shared_browser());
  const std::string evil = "<img src=x onerror=\"document.title='evil'\"><b>bold</b>";
  pages.make(0, "Last");
  pages.make(0, "Second");
  pages.make(0, evil);
  pages.on_all(card(evil) + " !== undefined");
  CHECK(pages.at(1).run("return document.querySelectorAll('.note img, .note b').length") == 0);
  CHECK(pages.at(1).run("return document.title") == "Board");

  auto& page = pages.at(1);
  const auto column = [](const std::string& title) {
    return card(title) + ".closest('.column').querySelector('h2').textContent";
  };
  page.run("(" + card("Second") + ").querySelector('.open').focus()");
  const std::string alt = "\xee\x80\x8a", right = "\xee\x80\x94",
                    down = "\xee\x80\x95";  // as WebDriver names keys
  page.type(".open:focus", alt + right);
  pages.on_all(column("Second") + " === 'Doing'");
  CHECK(pages.at(1).run("return document.activeElement.textContent") == "Second");
  page.run("(" + card(evil) + ").querySelector('.open').focus()");
  page.type(".open:focus", down);
  CHECK(page.run("return document.activeElement.textContent") == "Last");
  page.type(".open:focus", "v");
  pages.on_all(card("Last") + ".querySelector('.vote').textContent === '▲ 1'");

  // A finger takes a note by its handle into the last column.
  pages.at(0);
  const auto place = [&](const std::string& of) {
    return page.run("const box = (" + of +
                    ").getBoundingClientRect(); return [Math.round(box.x + box.width / 2), Math.round(box.y "
                    "+ box.height / 2)]");
  };
  const auto from = place(card("Last") + ".querySelector('.grip')");
  const auto to = place("document.querySelectorAll('.notes')[2]");
  const auto go = [](const json& where, int ms) {
    return json{{"type", "pointerMove"}, {"duration", ms}, {"x", where[0]}, {"y", where[1]}};
  };
  page.act({{"type", "pointer"},
            {"id", "finger"},
            {"parameters", {{"pointerType", "touch"}}},
            {"actions", json::array({go(from, 0),
                                     {{"type", "pointerDown"}, {"button", 0}},
                                     go(to, 100),
                                     {{"type", "pointerUp"}, {"button", 0}}})}});
  pages.on_all(column("Last") + " === 'Done'");
  pages.same();
  pages.no_errors();
}

TEST_CASE("two pages at one node work side by side") {
  auto& one = shared_browser();
  board_node node("Ann", {}, testing::three_columns);
  const auto first = one.window(), second = one.window(500, 800);
  for (const auto& each : {first, second}) {
    one.look_at(each);
    one.open(node.address());
    one.until("document.querySelectorAll('.column').length === 4");
  }
  one.click(".add");
  one.until("!document.getElementById('editor').hidden");
  one.type("#title", "From the phone");
  one.look_at(first);
  one.until(card("From the phone") + " !== undefined");
  CHECK(one.run("return document.getElementById('undo').disabled") == true);
  CHECK(one.run("return document.documentElement.scrollWidth <= innerWidth") == true);
  one.look_at(second);
  CHECK(one.run("return document.documentElement.scrollWidth <= innerWidth") == true);
  for (const auto& each : {first, second}) {
    one.look_at(each);
    one.open("about:blank");
  }
}

TEST_CASE("1,000 notes are there within a second, and the page stays smooth while others edit") {
  auto& one = shared_browser();
  board_node ann("Ann", {}, testing::three_columns), bob("Bob", {ann.endpoint()});
  bob.until([](const json& board) { return board.at("columns").size() == 3; });
  const std::string columns[] = {ann.column(0), ann.column(1), ann.column(2)};
  std::string id;
  for (int i = 0; i < 1000; ++i) {
    id = ann.ask({{"do", "create"},
                  {"column", columns[i % 3]},
                  {"title", "Note " + std::to_string(i)},
                  {"text", "What is to be done about number " + std::to_string(i)}})
             .at("id");
  }
  bob.until([](const json& board) { return board.at("notes").size() == 1000; });
  const auto window = one.window();
  one.open(bob.address());
  one.until(ready + " && document.querySelectorAll('.note').length === 1000");
  const int loaded = std::stoi(one.run("return document.documentElement.dataset.ready").get<std::string>());
  CAPTURE(loaded);
  CHECK(loaded < 1000 * SLOWER);

  // Frames while it scrolls and Ann writes.
  one.run(R"(window.longest = 0; let last = performance.now();
    const frame = (now) => { longest = Math.max(longest, now - last); last = now; scrollBy(0, 40); requestAnimationFrame(frame); };
    requestAnimationFrame((now) => { last = now; frame(now); });)");
  for (int i = 0; i < 50; ++i)
    ann.ask({{"do", "write"}, {"note", id}, {"title", "Edit " + std::to_string(i)}});
  one.until(card("Edit 49") + " !== undefined");
  const auto longest = one.run("return window.longest").get<double>();
  CAPTURE(longest);
  CHECK(longest < 250 * SLOWER);
  std::printf("1,000 notes: loaded in %d ms, longest frame %.0f ms\n", loaded, longest);
  one.open("about:blank");
}
