// SPDX-License-Identifier: BSL-1.0
#include <hearsay/sim/topology.hpp>
#include <set>
#include <stdexcept>

#include "tests/catch.hpp"

using namespace hearsay;

namespace {

// Every link goes both ways, nobody is its own neighbour, and everybody can be reached.
void check_links(const sim::topology& all) {
  for (std::size_t i = 0; i < all.size(); ++i) {
    for (const std::size_t each : all[i]) {
      CHECK(each != i);
      CHECK(std::ranges::count(all[each], i) == 1);
    }
  }
  std::set<std::size_t> reached{0};
  std::vector<std::size_t> next{0};
  while (!next.empty()) {
    const std::size_t i = next.back();
    next.pop_back();
    for (const std::size_t each : all[i]) {
      if (reached.insert(each).second) next.push_back(each);
    }
  }
  CHECK(reached.size() == all.size());
}

std::size_t links(const sim::topology& all) {
  std::size_t ends = 0;
  for (const auto& neighbours : all) ends += neighbours.size();
  return ends / 2;
}

}  // namespace

TEST_CASE("topologies have the links they should have") {
  for (const std::size_t n : {3u, 5u, 15u, 64u}) {
    CAPTURE(n);
    check_links(sim::full(n));
    CHECK(links(sim::full(n)) == n * (n - 1) / 2);
    check_links(sim::ring(n));
    CHECK(links(sim::ring(n)) == n);
    check_links(sim::tree(n));
    CHECK(links(sim::tree(n, 3)) == n - 1);
    check_links(sim::random_links(n, 2, n));
    for (const auto& neighbours : sim::random_links(n, n / 2, 7)) CHECK(neighbours.size() >= n / 2);
  }
  check_links(sim::circulant(15, {1, 4}));
  CHECK(links(sim::circulant(15, {1, 4})) == 30);
  CHECK(sim::circulant(15, {1, 4})[0] == std::vector<std::size_t>{1, 4, 11, 14});
  CHECK(sim::random_links(20, 4, 1) == sim::random_links(20, 4, 1));
  CHECK(sim::random_links(20, 4, 1) != sim::random_links(20, 4, 2));
  CHECK_THROWS_AS(sim::random_links(4, 4, 1), std::invalid_argument);
  CHECK_THROWS_AS(sim::tree(4, 0), std::invalid_argument);
}
