// SPDX-License-Identifier: BSL-1.0
//
// bench_board [EDITS]: three boards on loopback, 10 edits a second at one of them. How long it takes from a
// keypress on its page until another page shows it, and how many bytes a note and an edit are.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/board/browser.hpp"
#include "tests/board/nodes.hpp"

namespace {

using json = nlohmann::json;
using testing::board_node;
using testing::browser;
using clock = std::chrono::steady_clock;

constexpr auto between = std::chrono::milliseconds(100);

void print(const char* what, std::vector<double> ms) {
  std::ranges::sort(ms);
  if (ms.empty()) return;
  const auto at = [&](double part) {
    return ms[static_cast<std::size_t>(part * static_cast<double>(ms.size() - 1))];
  };
  fmt::print("{:44} median {:6.1f} ms   p99 {:6.1f} ms   ({} edits)\n", what, at(0.5), at(0.99), ms.size());
}

/// Two pages in a browser: a script types on one, and an observer sees the other change.
void pages(board_node& ann, board_node& bob, const std::string& id, int edits) {
  browser one;
  const auto typist = one.window();
  one.open(ann.address());
  one.until("document.querySelectorAll('.note').length !== 0");
  one.run("document.querySelector('[data-id=\"' + arguments[0] + '\"] .open').click()", {id});
  const auto reader = one.window();
  one.open(bob.address());
  one.until("document.querySelectorAll('.note').length !== 0");
  one.run(R"(window.seen = {};
    const title = document.querySelector('[data-id="' + arguments[0] + '"] .open');
    new MutationObserver(() => seen[title.textContent] ??= performance.timeOrigin + performance.now())
      .observe(title, { childList: true, characterData: true, subtree: true });)",
          {id});
  one.look_at(typist);
  one.run(R"(window.pressed = {};
    const input = document.getElementById('title');
    let left = arguments[0];
    const timer = setInterval(() => {
      if (left-- === 0) {
        clearInterval(timer);
        document.documentElement.dataset.done = 'true';
        return;
      }
      input.value = 'key ' + left;
      pressed[input.value] = performance.timeOrigin + performance.now();
      input.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }, arguments[1]);)",
          {edits, between.count()});
  std::this_thread::sleep_for(edits * between);
  one.until("document.documentElement.dataset.done === 'true'");
  const auto pressed = one.run("return window.pressed");
  one.look_at(reader);
  one.until("window.seen['key 0'] !== undefined");
  const auto seen = one.run("return window.seen");
  std::vector<double> ms;
  for (const auto& [text, when] : pressed.items()) {
    if (seen.contains(text)) ms.push_back(seen.at(text).get<double>() - when.get<double>());
  }
  print("keypress on a page to a page at another node", ms);
}

/// The same without a browser: two clients that speak what pages speak.
void clients(board_node& ann, board_node& bob, const std::string& id, int edits) {
  std::mutex mutex;
  std::map<std::string, clock::time_point> sent;
  std::vector<double> ms;
  std::thread reader([&] {
    bob.follow(
        [&](const json& news) {
          for (const auto& each : news.at("notes")) {
            const auto text = each.at("note").at("title").get<std::string>();
            const std::lock_guard lock(mutex);
            if (const auto found = sent.find(text); found != sent.end()) {
              ms.push_back(std::chrono::duration<double, std::milli>(clock::now() - found->second).count());
              sent.erase(found);
            }
            if (text == "edit 0") return true;
          }
          return false;
        },
        "reader", between * (edits + 100));
  });
  auto next = clock::now() + between;
  for (int left = edits; left-- != 0; next += between) {
    std::this_thread::sleep_until(next);
    const auto text = fmt::format("edit {}", left);
    {
      const std::lock_guard lock(mutex);
      sent[text] = clock::now();
    }
    ann.ask({{"do", "write"}, {"note", id}, {"title", text}});
  }
  reader.join();
  print("request to a node to news from another node", ms);
}

std::uint64_t sum(std::vector<board_node*> all, const char* what) {
  std::uint64_t total = 0;
  for (auto* each : all) total += json::parse(each->get("/stats")).at(what).get<std::uint64_t>();
  return total;
}

}  // namespace

int main(int argc, char** argv) {
  const int edits = argc > 1 ? std::atoi(argv[1]) : 300;
  board_node ann("Ann", {}, testing::three_columns);
  board_node bob("Bob", {ann.endpoint()});
  board_node cleo("Cleo", {ann.endpoint()});
  const std::vector<board_node*> all{&ann, &bob, &cleo};
  bob.until([](const json& board) { return board.at("columns").size() == 3; });

  const auto column = ann.column();
  const std::string text(80, 'x');
  constexpr int notes = 1000;
  const auto empty = sum({&ann}, "board_bytes");
  const auto batches = sum({&ann}, "batch_bytes");
  std::string id;
  for (int i = 0; i < notes; ++i) {
    id = ann.ask({{"do", "create"},
                  {"column", column},
                  {"title", fmt::format("The title of a note, {}", i)},
                  {"text", text}})
             .at("id");
  }
  for (auto* each : {&bob, &cleo})
    each->until([](const json& board) { return board.at("notes").size() == notes; });
  fmt::print("{:44} {} bytes of state, {} bytes in batches ({} of them its title and text)\n", "a note",
             (sum({&ann}, "board_bytes") - empty) / notes, (sum({&ann}, "batch_bytes") - batches) / notes,
             105);

  clients(ann, bob, id, edits);
  const auto sent_before = sum(all, "sent"), batches_before = sum({&ann}, "batch_bytes");
  const auto state_before = sum({&ann}, "board_bytes");
  clients(ann, bob, id, edits);
  const auto count = static_cast<std::uint64_t>(edits);
  const auto sent = sum(all, "sent") - sent_before;
  fmt::print("{:44} {} bytes in a batch; sent by all three nodes, all told: {} bytes\n", "an edit of a title",
             (sum({&ann}, "batch_bytes") - batches_before) / count, sent / count);
  fmt::print("{:44} {} bytes of state more\n", fmt::format("{} edits", edits),
             static_cast<std::int64_t>(sum({&ann}, "board_bytes") - state_before));

  if (const auto missing = browser::missing(); missing.empty()) {
    pages(ann, bob, id, edits);
  } else {
    fmt::print("no pages were measured: there is no {}\n", missing);
  }
}
