// SPDX-License-Identifier: BSL-1.0
#include "examples/hearsay/output.hpp"
#include "tests/catch.hpp"

namespace {

using program::table;
using program::visible;

TEST_CASE("text from elsewhere cannot steer a terminal") {
  CHECK(visible("plain, caf\xc3\xa9") == "plain, caf\xc3\xa9");
  CHECK(visible("a\nb\tc\\d") == "a\\nb\\tc\\\\d");
  CHECK(visible("\x1b[31m\x7f") == "\\x1b[31m\\x7f");
  CHECK(visible("\xc2\x9b") == "\\u{9b}");              // CSI in one byte
  CHECK(visible("\xe2\x80\xae") == "\\u{202e}");        // from right to left
  CHECK(visible("\xff\xc3") == "\\xff\\xc3");           // no UTF-8, and the start of some
  CHECK(visible("\xc0\x9b") == "\\xc0\\x9b");           // overlong
  CHECK(visible("\xe0\x80\x9b") == "\\xe0\\x80\\x9b");  // overlong
  CHECK(visible("\xed\xa0\x80") == "\\xed\\xa0\\x80");  // half a pair
  CHECK(visible("\xf4\x90\x80\x80") == "\\xf4\\x90\\x80\\x80");
  CHECK(visible("\xf0\x9f\x90\x9d") == "\xf0\x9f\x90\x9d");
  CHECK(visible(std::string_view("\0", 1)) == "\\x00");
}

TEST_CASE("columns are as wide as what is shown in them") {
  CHECK(table({{"NAME", "TAGS"}, {"caf\xc3\xa9 7", "a"}, {"x\ny", ""}}) ==
        "NAME    TAGS\n"
        "caf\xc3\xa9 7  a\n"
        "x\\ny\n");
}

}  // namespace
