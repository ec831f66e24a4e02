// SPDX-License-Identifier: BSL-1.0
#pragma once

#if defined(TEST_CASE)
// Catch2 is here already, amalgamated perhaps.
#elif __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_message.hpp>
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp>
#endif

#include "hearsay/laws/check.hpp"

namespace hearsay::inline v0::laws {

/// One section for each law, in the test case that is running.
inline void sections(const report& found) {
  INFO(found.type << ": " << found.cases << " histories"
                  << (found.exhausted ? ", all of a small world among them" : ""));
  for (const auto& v : found.laws) {
    DYNAMIC_SECTION(v.law << (v.not_checked.empty() ? "" : " (not checked: " + v.not_checked + ")")) {
      INFO(v.statement);
      if (v.broken) FAIL(v.broken->text());
      SUCCEED();
    }
  }
}

}  // namespace hearsay::inline v0::laws

/// A Catch2 test case (v2 or v3) that checks the laws of a type, with one section for each law:
///
///     HEARSAY_CHECK_LAWS(my::shopping_cart);
///
/// The search runs once, however many sections there are. See `docs/laws.md`.
#define HEARSAY_CHECK_LAWS(...)                                                         \
  TEST_CASE("laws of " #__VA_ARGS__, "[laws]") {                                        \
    static const ::hearsay::laws::report found = ::hearsay::laws::check<__VA_ARGS__>(); \
    ::hearsay::laws::sections(found);                                                   \
  }                                                                                     \
  static_assert(true)
