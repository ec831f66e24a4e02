// SPDX-License-Identifier: BSL-1.0
#include <hearsay/gossip/batch_log.hpp>

#include "tests/catch.hpp"

using namespace hearsay;
using namespace hearsay::gossip;

namespace {

bytes body_of(std::size_t size) { return bytes(size, std::byte{1}); }

std::vector<std::pair<std::uint64_t, std::uint64_t>> above(const batch_log& log, replica_id origin,
                                                           std::uint64_t known) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
  log.from(origin, known, [&](const batch_interval& each) {
    found.emplace_back(each.lo, each.hi);
    return true;
  });
  return found;
}

const batch_log::joiner never = [](const bytes&, const bytes&) { return std::nullopt; };

}  // namespace

TEST_CASE("the log gives what is above a sequence, oldest first") {
  batch_log log(1 << 20, 1 << 10);
  const replica_id origin{7};
  for (std::uint64_t i = 1; i <= 5; ++i) log.append(origin, {i, i, body_of(10)}, never);
  log.append(origin, {4, 9, body_of(10)}, never);
  CHECK(above(log, origin, 0).size() == 6);
  CHECK(above(log, origin, 3) ==
        std::vector<std::pair<std::uint64_t, std::uint64_t>>{{4, 4}, {5, 5}, {4, 9}});
  CHECK(above(log, origin, 6) == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{4, 9}});
  CHECK(above(log, origin, 9).empty());
  CHECK(above(log, replica_id{8}, 0).empty());
  CHECK(log.floor(origin) == 0);
}

TEST_CASE("the log keeps to its budget, by joining first and dropping the oldest then") {
  const replica_id origin{7};
  const batch_log::joiner smaller = [](const bytes& a, const bytes&) { return std::optional(a); };

  batch_log joined(100'000, 1 << 10);
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    joined.append(origin, {i, i, body_of(100)}, smaller);
    REQUIRE(joined.size_bytes() <= 100'000);
  }
  CHECK(joined.floor(origin) == 0);
  const auto intervals = above(joined, origin, 0);
  std::uint64_t last = 0;
  for (const auto& [lo, hi] : intervals) {
    REQUIRE(lo == last + 1);
    last = hi;
  }
  CHECK(last == 20'000);
  CHECK(intervals[intervals.size() - 2] == std::pair<std::uint64_t, std::uint64_t>{19'999, 19'999});

  batch_log dropped(100'000, 1 << 10);
  for (std::uint64_t i = 1; i <= 20'000; ++i) {
    dropped.append(origin, {i, i, body_of(100)}, never);
    REQUIRE(dropped.size_bytes() <= 100'000);
  }
  CHECK(dropped.floor(origin) > 19'000);
  CHECK(above(dropped, origin, dropped.floor(origin)).front().first == dropped.floor(origin) + 1);
  CHECK(above(dropped, origin, 0).size() == dropped.intervals());
}

TEST_CASE("a busy origin does not drive the batches of a quiet one out of the log") {
  batch_log log(100'000, 1 << 10);
  const replica_id quiet{1};
  const replica_id busy{2};
  for (std::uint64_t i = 1; i <= 10; ++i) log.append(quiet, {i, i, body_of(100)}, never);
  for (std::uint64_t i = 1; i <= 20'000; ++i) log.append(busy, {i, i, body_of(100)}, never);
  CHECK(log.floor(quiet) == 0);
  CHECK(log.floor(busy) > 19'000);
}

TEST_CASE("after a transfer the log of an origin begins above what was transferred") {
  batch_log log(100'000, 1 << 10);
  const replica_id origin{1};
  log.append(origin, {1, 3, body_of(100)}, never);
  log.skip_to(origin, 50);
  CHECK(log.floor(origin) == 50);
  CHECK(log.size_bytes() == 0);
  log.append(origin, {48, 52, body_of(100)}, never);
  CHECK(above(log, origin, 50).size() == 1);
}
