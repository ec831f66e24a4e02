// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "examples/simulate/layout.hpp"
#include "examples/simulate/theory.hpp"
#include "examples/simulate/thinned.hpp"
#include "tests/catch.hpp"

using namespace simulate;
using hearsay::gossip::mode;

TEST_CASE("a thinned row has at most so many, the first among them, and evenly spread") {
  for (const std::size_t most : {1u, 2u, 7u, 100u}) {
    for (const int count : {1, 5, 100, 1000}) {
      CAPTURE(most, count);
      thinned<int> some(most);
      for (int i = 0; i < count; ++i) some.add(i);
      const auto& items = some.items();
      REQUIRE_FALSE(items.empty());
      CHECK(items.size() <= most);
      CHECK(items.size() * 2 >= std::min(most, static_cast<std::size_t>(count)));
      CHECK(items[0] == 0);
      for (std::size_t i = 2; i < items.size(); ++i) CHECK(items[i] - items[i - 1] == items[1]);
    }
  }
  thinned<int> none(0);
  none.add(1);
  CHECK(none.items().empty());
}

TEST_CASE("the theory is that of the papers") {
  CHECK(std::abs(rounds_in_theory(mode::push, 1, 1024) - (10 + std::log(1024))) < 1e-9);
  CHECK(std::abs(rounds_in_theory(mode::push_pull, 1, 729) - (6 + std::log2(std::log(729)))) < 1e-9);
  for (const mode each : {mode::push, mode::pull, mode::push_pull}) {
    for (const unsigned fanout : {1u, 2u, 3u}) {
      CAPTURE(static_cast<int>(each), fanout);
      double before = 0;
      for (const double nodes : {10.0, 100.0, 1e3, 1e4}) {
        const auto points = spread_in_theory(each, fanout, nodes, 0);
        CHECK(points.front().first == 0);
        CHECK(std::abs(points.front().second - 1 / nodes) < 1e-12);
        CHECK(points.back().second > 1 - 0.5 / nodes);
        for (std::size_t i = 1; i < points.size(); ++i) CHECK(points[i].second > points[i - 1].second);
        // The closed form and the mean field are two views of one thing.
        CHECK(std::abs(points.back().first - rounds_in_theory(each, fanout, nodes)) < 3);
        CHECK(points.back().first > before);
        before = points.back().first;
        CHECK(spread_in_theory(each, fanout, nodes, 0.3).size() > points.size());
      }
    }
  }
}

TEST_CASE("half of the nodes stand on each side of the picture") {
  for (const char* topology : {"auto", "tree"}) {
    for (const std::size_t nodes : {6u, 15u, 24u, 31u, 1000u}) {
      settings how;
      how.topology = topology;
      how.nodes = nodes;
      const auto places = layout_of(how);
      REQUIRE(places.size() == nodes);
      std::size_t right = 0;
      for (const auto& [x, y] : places) {
        CHECK(std::hypot(x, y) < 1 + 1e-9);
        right += x >= 0 ? 1 : 0;
      }
      CAPTURE(topology, nodes, right);
      CHECK(right >= nodes * 2 / 5);
      CHECK(right <= nodes * 2 / 3);
    }
  }
}

TEST_CASE("links that cannot be are refused, and the message says what would do") {
  settings how;
  how.nodes = 2000;
  how.topology = "full";
  CHECK_THROWS_AS(links_of(how), std::invalid_argument);
  how.topology = "auto";
  CHECK(links_of(how).size() == 2000);
  how.topology = "random";
  how.nodes = 10;
  try {
    links_of(how);
    FAIL("refused nothing");
  } catch (const std::invalid_argument& error) {
    CHECK(std::string(error.what()).find("--topology full") != std::string::npos);
  }
}
