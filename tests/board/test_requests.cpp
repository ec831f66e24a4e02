// SPDX-License-Identifier: BSL-1.0
#include <random>
#include <string>

#include "board/guard.hpp"
#include "board/parse.hpp"
#include "tests/catch.hpp"

using board::read_request;
using board::refused;
using board::request;
using board::verb;

namespace {

const board::limits most;
const std::string id = "00000000000000ff";

/// The status with which it is refused; 200 if it is not.
int status_of(const std::string& text) {
  try {
    read_request(text, most);
    return 200;
  } catch (const refused& error) {
    CHECK(std::string(error.what()).size() > 10);
    return error.status;
  }
}

std::string asking(const std::string& rest) { return R"({"page":"p",)" + rest + "}"; }

}  // namespace

TEST_CASE("a request of a page is read") {
  const auto made = read_request(
      asking(R"("do":"create","column":")" + id + R"(","title":"A","text":"b\nc","colour":"red")"), most);
  CHECK(made.page == "p");
  CHECK(made.wanted.what == verb::create);
  CHECK(made.wanted.column == 0xff);
  CHECK(!made.wanted.after);
  CHECK(made.wanted.fields.at(board::field::title) == "A");
  CHECK(made.wanted.fields.at(board::field::text) == "b\nc");
  CHECK(made.wanted.fields.at(board::field::colour) == "red");
  const auto moved = read_request(
      asking(R"("do":"move","note":")" + id + R"(","column":")" + id + R"(","after":null)"), most);
  CHECK(moved.wanted.after == 0u);
  const auto column =
      read_request(asking(R"("do":"write column","column":")" + id + R"(","title":"x")"), most);
  CHECK(column.wanted.table == &board::board_fields::columns);
  CHECK(column.wanted.id == 0xff);
  CHECK(read_request(asking(R"("do":"online","on":false)"), most).online == false);
  CHECK(read_request(asking(R"("do":"here","name":"Ann","note":null)"), most).note == 0);
  CHECK(read_request(asking(R"("do":"undo")"), most).what == request::kind::undo);
}

TEST_CASE("a request that is not as it should be gets its answer") {
  CHECK(status_of("") == 400);
  CHECK(status_of("{") == 400);
  CHECK(status_of("[]") == 400);
  CHECK(status_of("{}") == 400);
  CHECK(status_of(std::string(60'000, '[')) == 400);
  CHECK(status_of("{\"page\":\"\xff\",\"do\":\"undo\"}") == 400);
  CHECK(status_of(R"({"do":"undo"})") == 400);
  CHECK(status_of(R"({"page":7,"do":"undo"})") == 400);
  CHECK(status_of(asking(R"("do":"rule the world")")) == 400);
  CHECK(status_of(asking(R"("do":"vote")")) == 400);
  CHECK(status_of(asking(R"("do":"vote","note":"x")")) == 400);
  CHECK(status_of(asking(R"("do":"vote","note":"00000000000000FG")")) == 400);
  CHECK(status_of(asking(R"("do":"vote","note":"0000000000000000")")) == 400);
  CHECK(status_of(asking(R"("do":"online","on":"yes")")) == 400);
  const auto write = [](const std::string& rest) {
    return status_of(asking(R"("do":"write","note":")" + id + R"(",)" + rest));
  };
  CHECK(write(R"("title":"fine")") == 200);
  CHECK(write(R"("title":"<script>alert(1)</script>")") == 200);  // a text like any other
  CHECK(write(R"("nothing":1)") == 400);
  CHECK(write(R"("title":["x"])") == 400);
  CHECK(write(R"("title":"a\u0000b")") == 400);
  CHECK(write(R"("title":"a\nb")") == 400);
  CHECK(write(R"("text":"a\u001bb")") == 400);
  CHECK(write(R"("colour":"<red>")") == 400);
  CHECK(write(R"("title":")" + std::string(most.title_bytes, 'x') + '"') == 200);
  CHECK(write(R"("title":")" + std::string(most.title_bytes + 1, 'x') + '"') == 413);
  CHECK(write(R"("text":")" + std::string(most.text_bytes + 1, 'x') + '"') == 413);
  CHECK(status_of(asking(R"("do":"tag","note":")" + id + R"(","tag":"  ")")) == 400);
  CHECK(status_of(asking(R"("do":"create column","title":" ")")) == 400);
  CHECK(status_of(asking(R"("do":"here","name":")" + std::string(most.name_bytes + 1, 'x') + '"')) == 413);
}

TEST_CASE("whatever is sent, it is read or refused") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::string good =
      asking(R"("do":"create","column":")" + id + R"(","after":null,"title":"A","colour":"red")");
  int refusals = 0;
  for (int i = 0; i < 20'000; ++i) {
    auto text = good;
    for (auto times = 1 + random() % 3; times != 0; --times)
      text[random() % text.size()] = static_cast<char>(random() % 256);
    refusals += status_of(text) == 200 ? 0 : 1;
  }
  CHECK(refusals > 10'000);
}

TEST_CASE("requests of other sites are refused") {
  const board::guard here({"127.0.0.1", "localhost", "[::1]"}, 8080);
  CHECK(here.fault("127.0.0.1:8080", "", "").empty());
  CHECK(here.fault("localhost:8080", "http://localhost:8080", "same-origin").empty());
  CHECK(here.fault("LOCALHOST:8080", "http://localhost:8080", "").empty());
  CHECK(here.fault("[::1]:8080", "http://[::1]:8080", "").empty());
  CHECK(here.fault("127.0.0.1:8080", "", "none").empty());  // typed in by hand
  for (const auto* host : {"", "evil.example", "evil.example:8080", "127.0.0.1", "127.0.0.1:80",
                           "127.0.0.1:8080.evil.example"}) {
    CAPTURE(host);
    CHECK(!here.fault(host, "", "").empty());
  }
  for (const auto* origin : {"null", "http://evil.example", "http://127.0.0.1:8081", "https://127.0.0.1:8080",
                             "http://localhost:8080", "http://127.0.0.1:8080.evil.example"}) {
    CAPTURE(origin);
    CHECK(!here.fault("127.0.0.1:8080", origin, "").empty());
  }
  CHECK(!here.fault("127.0.0.1:8080", "", "cross-site").empty());
  CHECK(!here.fault("127.0.0.1:8080", "", "same-site").empty());  // another port of this machine
}
