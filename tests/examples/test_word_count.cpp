// SPDX-License-Identifier: BSL-1.0
#include <sys/stat.h>

#include "program.hpp"
#include "tests/catch.hpp"

namespace {

using testing::folder;

struct outcome {
  int code;
  std::string text;
};

outcome run(std::vector<std::string> arguments, bool terminal = false) {
  arguments.insert(arguments.begin(), PROGRAM);
  testing::program counting(arguments, terminal);
  const int code = counting.end();
  return {code, counting.text()};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Runs over these files, and sees to it that so many words were found.
void counts(const std::vector<std::string>& files, const std::string& words, const std::string& distinct) {
  const auto [code, text] = run(files);
  INFO(text);
  CHECK(code == 0);
  CHECK(has(text, "alone counts " + words + " words"));
  CHECK(has(text, "5 of 5 agree"));
  CHECK(has(text, "words " + std::string(15 - words.size(), ' ') + words + "   as one process counts"));
  CHECK(has(text,
            "distinct " + std::string(12 - distinct.size(), ' ') + distinct + "   as one process counts"));
  CHECK(
      has(text, "places " + std::string(14 - distinct.size(), ' ') + distinct + "   as one process counts"));
  CHECK(has(text, "Everything is equal."));
}

std::string much_text() {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "w" + std::to_string(i * 7919 % 3001) + (i % 9 == 0 ? "\n" : " ");
  return text;
}

/// The children of a process.
std::vector<pid_t> children_of(pid_t parent) {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "stat");
    std::string line;
    if (!std::getline(file, line)) continue;
    pid_t id = 0, its_parent = 0;
    char state = 0;
    const auto rest = line.substr(line.rfind(')') + 1);
    if (std::sscanf(rest.c_str(), " %c %d", &state, &its_parent) != 2 || its_parent != parent) continue;
    if (std::sscanf(line.c_str(), "%d", &id) == 1) found.push_back(id);
  }
  return found;
}

}  // namespace

TEST_CASE("five nodes count what one process counts") {
  const folder here;
  const auto first = here.file("first", "The quick brown fox\njumps over the lazy dog.\n");
  const auto second = here.file("second", "Don't panic; the dog doesn't.\n");
  const auto large = here.file("large", much_text());

  SECTION("one small file") { counts({first}, "9", "8"); }
  SECTION("two files") { counts({first, second}, "14", "11"); }
  SECTION("a file twice") { counts({first, first}, "18", "8"); }
  SECTION("after --") { counts({"--", first}, "9", "8"); }
  SECTION("a larger one") { counts({first, large}, "20,009", "3,009"); }
  SECTION("many files") { counts(std::vector<std::string>(40, second), "200", "5"); }
}

TEST_CASE("any file can be counted") {
  const folder here;
  SECTION("an empty one") { counts({here.file("empty", "")}, "0", "0"); }
  SECTION("one byte") { counts({here.file("byte", "x"), here.file("empty", "")}, "1", "1"); }
  SECTION("one enormous line, with one enormous word") {
    std::string line = std::string(300'000, 'y') + ' ';
    for (int i = 0; i < 50'000; ++i) line += "z ";
    counts({here.file("line", line)}, "50,001", "2");
  }
  SECTION("what is no text") {
    std::string bytes;
    for (int i = 0; i < 4'096; ++i) bytes += static_cast<char>(i % 256);
    // Per 256 bytes the digits, the capitals, the small letters, and what is above 0x7f.
    counts({here.file("binary", bytes)}, "64", "3");
  }
  SECTION("a name with a line break") { counts({here.file("a\nb", "one two")}, "2", "2"); }
}

TEST_CASE("a terminal shows a table") {
  const folder here;
  const auto [code, text] = run({"--pace", "0", here.file("text", much_text())}, true);
  INFO(text);
  CHECK(code == 0);
  CHECK(has(text, "node     read               words  distinct    places      sent  received agree"));
  CHECK(has(text, "   5 [##########] 100%     20,000     3,001     3,001 "));
  CHECK(has(text, " 5/5"));
  CHECK(has(text, "Everything is equal."));
}

TEST_CASE("files that cannot be read are all named") {
  const folder here;
  const auto good = here.file("good", "word");
  REQUIRE(mkfifo(here.path("fifo").c_str(), 0600) == 0);
  const auto [code, text] = run({good, here.path("gone"), here.path("fifo"), here.path(".")});
  CHECK(code == 2);
  CHECK(text == "word_count: " + here.path("gone") + ": No such file or directory\n" +  //
                    "word_count: " + here.path("fifo") + ": is not a regular file\n" +  //
                    "word_count: " + here.path(".") + ": is a directory\n");
  if (geteuid() != 0) {
    REQUIRE(chmod(good.c_str(), 0) == 0);
    CHECK(run({good}).text == "word_count: " + good + ": Permission denied\n");
  }
}

TEST_CASE("wrong usage is explained") {
  CHECK(run({"--help"}).code == 0);
  CHECK(has(run({"--help"}).text, "usage: word_count"));
  for (const auto& arguments : std::vector<std::vector<std::string>>{
           {}, {"--fast", "file"}, {"--pace"}, {"--pace", "slow", "file"}, {"--pace", "-1", "file"}}) {
    const auto [code, text] = run(arguments);
    CHECK(code == 2);
    CHECK(has(text, "--help"));
  }
}

// In all of these `end` returns only when every process is gone.

TEST_CASE("a signal ends all processes") {
  const folder here;
  const auto file = here.file("text", much_text());
  const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
  const bool to_all = GENERATE(false, true);
  const std::string moment = GENERATE("Now five processes", "of 5 agree");
  CAPTURE(signal, to_all, moment);
  testing::program counting({PROGRAM, "--pace", "600", file});
  REQUIRE(counting.says(moment));
  to_all ? counting.send_all(signal) : counting.send(signal);
  CHECK(counting.end() == 128 + signal);
  CHECK(has(counting.text(), "stopped by a signal"));
}

TEST_CASE("nodes do not outlive their parent") {
  const folder here;
  testing::program counting({PROGRAM, "--pace", "600", here.file("text", much_text())});
  REQUIRE(counting.says("of 5 agree"));
  counting.send(SIGKILL);
  CHECK(counting.end() == 1000 + SIGKILL);
}

TEST_CASE("a node that dies is noticed") {
  const folder here;
  testing::program counting({PROGRAM, "--pace", "600", here.file("text", much_text())});
  REQUIRE(counting.says("of 5 agree"));
  const auto nodes = children_of(counting.id());
  REQUIRE(nodes.size() == 5);
  kill(nodes[2], SIGKILL);
  CHECK(counting.end() == 1);
  CHECK(has(counting.text(), "was killed by a signal"));
}

TEST_CASE("a node that stands still is killed in the end") {
  const folder here;
  testing::program counting({PROGRAM, "--pace", "600", here.file("text", much_text())});
  REQUIRE(counting.says("of 5 agree"));
  kill(children_of(counting.id()).at(0), SIGSTOP);
  counting.send(SIGINT);
  CHECK(counting.end() == 128 + SIGINT);
}
