// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/catch.hpp"
#include "tests/examples/program.hpp"

namespace {

using words = std::vector<std::string>;

std::string content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct outcome {
  int code;
  std::string text;
};
outcome run(words arguments, bool terminal = false) {
  arguments.insert(arguments.begin(), PROGRAM);
  testing::program one(std::move(arguments), terminal);
  const int code = one.end();
  return {code, one.text()};
}
outcome play(words arguments, const std::string& output) {
  arguments.insert(arguments.end(), {"--output", output});
  return run(std::move(arguments));
}
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const std::vector<words> small_runs{
    {"spread", "--nodes", "20"},
    {"spread", "--nodes", "15", "--mode", "push", "--fanout", "2", "--topology", "mesh", "--loss", "0.2"},
    {"spread", "--nodes", "15", "--mode", "pull", "--topology", "tree", "--retries", "1"},
    {"spread", "--nodes", "80", "--topology", "random", "--links", "5"},
    {"spread", "--nodes", "10", "--topology", "ring", "--latency", "0"},
    {"halves", "--nodes", "10"},
    {"halves", "--nodes", "15", "--topology", "tree"},
    {"majorities", "--nodes", "9"},
    {"churn", "--nodes", "10", "--loss", "0.1"},
    {"curves", "--nodes", "20", "--runs", "2"},
};

}  // namespace

TEST_CASE("every scenario ends with equal nodes, and its page is a function of the seed") {
  testing::folder folder;
  for (const words& each : small_runs) {
    const auto with_seed = [&](const char* seed) {
      words all = each;
      all.insert(all.end(), {"--seed", seed});
      return all;
    };
    const auto first = play(with_seed("7"), folder.path("a.html"));
    CAPTURE(each, first.text);
    CHECK(first.code == 0);
    CHECK(has(first.text, "all nodes are equal"));
    CHECK(play(with_seed("7"), folder.path("b.html")).code == 0);
    CHECK(content(folder.path("a.html")) == content(folder.path("b.html")));
    CHECK(play(with_seed("8"), folder.path("b.html")).code == 0);
    CHECK(content(folder.path("a.html")) != content(folder.path("b.html")));
  }
}

TEST_CASE("a page needs nothing but itself") {
  testing::folder folder;
  REQUIRE(play({"halves", "--nodes", "6"}, folder.path("page.html")).code == 0);
  auto page = content(folder.path("page.html"));
  CHECK(has(page, "default-src 'none'"));
  const std::string name_of_svg = "http://www.w3.org/2000/svg";  // a name: nothing is read from there
  const auto at = page.find(name_of_svg);
  REQUIRE(at != std::string::npos);
  page.erase(at, name_of_svg.size());
  for (const char* loads : {"://", " src=", " href=", "url(", "@import", "fetch("}) {
    CAPTURE(loads);
    CHECK_FALSE(has(page, loads));
  }
}

