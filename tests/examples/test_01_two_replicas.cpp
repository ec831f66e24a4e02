// SPDX-License-Identifier: BSL-1.0
#include "program.hpp"
#include "tests/catch.hpp"

TEST_CASE("two replicas print what they agree on") {
  testing::program example({PROGRAM});
  CHECK(example.end() == 0);
  CHECK(example.text() ==
        "visits: 7\n"
        "fruit: {apple}\n"
        "phone: {carol: 555 0199}\n"
        "fruit: {apple, banana, damson}\n"
        "The replicas are equal.\n");
}
