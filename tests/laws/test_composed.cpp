// SPDX-License-Identifier: BSL-1.0
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>

#include "hearsay/laws.hpp"
#include "hearsay/laws/catch2.hpp"
#include "hearsay/laws/types/lww_register.hpp"
#include "hearsay/laws/types/max_register.hpp"
#include "tests/catch.hpp"

namespace {

using namespace hearsay;

using term = max_register<std::uint64_t>;

struct profile {
  lww_map<std::string, std::uint64_t> facts;
  or_set<std::string> tags;
  g_counter visits;
};

struct account {
  product<profile> owner;
  two_phase_set<std::uint64_t> keys;
};

/// Two fields with stamps: no model, but all other laws.
struct dated {
  lww_map<std::string, std::uint64_t> map;
  lww_register<std::string> title;
};

}  // namespace

HEARSAY_CHECK_LAWS(product<std::pair<g_counter, or_set<std::uint64_t>>>);
HEARSAY_CHECK_LAWS(product<profile>);
HEARSAY_CHECK_LAWS(product<account>);
HEARSAY_CHECK_LAWS(product<dated>);
HEARSAY_CHECK_LAWS(lexicographic<term, g_counter>);
HEARSAY_CHECK_LAWS(lexicographic<term, or_set<std::string>>);
HEARSAY_CHECK_LAWS(lexicographic<term, product<std::tuple<g_counter, two_phase_set<std::uint64_t>>>>);
HEARSAY_CHECK_LAWS(lexicographic<lww_register<std::uint64_t>, g_set<std::string>>);
HEARSAY_CHECK_LAWS(product<std::pair<lexicographic<term, or_set<std::uint64_t>>, g_counter>>);

TEST_CASE("the laws of composed types are checked by models, where there can be one") {
  STATIC_REQUIRE(laws::modelled<product<account>>);
  STATIC_REQUIRE(laws::modelled<lexicographic<term, or_set<std::string>>>);
  STATIC_REQUIRE(laws::modelled<product<std::pair<lexicographic<term, or_set<std::uint64_t>>, g_counter>>>);
  STATIC_REQUIRE_FALSE(laws::modelled<product<dated>>);
}
