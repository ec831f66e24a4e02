// SPDX-License-Identifier: BSL-1.0
#include <nlohmann/json.hpp>
#include <thread>

#include "board/feed.hpp"
#include "tests/catch.hpp"

using json = nlohmann::json;
using namespace std::chrono_literals;

namespace {

json next(board::feed& of, std::uint64_t& seen) {
  const auto text = of.next(seen, 0ms);
  return text ? json::parse(*text) : json();
}

}  // namespace

TEST_CASE("a page is told the pieces that changed since it last read, as they are now") {
  board::feed feed;
  feed.set("online", "true");
  feed.set_note(1, R"({"title":"a"})");
  feed.set_note(2, R"({"title":"b"})", 7);
  std::uint64_t slow = 0, quick = 0;
  const auto all = next(feed, quick);
  CHECK(all == next(feed, slow));
  CHECK(all.at("first") == true);
  CHECK(all.at("online") == true);
  CHECK(all.at("notes") ==
        json::parse(R"([{"from":0,"note":{"title":"a"}},{"from":7,"note":{"title":"b"}}])"));
  CHECK(next(feed, quick).is_null());

  for (int i = 0; i < 1000; ++i) {  // nothing queues up
    feed.set_note(1, json{{"title", i}}.dump());
    CHECK(next(feed, quick).at("notes").size() == 1);
  }
  feed.set_note(2, "", 3);
  feed.set_note(1, json{{"title", 999}}.dump());  // nothing new
  const auto later = next(feed, slow);
  CHECK(
      later ==
      json::parse(
          R"({"first":false,"notes":[{"from":0,"note":{"title":999}}],"gone":[{"from":3,"id":"0000000000000002"}]})"));
  CHECK(next(feed, slow).is_null());
}

TEST_CASE("notes that are no longer among all are gone") {
  board::feed feed;
  feed.set_note(1, "{}");
  feed.set_note(2, "{}");
  feed.set_note(3, "");  // was never here
  std::uint64_t seen = 0;
  CHECK(next(feed, seen).at("notes").size() == 2);
  feed.keep_only({2});
  const auto news = next(feed, seen);
  CHECK(news.at("notes").empty());
  CHECK(news.at("gone").at(0).at("id") == "0000000000000001");
}

TEST_CASE("who waits for news is woken by them, and by the end") {
  board::feed feed;
  std::uint64_t seen = 0;
  std::thread writer([&] { feed.set("x", "1"); });
  CHECK(feed.next(seen, 10s));
  writer.join();
  std::thread ender([&] { feed.end(); });
  CHECK(!feed.next(seen, 10s));
  ender.join();
  CHECK(feed.ended());
}
