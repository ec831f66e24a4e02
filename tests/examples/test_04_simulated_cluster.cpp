// SPDX-License-Identifier: BSL-1.0
#include "program.hpp"
#include "tests/catch.hpp"

TEST_CASE("the simulated shop sells no more than there is, whatever the seed, and the same each time") {
  for (const char* seed : {"1", "2", "3", "4", "5"}) {
    CAPTURE(seed);
    testing::program first({PROGRAM, seed}), second({PROGRAM, seed});
    CHECK(first.end() == 0);
    CHECK(second.end() == 0);
    CHECK(first.text() == second.text());
    CHECK(first.text().find("the branches are equal") != std::string::npos);
  }
}
