// SPDX-License-Identifier: BSL-1.0
// The checks of a cluster, checked: each promise is broken on purpose, and told.
#include <chrono>
#include <cstdlib>
#include <functional>
#include <hearsay/crdt.hpp>
#include <hearsay/sim.hpp>
#include <set>
#include <string>

#include "tests/catch.hpp"

using namespace hearsay;
using namespace std::chrono_literals;
using sim::cluster;

namespace {

using names = or_set<std::uint64_t>;

void add(cluster& all, std::size_t i, std::uint64_t element) {
  all[i].update(
      all[i].open<names>("names"), [&](auto& s, auto& me) { return s.add(me, element); }, all.now());
}

gossip::options greets(const std::string& seed) {
  gossip::options options;
  options.seeds = {seed};
  return options;
}

/// What is said of a cluster of four in which `harm` is done before a last update; empty: nothing.
std::string said(const std::function<void(cluster&)>& harm) {
  cluster all(1);
  sim::invariants watched(all);
  all.add(sim::full(4));
  for (std::size_t i = 0; i < 4; ++i) add(all, i, i);
  all.run_for(5s);
  REQUIRE(all.equal());
  REQUIRE(watched.checked().batches == 4);
  REQUIRE(watched.checked().holdings >= 12);
  REQUIRE(watched.checked().equals >= 3);
  harm(all);
  add(all, 0, 17);
  try {
    all.run_for(5s);
  } catch (const sim::violation& told) {
    return told.what();
  }
  return {};
}

bool contains(const std::string& text, const std::string& part) {
  CAPTURE(text);
  return text.find(part) != std::string::npos;
}

/// Forgets what is divisible by 17.
struct forgetful {
  static constexpr std::string_view crdt_name = "forgetful";
  std::set<std::uint64_t> elements;

  forgetful add(std::uint64_t element) {
    elements.insert(element);
    return {{element}};
  }
  void merge(const forgetful& other) {
    for (const auto each : other.elements) {
      if (each % 17 != 0) elements.insert(each);
    }
  }
  bool operator==(const forgetful&) const = default;
  template <class Archive>
  void serialize(Archive& archive) {
    archive(elements);
  }
};

}  // namespace

TEST_CASE("a cluster that does nothing wrong is told nothing") {
  CHECK(said([](cluster&) {}) == "");
  CHECK(said([](cluster& all) { all.restart(2, greets("n0")); }) == "");
  CHECK(said([](cluster& all) {
          all.crash(2);
          all.run_for(1s);
          all.restart_with_memory(2, greets("n0"));
        }) == "");
}

TEST_CASE("a state behind its vector is told, with the batch that it lacks") {
  const auto text = said([](cluster& all) {
    all[2].open<names>("names")->on_change(
        [](const names& now, const names&) { const_cast<names&>(now) = names(); });
  });
  CHECK(contains(text, "n2 of 4 at "));
  CHECK(contains(text, "a delta of 'names' is not part of it"));
}

TEST_CASE("equal vectors with unequal states are told") {
  const auto text = said([](cluster& all) {
    for (std::size_t i = 0; i < 4; ++i) all[i].open<forgetful>("odd");
    all[1].update(
        all[1].open<forgetful>("odd"), [](auto& s, auto&) { return s.add(34); }, all.now());
  });
  CHECK(contains(text, "its states are not"));
}

TEST_CASE("a vector that falls is told") {
  CHECK(contains(said([](cluster& all) {
                   const_cast<gossip::version_vector&>(all[3].versions()) = gossip::version_vector();
                 }),
                 "its version vector has lost an origin"));
  CHECK(contains(said([](cluster& all) {
                   for (std::uint64_t i = 100; i < 103; ++i) {
                     add(all, 3, i);
                     all.run_for(1s);
                   }
                   auto& versions = const_cast<gossip::version_vector&>(all[3].versions());
                   gossip::version_vector lower;
                   for (const auto& each : versions.entries()) lower.raise(each.origin, 1);
                   versions = lower;
                 }),
                 "fell from 4 to 1"));
}

TEST_CASE("a buffer above its limit is told, with the name of the option") {
  CHECK(contains(said([](cluster& all) { const_cast<gossip::options&>(all[1].options()).log_bytes = 10; }),
                 "log_bytes: "));
}

TEST_CASE("seeds: few by day, many by night, or the one to replay") {
  const char* const before = std::getenv("HEARSAY_NIGHTLY");
  const std::string night = before == nullptr ? "" : before;
  ::unsetenv("HEARSAY_NIGHTLY");
  ::unsetenv("HEARSAY_SEED");
  CHECK(sim::seeds(3, 5) == std::vector<std::uint64_t>{1, 2, 3});
  ::setenv("HEARSAY_NIGHTLY", "1", 1);
  CHECK(sim::seeds(3, 5).size() == 5);
  ::setenv("HEARSAY_SEED", "77", 1);
  CHECK(sim::seeds(3, 5) == std::vector<std::uint64_t>{77});
  ::setenv("HEARSAY_SEED", "7x", 1);
  CHECK_THROWS_AS(sim::seeds(3, 5), std::invalid_argument);
  ::unsetenv("HEARSAY_SEED");
  ::unsetenv("HEARSAY_NIGHTLY");
  if (!night.empty()) ::setenv("HEARSAY_NIGHTLY", night.c_str(), 1);
  CHECK(contains(sim::replay(42), "HEARSAY_SEED=42 "));
}
