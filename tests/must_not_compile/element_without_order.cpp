// SPDX-License-Identifier: BSL-1.0
// expect: has no total order: it needs operator<=> that returns std::strong_ordering
// Equal sets are written in one order, so their elements need one.
#include <compare>
#include <cstddef>
#include <hearsay/crdt/g_set.hpp>

struct point {
  int x = 0, y = 0;
#ifdef WITHOUT_MISTAKE
  auto operator<=>(const point&) const = default;
#else
  bool operator==(const point&) const = default;
#endif
  friend std::size_t hash_value(const point& p) { return static_cast<std::size_t>(p.x + 31 * p.y); }
};

int main() { hearsay::g_set<point> points; }
