// SPDX-License-Identifier: BSL-1.0

// Each law bites: a data type that breaks it is caught, and by a history of a few steps.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/broken/caught.hpp"
#include "tests/broken/twins.hpp"
#include "tests/laws/toy_set.hpp"

using toy::mistake;

TEST_CASE("total: a mutator that throws") { caught<twin::strict_set>("total", 2); }

TEST_CASE("commutative: a register whose ties are broken by arrival") {
  caught<twin::arrival_register>("commutative", 2);
}

TEST_CASE("associative: a set that keeps what both sides have, without comparing dots") {
  caught<toy::set<mistake::keeps_what_both_have>>("associative", 3);
}

TEST_CASE("idempotent: a counter that adds what comes in") { caught<twin::adding_counter>("idempotent", 1); }

TEST_CASE("bottom: a default that is not neutral") { caught<twin::everybody>("bottom", 1); }

TEST_CASE("alias: a merge that empties itself before it reads the other") {
  caught<toy::set<mistake::moves_before_reading>>("alias", 1);
}

TEST_CASE("inflation: a counter up and down, merged by the larger total") {
  caught<twin::larger_total>("inflation", 1);
}

TEST_CASE("delta_mutation: a delta that is the increment and not the sum") {
  caught<twin::increment_as_delta>("delta_mutation", 2);
}

TEST_CASE("delta_mutation: a delta without the dots that were observed") {
  caught<toy::set<mistake::delta_forgets_observed>>("delta_mutation", 2);
}

TEST_CASE("delta_order: a context compacted over gaps") {
  caught<toy::set<mistake::compacts_over_gaps>>("delta_order", 2);
}

TEST_CASE("absorb: news that lack what went") { caught<toy::set<mistake::news_without_deaths>>("absorb", 2); }

TEST_CASE("news: an absorb that returns the whole delta") {
  caught<toy::set<mistake::news_is_the_delta>>("news", 1);
}

TEST_CASE("parts: parts without the dots whose items are gone") {
  caught<toy::set<mistake::parts_of_the_living>>("parts", 2);
}

TEST_CASE("parts: a walk that does not end") { caught<toy::set<mistake::parts_without_end>>("parts", 0); }

TEST_CASE("redundancy: parts that overlap") { caught<toy::set<mistake::parts_overlap>>("redundancy", 4); }

TEST_CASE("canonical_bytes: an encoding that depends on history") {
  caught<twin::unsorted_set>("canonical_bytes", 2);
}

TEST_CASE("round_trip: an encoding without the context") {
  caught<toy::set<mistake::saves_no_context>>("round_trip", 2);
}

TEST_CASE("strict_prefix: a reader content with what there is") {
  caught<toy::set<mistake::loads_what_there_is>>("strict_prefix", 0);
}

TEST_CASE("unique_dots: a counter that is the number of elements") {
  caught<toy::set<mistake::counts_the_living>>("unique_dots", 3);
}

TEST_CASE("model: a remove that leaves one of two concurrent adds") {
  caught<toy::set<mistake::removes_one_dot>>("model", 4);
}

TEST_CASE("there is a twin for every law") {
  std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "test_twins.cpp");
  const std::string text(std::istreambuf_iterator<char>(in), {});
  for (const auto& law : hearsay::laws::catalogue<toy::set<>>()) {
    CAPTURE(law.name);
    CHECK(text.find(">(\"" + std::string(law.name) + "\", ") != text.npos);
  }
}
