// SPDX-License-Identifier: BSL-1.0

// What stands between the lines "// [" and "// ]" is quoted in docs/laws.md; the test at the end compares the
// two.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <span>
#include <string>
#include <vector>

#include "tests/laws/shopping_cart.hpp"

// [mutate
#include "hearsay/laws.hpp"
#include "hearsay/laws/catch2.hpp"

template <>
struct hearsay::laws::mutate<my::shopping_cart> {
  static my::shopping_cart apply(my::shopping_cart& cart, replica& me, source& c) {
    const auto article = c.item<std::string>();
    const auto count = c.below(3) + 1;
    c.note("put({}, {})", article, count);  // what the report calls this step
    return cart.put(me, article, count);
  }
};
// ]

// [model
template <>
struct hearsay::laws::model<my::shopping_cart> {
  struct op {
    std::string article;
    std::uint64_t count;
  };

  // The same choices as mutate::apply draws, in the same order.
  static op draw(source& c) {
    auto article = c.item<std::string>();
    return {std::move(article), c.below(3) + 1};
  }

  // A delta carries the sum of its replica, so seeing one put of an article means seeing all earlier ones.
  static std::map<std::string, std::uint64_t> expected(std::span<const issued<op>> all,
                                                       const operation_set& seen) {
    std::map<std::string, std::uint64_t> totals;
    for (std::size_t i = 0; i < all.size(); ++i) {
      bool visible = false;
      for (std::size_t j = i; j < all.size(); ++j) {
        const bool same = all[j].replica == all[i].replica && all[j].what.article == all[i].what.article;
        visible = visible || (seen.test(j) && same);
      }
      if (visible) totals[all[i].what.article] += all[i].what.count;
    }
    return totals;
  }

  static std::map<std::string, std::uint64_t> value(const my::shopping_cart& cart) { return cart.totals(); }
};
// ]

// [check
HEARSAY_CHECK_LAWS(my::shopping_cart);
// ]

namespace {

/// The mistake that docs/laws.md makes on purpose.
struct wrong_cart : my::shopping_cart {
  wrong_cart() = default;
  explicit wrong_cart(shopping_cart cart) : shopping_cart(std::move(cart)) {}
  void merge(const wrong_cart& other) {
    for (const auto& [key, count] : other.counts) counts[key] += count;
  }
};

std::string contents(const std::filesystem::path& path) {
  std::ifstream in(path);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// What stands between "// [" and "// ]" in a file.
std::vector<std::string> quoted(const std::string& text) {
  std::vector<std::string> parts;
  const std::string opening = "\n// [", closing = "\n// ]\n";
  for (auto at = text.find(opening); at != text.npos; at = text.find(opening, at)) {
    const auto begin = text.find('\n', at + 1) + 1;
    at = text.find(closing, begin);
    parts.push_back(text.substr(begin, at + 1 - begin));
  }
  return parts;
}

}  // namespace

template <>
struct hearsay::laws::mutate<wrong_cart> {
  static wrong_cart apply(wrong_cart& cart, replica& me, source& c) {
    return wrong_cart(mutate<my::shopping_cart>::apply(cart, me, c));
  }
};

TEST_CASE("docs/laws.md quotes what compiles, and prints what is printed") {
  const auto here = std::filesystem::path(__FILE__).parent_path();
  const auto page = contents(here / "../../docs/laws.md");
  std::size_t compared = 0;
  for (const auto* file : {"shopping_cart.hpp", "test_your_own_type.cpp"}) {
    for (const auto& code : quoted(contents(here / file))) {
      CAPTURE(code);
      CHECK(page.find(code) != page.npos);
      ++compared;
    }
  }
  CHECK(compared == 4);
  const auto found = hearsay::laws::check<wrong_cart>(hearsay::laws::small_world());  // as the macro begins
  REQUIRE(found["idempotent"].broken);
  CAPTURE(found["idempotent"].broken->text());
  CHECK(page.find(found["idempotent"].broken->text()) != page.npos);
}

TEST_CASE("docs/laws.md has a section for each law") {
  const auto page = contents(std::filesystem::path(__FILE__).parent_path() / "../../docs/laws.md");
  for (const auto& law : hearsay::laws::catalogue<my::shopping_cart>()) {
    CAPTURE(law.name);
    CHECK(page.find("\n### `" + std::string(law.name) + "`") != page.npos);
  }
}
