// SPDX-License-Identifier: BSL-1.0
#include <map>
#include <random>

#include "examples/word_count/words.hpp"
#include "program.hpp"
#include "tests/catch.hpp"

namespace {

using word_count::occurrence;
using words = std::vector<std::pair<std::string, std::uint64_t>>;  // and their lines

words read(const word_count::share& work) {
  words all;
  occurrence found;
  for (word_count::word_reader reader(work); reader.next(found);)
    all.emplace_back(found.word, found.where.line);
  return all;
}

words words_of(const std::string& text) {
  const testing::folder here;
  return read({{here.file("text", text), 0, text.size()}});
}

// The same by another way: marks first which bytes belong to words.
words expected(const std::string& text) {
  const auto plain = [&](std::size_t at) {
    return at < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || (text[at] & 0x80) != 0);
  };
  words all;
  std::uint64_t line = 1;
  bool inside = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool apostrophe = text[at] == '\'' && at > 0 && plain(at - 1) && plain(at + 1);
    if (!plain(at) && !apostrophe) {
      inside = false;
      line += text[at] == '\n' ? 1 : 0;
      continue;
    }
    if (!inside) all.emplace_back("", line);
    inside = true;
    const char c = text[at];
    all.back().first += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  }
  for (auto& [word, where] : all) word.resize(std::min(word.size(), word_count::word_reader::longest));
  return all;
}

}  // namespace

TEST_CASE("what a word is") {
  CHECK(words_of("").empty());
  CHECK(words_of(" \n.,\t").empty());
  CHECK(words_of("The the THE") == words{{"the", 1}, {"the", 1}, {"the", 1}});
  CHECK(words_of("Don't\n'quote' a''b rock 'n' roll'") ==
        words{{"don't", 1}, {"quote", 2}, {"a", 2}, {"b", 2}, {"rock", 2}, {"n", 2}, {"roll", 2}});
  CHECK(words_of("3com\n\nna\xc3\xafve x_y") == words{{"3com", 1}, {"na\xc3\xafve", 3}, {"x", 3}, {"y", 3}});
  CHECK(words_of(std::string("a\0b\nc", 5)) == words{{"a", 1}, {"b", 1}, {"c", 2}});
}

TEST_CASE("of a long word the beginning counts") {
  CHECK(words_of(std::string(256, 'x') + " end") == words{{std::string(256, 'x'), 1}, {"end", 1}});
  CHECK(words_of(std::string(100'000, 'x') + "\nend") == words{{std::string(256, 'x'), 1}, {"end", 2}});
}

TEST_CASE("the shares hold every word once") {
  const auto seed = std::random_device()();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::string alphabet = std::string("aB9'' \n\n.\0", 10) + "\xc3\xa9\xff";
  const testing::folder here;
  for (int run = 0; run < 200; ++run) {
    words all;
    std::vector<std::string> files;
    std::uint64_t bytes = 0;
    for (auto left = random() % 4; left > 0; --left) {
      std::string text(random() % (run % 2 == 0 ? 8 : 80), ' ');
      for (auto& c : text) c = alphabet[random() % alphabet.size()];
      files.push_back(here.file(std::to_string(left), text));
      bytes += text.size();
      const auto more = expected(text);
      all.insert(all.end(), more.begin(), more.end());
    }

    words together;
    for (const auto& work : word_count::divide(files)) {
      CHECK(word_count::bytes_in(work) <= bytes / word_count::nodes + 1);
      const auto more = read(work);
      together.insert(together.end(), more.begin(), more.end());
    }
    REQUIRE(together == all);
  }
}

TEST_CASE("a reader says how far it is") {
  const testing::folder here;
  const auto file = here.file("text", "one two three");
  word_count::word_reader reader({{file, 4, 9}, {file, 0, 3}});
  occurrence found;
  CHECK(reader.bytes_read() == 0);
  REQUIRE(reader.next(found));
  CHECK(found.word == "two");
  CHECK(reader.bytes_read() == 3);
  REQUIRE(reader.next(found));
  CHECK(found.word == "three");
  CHECK(reader.bytes_read() == 5);
  REQUIRE(reader.next(found));
  CHECK(found.word == "one");
  CHECK(!reader.next(found));
  CHECK(reader.bytes_read() == 8);
}

TEST_CASE("a count alone knows the last place in each share") {
  const testing::folder here;
  const auto first = here.file("first", "a a\nb a");  // 7 bytes
  const auto second = here.file("second", "a\nb\nb");
  const auto shares = std::array<word_count::share, word_count::nodes>{
      {{{first, 0, 7}}, {}, {{second, 0, 1}}, {{second, 1, 5}}, {}}};
  const auto count = word_count::count_alone(shares);
  CHECK(count.words == 7);
  REQUIRE(count.last.size() == 2);
  const word_count::place nowhere;
  CHECK(count.last.at("a") ==
        std::array<word_count::place, 5>{{{first, 2}, nowhere, {second, 1}, nowhere, nowhere}});
  CHECK(count.last.at("b") ==
        std::array<word_count::place, 5>{{{first, 2}, nowhere, nowhere, {second, 3}, nowhere}});
}

TEST_CASE("a file that is not there is named") {
  const testing::folder here;
  word_count::word_reader reader({{here.path("gone"), 0, 10}});
  occurrence found;
  CHECK_THROWS_WITH(reader.next(found), here.path("gone") + ": No such file or directory");
}