TEST_CASE("nothing that is said on the command line ends the data of a page") {
  testing::folder folder;
  REQUIRE(
      play({"spread", "--nodes", "5", "--title", "</script><!--<script>\"\\\n&"}, folder.path("page.html"))
          .code == 0);
  const auto page = content(folder.path("page.html"));
  CHECK(has(page, R"("title":"\u003c/script\u003e\u003c!--\u003cscript\u003e\"\\\u000a\u0026")"));
  CHECK_FALSE(has(page, "<!--"));
}

TEST_CASE("arguments that are wrong are refused, and the message says what would be right") {
  testing::folder folder;
  const auto output = folder.path("page.html");
  const std::pair<words, std::string> wrong[] = {
      {{}, "One of: spread, halves, majorities, churn, curves"},
      {{"sprawl"}, "no scenario 'sprawl'; there are: spread, halves, majorities, churn, curves"},
      {{"spread", "--nodes", "1"}, "spread takes 2 to 10000 nodes, not 1"},
      {{"halves", "--nodes", "5"}, "halves takes 6 to 1000 nodes, not 5"},
      {{"spread", "--nodes", "many"}, "--nodes"},
      {{"spread", "--mode", "sideways"}, "push_pull"},
      {{"spread", "--topology", "cube"}, "mesh"},
      {{"spread", "--topology", "full", "--nodes", "2000"}, "--topology random"},
      {{"spread", "--topology", "random", "--nodes", "10"}, "--links 20 needs more than 20 nodes"},
      {{"curves", "--topology", "random"}, "--links 20 needs more than 20 nodes"},
      {{"spread", "--loss", "1.5"}, "--loss"},
      {{"spread", "--fanout", "0"}, "--fanout"},
      {{"spread", "--frames", "-1"}, "--frames"},
      {{"spread", "--progress", "sometimes"}, "always"},
      {{"curves", "--mode", "push"}, "leave out --mode and --fanout"},
      {{"spread", "--colour", "red"}, "--colour"},
      {{"spread", "halves"}, "halves"},
  };
  for (const auto& [arguments, message] : wrong) {
    const auto refused = play(arguments, output);
    CAPTURE(arguments, refused.text);
    CHECK(refused.code == 2);
    CHECK(has(refused.text, message));
    CHECK_FALSE(std::filesystem::exists(output));
  }
}

TEST_CASE("a page that cannot be written is an error that says why") {
  testing::folder folder;
  for (const auto& path : {folder.path("none/page.html"), folder.path("")}) {
    const auto refused = play({"spread", "--nodes", "5"}, path);
    CAPTURE(path, refused.text);
    CHECK(refused.code == 1);
    CHECK(has(refused.text, "cannot write " + path + ": "));
  }
  if (std::filesystem::exists("/dev/full")) {
    const auto full = play({"spread", "--nodes", "5"}, "/dev/full");
    CHECK(full.code == 1);
    CHECK(has(full.text, "cannot write /dev/full: No space left"));
  }
}

TEST_CASE("a run that is given up says so, and still has its page") {
  testing::folder folder;
  const auto output = folder.path("page.html");
  const auto given_up = play({"spread", "--nodes", "60", "--limit", "1"}, output);
  CHECK(given_up.code == 1);
  CHECK(has(given_up.text, "NOT all nodes are equal"));
  CHECK(has(content(output), "given up: not all nodes are equal"));
}

TEST_CASE("help and the list tell all there is") {
  const auto help = run({"--help"});
  CHECK(help.code == 0);
  for (const char* option :
       {"--list", "--output", "--title", "--seed", "--nodes", "--mode", "--fanout", "--retries", "--topology",
        "--links", "--loss", "--latency", "--limit", "--runs", "--frames", "--progress", "Exit status"}) {
    CAPTURE(option);
    CHECK(has(help.text, option));
  }
  const auto list = run({"--list"});
  CHECK(list.code == 0);
  for (const char* name : {"spread", "halves", "majorities", "churn", "curves"}) CHECK(has(list.text, name));
}

TEST_CASE("progress is shown where it is wanted") {
  testing::folder folder;
  const words arguments{"spread", "--nodes", "50", "--output", folder.path("page.html")};
  const auto with = [&](const char* when) {
    auto all = arguments;
    all.insert(all.end(), {"--progress", when});
    return all;
  };
  const std::string line = ", 64 events";
  CHECK(has(run(with("always")).text, line));
  CHECK_FALSE(has(run(with("never"), true).text, line));
  CHECK_FALSE(has(run(with("auto")).text, line));
}

TEST_CASE("what is drawn is limited") {
  testing::folder folder;
  const auto frames = [&](const std::string& most) {
    REQUIRE(play({"churn", "--frames", most}, folder.path("page.html")).code == 0);
    const auto page = content(folder.path("page.html"));
    const auto from = page.find("\n\"news\":"), to = page.find('\n', page.find("\n\"others\":") + 1);
    REQUIRE(to != std::string::npos);
    return static_cast<std::size_t>(std::count(page.begin() + static_cast<std::ptrdiff_t>(from),
                                               page.begin() + static_cast<std::ptrdiff_t>(to), '[')) -
           2;
  };
  CHECK(frames("0") == 0);
  CHECK(frames("10") > 8);
  CHECK(frames("10") <= 20);
  CHECK(frames("100000") > 1000);
}

// In the theory all rounds begin together; here who hears something new begins one at once.
TEST_CASE(
    "rounds until all know are at most two more than in the theory, and at least half of them, and three and "
    "a half fewer") {
  testing::folder folder;
  const auto curves = play({"curves", "--nodes", "100", "--runs", "3"}, folder.path("page.html"));
  REQUIRE(curves.code == 0);
  std::istringstream lines(curves.text);
  std::size_t rows = 0;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    unsigned nodes = 0, fanout = 0;
    std::string mode, to;
    double median = 0, least = 0, most = 0, theory = 0;
    if (!(cells >> nodes >> mode >> fanout >> median >> least >> to >> most >> theory)) continue;
    ++rows;
    CAPTURE(line);
    CHECK(least <= median);
    CHECK(median <= most);
    CHECK(median < theory + 2);
    CHECK(median > theory / 2);
    CHECK(median > theory - 3.5);
  }
  CHECK(rows == 2 * 3 * 3);
}
