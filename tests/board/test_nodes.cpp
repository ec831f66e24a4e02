// SPDX-License-Identifier: BSL-1.0
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "nodes.hpp"
#include "tests/catch.hpp"

using testing::board_node;
using json = nlohmann::json;

namespace {

/// Three nodes with one board.
struct three {
  three() : a("Ann", {}, testing::three_columns), b("Bob", {a.endpoint()}), c("Cleo", {a.endpoint()}) {
    for (auto* each : {&a, &b, &c}) {
      each->follow([seen = 0u](const json& news) mutable {
        if (news.contains("members")) seen = static_cast<unsigned>(news.at("members").size());
        return seen == 3;
      });
    }
    for (auto* each : {&b, &c}) each->until([](const json& now) { return now.at("columns").size() == 3; });
  }
  /// All three show the same, and hold the same bytes.
  void all_equal(const std::string& expected) {
    for (auto* each : {&a, &b, &c}) {
      each->until([&](const json& now) { return now.dump() == expected; });
      CHECK(each->get("/state") == a.get("/state"));
    }
  }
  board_node a, b, c;
};

bool has_notes(const json& board, std::size_t count) { return board.at("notes").size() == count; }

}  // namespace

TEST_CASE("a note made at one node is at all, and so is what is done to it") {
  three nodes;
  const auto made = nodes.a.ask({{"do", "create"}, {"column", nodes.a.column()}, {"title", "Paint"}});
  const auto id = made.at("id").get<std::string>();
  for (auto* each : {&nodes.b, &nodes.c}) each->until([](const json& now) { return has_notes(now, 1); });
  nodes.b.ask({{"do", "write"}, {"note", id}, {"text", "Two coats"}});
  nodes.c.ask({{"do", "write"}, {"note", id}, {"title", "Paint the fence"}});
  nodes.c.ask({{"do", "tag"}, {"note", id}, {"tag", "garden"}});
  nodes.a.ask({{"do", "vote"}, {"note", id}});
  const auto all = nodes.a.until([](const json& now) {
    const auto& note = now.at("notes").at(0);
    return note.at("text") == "Two coats" && note.at("title") == "Paint the fence" && note.at("votes") == 1 &&
           note.at("tags").size() == 1;
  });
  nodes.all_equal(all.dump());
  nodes.c.ask({{"do", "untag"}, {"note", id}, {"tag", "garden"}});
  nodes.b.until([](const json& now) { return now.at("notes").at(0).at("tags").empty(); });
}

TEST_CASE("edits on two sides while one is offline merge to one board on all three") {
  three nodes;
  const auto id = nodes.a.ask({{"do", "create"}, {"column", nodes.a.column()}, {"title", "Paint"}}).at("id");
  for (auto* each : {&nodes.b, &nodes.c}) each->until([](const json& now) { return has_notes(now, 1); });
  nodes.c.ask({{"do", "online"}, {"on", false}});
  nodes.c.follow([](const json& news) { return news.value("online", true) == false; });
  nodes.c.ask({{"do", "write"}, {"note", id}, {"text", "written offline"}});
  nodes.c.ask({{"do", "create"}, {"column", nodes.c.column(1)}, {"title", "made offline"}});
  nodes.a.ask({{"do", "remove"}, {"note", id}});
  nodes.b.ask({{"do", "create"}, {"column", nodes.b.column(1)}, {"title", "made meanwhile"}});
  nodes.a.until([](const json& now) {
    return has_notes(now, 1) && now.at("notes").at(0).at("title") == "made meanwhile";
  });
  nodes.a.follow([](const json& news) { return news.contains("members") && news.at("members").size() == 2; });
  CHECK(nodes.c.board().at("notes").size() == 2);

  nodes.c.ask({{"do", "online"}, {"on", true}});
  const auto all = nodes.a.until([](const json& now) { return has_notes(now, 3); });
  nodes.all_equal(all.dump());
  CHECK(nodes.b.note(id).at("kept") == "Ann");
  CHECK(nodes.b.note(id).at("text") == "written offline");
}

TEST_CASE("people are shown with the note they are on, and vanish with their page or their node") {
  three nodes;
  const auto id = nodes.a.ask({{"do", "create"}, {"column", nodes.a.column()}, {"title", "Paint"}}).at("id");
  // What Ann's strip shows of a member.
  const auto shows = [&](const std::string& name, const json& people) {
    nodes.a.follow([&](const json& news) {
      for (const auto& each : news.value("members", json::array())) {
        if (each.at("name") == name) return each.at("people") == people;
      }
      return false;
    });
  };
  nodes.b.follow(
      [&](const json&) {
        nodes.b.ask({{"do", "here"}, {"page", "bob"}, {"name", "Bobby"}, {"note", id}});
        shows("Bob", {{{"name", "Bobby"}, {"note", id}}});
        return true;
      },
      "bob");
  shows("Bob", json::array());  // his page was closed

  nodes.c.own().send(SIGKILL);
  std::size_t left = 0;
  nodes.a.follow([&](const json& news) {
    bool cleo = !news.contains("members");
    for (const auto& each : news.value("members", json::array())) cleo = cleo || each.at("name") == "Cleo";
    left = news.value("members", json::array()).size();
    return !cleo;
  });
  CHECK(left == 2);
}

