// SPDX-License-Identifier: BSL-1.0
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "program.hpp"
#include "tests/catch.hpp"

namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The fenced block of a page whose opening fence is followed by this text.
std::string block(const std::string& page, const std::string& opening) {
  const auto begin = page.find("```" + opening);
  REQUIRE(begin != page.npos);
  const auto text = page.find('\n', begin) + 1;
  return page.substr(text, page.find("```\n", text) - text);
}

/// What the program prints if the environment asks for no other search than the usual one.
std::string printed() {
  testing::program example({"/usr/bin/env", "-u", "HEARSAY_NIGHTLY", "-u", "HEARSAY_LAWS_CASES", "-u",
                            "HEARSAY_LAWS_SEED", "-u", "HEARSAY_LAWS_REPLAY", PROGRAM});
  CHECK(example.end() == 0);
  return example.text();
}

}  // namespace

TEST_CASE("the cart merges, and the broken one is caught") {
  const auto text = printed();
  CAPTURE(text);
  const auto broken = text.find("broken_cart: ");
  REQUIRE(broken != text.npos);
  CHECK(text.find("cart: ") == 0);
  CHECK(text.find("BROKEN") > broken);
  CHECK(text.find("  inflation       holds\n") < broken);
  CHECK(text.find("  inflation       BROKEN\n", broken) != text.npos);
  CHECK(text.ends_with("\nThe cart merges, and the mistake was found.\n"));
}

TEST_CASE("docs/laws.md quotes the program, and the counterexample that it prints") {
  const auto root = std::filesystem::path(__FILE__).parent_path() / "../..";
  const auto page = contents(root / "docs/laws.md");
  CHECK(printed().find(block(page, "\ntype     broken_cart\n")) != std::string::npos);
  const auto code = block(page, "cpp\n  const auto good = ");
  CHECK(contents(root / "examples/03_your_own_type/main.cpp").find(code) != std::string::npos);
}
