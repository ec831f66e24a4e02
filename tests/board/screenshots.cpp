// SPDX-License-Identifier: BSL-1.0
//
// board_screenshots FOLDER: three people at a board, and the pictures of docs/collaborative.md.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string>

#include "browser.hpp"
#include "nodes.hpp"

namespace {

using testing::board_node;
using testing::browser;
using json = nlohmann::json;

void save(const std::string& file, const std::string& base64) {
  std::string bytes;
  unsigned bits = 0;
  int held = 0;
  for (const char c : base64) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const auto digit = digits.find(c);
    if (digit == digits.npos) break;
    bits = bits << 6 | static_cast<unsigned>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held);
  }
  std::ofstream(file, std::ios::binary) << bytes;
  std::cout << file << ", " << bytes.size() << " bytes\n";
}

void fill(board_node& ann, board_node& bob) {
  const auto make = [&](board_node& at, std::size_t column, const char* title, const char* text,
                        const char* colour, const std::vector<std::string>& tags, int votes) {
    const auto id = at.ask({{"do", "create"},
                            {"column", ann.column(column)},
                            {"title", title},
                            {"text", text},
                            {"colour", colour}})
                        .at("id");
    for (const auto& tag : tags) at.ask({{"do", "tag"}, {"note", id}, {"tag", tag}});
    for (int i = 0; i < votes; ++i) at.ask({{"do", "vote"}, {"note", id}});
    return id.get<std::string>();
  };
  ann.ask({{"do", "here"}, {"name", "Ann"}});
  bob.ask({{"do", "here"}, {"name", "Bob"}});
  make(ann, 0, "Paint the fence", "Two coats. The green one that is left from last year is in the shed.",
       "green", {"garden", "weekend"}, 3);
  make(bob, 0, "Borrow a long ladder", "", "yellow", {"garden"}, 1);
  make(bob, 0, "Ask who brings the music", "The hall has speakers and no player.", "purple", {"party"}, 0);
  make(ann, 1, "Invitations", "Draft is done. Names are still missing from the second page.", "blue",
       {"party"}, 2);
  make(bob, 2, "Reserve the hall", "From 4 in the afternoon until midnight.", "orange", {"party"}, 0);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !browser::missing().empty()) {
    std::cerr << (argc != 2 ? "usage: board_screenshots FOLDER" : "There is no " + browser::missing())
              << '\n';
    return 1;
  }
  const std::string folder = argv[1];
  board_node ann("Ann's node", {}, testing::three_columns);
  board_node bob("Bob's node", {ann.endpoint()});
  board_node cleo("Cleo's node", {ann.endpoint()});
  bob.until([](const json& board) { return board.at("columns").size() == 3; });
  fill(ann, bob);
  cleo.until([](const json& board) { return board.at("notes").size() == 5; });

  browser one;
  const auto light = [&](bool wanted) {
    one.order("Emulation.setEmulatedMedia",
              {{"features",
                json::array({{{"name", "prefers-color-scheme"}, {"value", wanted ? "light" : "dark"}}})}});
  };
  const auto bobs = one.window();
  one.open(bob.address());
  one.until("document.querySelectorAll('.note').length === 5");
  one.type("#name", "Bob\t");
  one.run(
      "[...document.querySelectorAll('.open')].find((each) => each.textContent === 'Invitations').click()");
  const auto anns = one.window(1280, 760);
  light(true);
  one.open(ann.address());
  one.until("document.querySelectorAll('.note').length === 5");
  one.type("#name", "Ann\t");
  one.until(
      "document.querySelectorAll('.member').length === 3 && "
      "[...document.querySelectorAll('.on')].some((each) => each.textContent)");
  save(folder + "/board-desktop.png", one.picture());

  one.run(
      "[...document.querySelectorAll('.open')].find((each) => each.textContent === 'Paint the "
      "fence').click()");
  one.until("!document.getElementById('editor').hidden");
  light(false);
  save(folder + "/board-editor-dark.png", one.picture());
  one.click("#close");

  const auto phone = one.window(420, 800);
  light(true);
  one.open(cleo.address());
  one.until("document.querySelectorAll('.note').length === 5");
  one.type("#name", "Cleo\t");
  one.click("#online");
  one.until("document.documentElement.dataset.online === 'false'");
  const auto note = ann.board().at("notes").at(0).at("id");
  bob.ask({{"do", "write"}, {"note", note}, {"title", "Written while Cleo was away"}});
  save(folder + "/board-phone-offline.png", one.picture());
  one.click("#online");
  one.until("document.querySelector('.note.news') !== null");
  save(folder + "/board-phone-merged.png", one.picture());
}