TEST_CASE("what is not trusted gets a clear answer, and the node goes on") {
  board_node node("Ann", {}, testing::three_columns);
  auto& http = node.http();
  const auto status = [](const httplib::Result& answer) { return answer ? answer->status : -1; };
  const auto why = [&](const httplib::Result& answer) {
    return json::parse(answer->body).at("error").get<std::string>();
  };
  const auto column = node.column();
  const std::string good = json{{"page", "p"}, {"do", "create"}, {"column", column}, {"title", "x"}}.dump();

  auto answer = http.Post("/act", good, "text/plain");
  CHECK(status(answer) == 415);
  CHECK(why(answer) == "Say what to do as application/json.");
  CHECK(status(http.Post("/act", "{", "application/json")) == 400);
  CHECK(status(http.Post("/act", std::string(100'000, 'x'), "application/json")) == 413);
  answer = http.Post("/act", {{"Origin", "http://evil.example"}}, good, "application/json");
  CHECK(status(answer) == 403);
  CHECK(why(answer) == "This request comes from another site.");
  answer =
      http.Post("/act", {{"Host", "evil.example:" + std::to_string(node.port())}}, good, "application/json");
  CHECK(status(answer) == 403);
  CHECK(status(http.Get("/events?page=x", {{"Sec-Fetch-Site", "cross-site"}})) == 403);
  CHECK(status(http.Get("/events")) == 400);
  CHECK(status(http.Get("/../../etc/passwd")) == 404);
  CHECK(status(http.Post(
            "/act",
            json{{"page", "p"}, {"do", "create"}, {"column", "00000000000000aa"}, {"title", "x"}}.dump(),
            "application/json")) == 404);
  CHECK(has_notes(node.board(), 0));

  const auto page = http.Get("/");
  CHECK(status(page) == 200);
  CHECK(page->get_header_value("Content-Security-Policy").find("default-src 'none'") == 0);
  CHECK(page->get_header_value("X-Content-Type-Options") == "nosniff");
  CHECK(status(http.Post("/act", {{"Origin", node.address()}}, good, "application/json")) == 200);
  CHECK(has_notes(node.board(), 1));
}

TEST_CASE("pages are bounded, and those that are closed make room") {
  board_node node("Ann", {}, {"--pages", "2"});
  const auto stream = [&](const std::string& page, const auto& meanwhile) {
    node.follow(
        [&](const json&) {
          meanwhile();
          return true;
        },
        page);
  };
  stream("one", [&] {
    stream("two", [&] {
      const auto answer = node.http().Get("/events?page=three");
      REQUIRE(answer);
      CHECK(answer->status == 503);
      CHECK(answer->body.find("close one") != std::string::npos);
    });
  });
  // The node notices within a heartbeat; until it has, it says the same.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(15);
  bool open = false;
  while (!open && std::chrono::steady_clock::now() < until) {
    node.http().Get(
        "/events?page=three", [&](const httplib::Response& answer) { return open = answer.status == 200; },
        [](const char*, std::size_t) { return false; });
  }
  CHECK(open);
}

TEST_CASE("the program says what is wrong with its arguments, and stops when it is told to") {
  board_node node("Ann");
  for (const auto& wrong : std::vector<std::vector<std::string>>{{"--http", "70000"},
                                                                 {"--http", std::to_string(node.port())},
                                                                 {"--name", ""},
                                                                 {"--listen", "tcp://example.com:1"}}) {
    std::vector<std::string> command{BOARD};
    command.insert(command.end(), wrong.begin(), wrong.end());
    CAPTURE(wrong);
    testing::process other(command);
    CHECK(other.hear() == "the end");
    CHECK(other.end() != 0);
  }
  node.own().send(SIGINT);
  CHECK(node.own().end() == 0);
}

TEST_CASE("the demo starts three nodes of one board, prints their addresses, and stops them all") {
  testing::process demo({THREE, BOARD});
  std::vector<std::unique_ptr<httplib::Client>> pages;
  for (const std::string name : {"Ann", "Bob", "Cleo"}) {
    const auto line = demo.hear();
    const auto before = name + "'s board: ";
    REQUIRE(line.starts_with(before + "http://127.0.0.1:"));
    pages.push_back(
        std::make_unique<httplib::Client>(line.substr(before.size(), line.size() - before.size() - 1)));
  }
  for (auto& each : pages) {
    const auto board = each->Get("/board");
    REQUIRE(board);
    CHECK(json::parse(board->body).at("columns").size() == 3);
  }
  demo.hear();
  demo.send(SIGINT);
  CHECK(demo.end() == 0);
  for (auto& each : pages) CHECK(!each->Get("/board"));
}
