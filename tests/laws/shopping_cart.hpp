// SPDX-License-Identifier: BSL-1.0
#pragma once

// What stands between the lines "// [" and "// ]" is quoted in docs/laws.md; a test compares the two.

// [type
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <utility>

#include "hearsay/crdt/replica.hpp"

namespace my {

/// How many of which article: for each article and replica, how many that replica has put in.
struct shopping_cart {
  std::map<std::pair<std::string, hearsay::replica_id>, std::uint64_t> counts;

  shopping_cart put(hearsay::replica& me, const std::string& article, std::uint64_t count) {
    counts[{article, me.id()}] += count;
    return {{{{article, me.id()}, counts[{article, me.id()}]}}};  // the delta
  }

  void merge(const shopping_cart& other) {
    for (const auto& [key, count] : other.counts) counts[key] = std::max(counts[key], count);
  }

  std::map<std::string, std::uint64_t> totals() const {
    std::map<std::string, std::uint64_t> sums;
    for (const auto& [key, count] : counts) sums[key.first] += count;
    return sums;
  }

  bool operator==(const shopping_cart&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(counts);
  }
};

inline std::ostream& operator<<(std::ostream& out, const shopping_cart& cart) {
  return out << fmt::format("{}", cart.totals());
}

}  // namespace my
// ]
