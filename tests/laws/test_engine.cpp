// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "hearsay/laws.hpp"
#include "hearsay/laws/catch2.hpp"
#include "hearsay/laws/fuzz.hpp"
#include "tests/catch.hpp"
#include "tests/laws/toy_set.hpp"

namespace laws = hearsay::laws;
using toy::mistake;

HEARSAY_CHECK_LAWS(toy::set<>);

namespace {

/// The largest of the numbers written; it has nothing that is optional.
struct largest {
  std::uint64_t number = 0;
  void merge(const largest& other) { number = std::max(number, other.number); }
  bool operator==(const largest&) const = default;
};

/// Fails by a memory that is no part of the state.
struct moody {
  std::uint64_t number = 0;
  void merge(const moody& other) {
    static int calls = 0;
    ++calls;
    number = std::max(number, other.number) + (100 < calls && calls < 160 ? 1 : 0);
  }
  bool operator==(const moody&) const = default;
};

}  // namespace

template <>
struct laws::mutate<largest> {
  static largest apply(largest& x, replica&, source& c) {
    x.number += 1 + c.below(2);
    return x;
  }
};

template <>
struct laws::mutate<moody> {
  static moody apply(moody& x, replica&, source&) {
    ++x.number;
    return x;
  }
};

TEST_CASE("an exhaustive search tries every history, once") {
  // Every step is the end, one of two writes at one of two replicas, a delta sent to the other replica, or
  // one of two replicas' state sent to the other.
  const auto count = [](auto self, std::uint64_t steps, std::uint64_t deltas) -> std::uint64_t {
    if (steps == 0) return 1;
    auto sum = 1 + 4 * self(self, steps - 1, deltas + 1);
    if (deltas != 0) sum += (deltas + 2) * self(self, steps - 1, deltas);
    return sum;
  };
  CHECK(count(count, 1, 0) == 5);
  CHECK(count(count, 2, 0) == 1 + 4 * (1 + 4 + 1 + 2));
  for (std::size_t steps = 0; steps <= 4; ++steps) {
    CAPTURE(steps);
    const laws::options world{
        .cases = 1'000'000, .replicas = 2, .steps = steps, .exhaustive = true, .operands = 5};
    const auto found = laws::check<largest>(world);
    CHECK(found.exhausted);
    CHECK(found.cases == count(count, steps, 0));
    CHECK(found.holds());
  }
  CHECK_FALSE(laws::check<largest>({.cases = 10, .exhaustive = true}).exhausted);
}

TEST_CASE("an exhaustive search of a small world finds what random histories find") {
  const laws::options world{.cases = 100'000, .replicas = 2, .steps = 3, .elements = 1, .exhaustive = true};
  CHECK(laws::check<toy::set<>>(world).holds());
  CHECK(laws::check<toy::set<mistake::keeps_what_both_have>>(world)["associative"].broken);
  CHECK(laws::check<toy::set<mistake::compacts_over_gaps>>(world)["delta_order"].broken);
  CHECK(laws::check<toy::set<mistake::delta_forgets_observed>>(world)["delta_mutation"].broken);
  CHECK(laws::check<toy::set<mistake::news_without_deaths>>(world)["absorb"].broken);
  CHECK(laws::check<toy::set<mistake::counts_the_living>>(world)["unique_dots"].broken);
  CHECK_FALSE(laws::check<toy::set<mistake::parts_overlap>>(world)["redundancy"].broken);  // takes four steps
}

TEST_CASE("a search depends on its seed only") {
  using wrong = toy::set<mistake::keeps_what_both_have>;
  const auto text = [](std::uint64_t seed) {
    return laws::check<wrong>({.cases = 300, .seed = seed}).text();
  };
  CHECK(text(5) == text(5));
  CHECK(text(5) != text(6));
}

TEST_CASE("laws whose ingredients a type lacks are named as not checked") {
  const auto found = laws::check<largest>({.cases = 100});
  CHECK(found.holds());
  for (const auto& v : found.laws) {
    const std::vector<std::string> checked{"total", "commutative", "associative",    "idempotent", "bottom",
                                           "alias", "inflation",   "delta_mutation", "delta_order"};
    CAPTURE(v.law);
    CHECK(v.not_checked.empty() == (std::ranges::find(checked, v.law) != checked.end()));
  }
  CHECK(found.text().find("absorb          not checked: the type has no member absorb") != std::string::npos);
  CHECK_THROWS_AS(found["commutativity"], std::out_of_range);
}

TEST_CASE("a replay line runs one law on one history") {
  using wrong = toy::set<mistake::compacts_over_gaps>;
  const auto found = laws::check<wrong>({.cases = 300});
  REQUIRE(found["delta_order"].broken);
  const auto& first = *found["delta_order"].broken;
  const auto again = laws::check<wrong>({.replay = first.replay});
  CHECK(again.cases == 1);
  REQUIRE(again["delta_order"].broken);
  CHECK(again["delta_order"].broken->replay == first.replay);
  CHECK(again["delta_order"].broken->left == first.left);
  CHECK(again["delta_order"].broken->right == first.right);
  CHECK(again["associative"].not_checked == "something else is replayed");

  CHECK(laws::check<toy::set<>>({.replay = first.replay}).holds());
  CHECK(laws::check<wrong>({.replay = "delta_order:"}).holds());
  CHECK_THROWS_AS(laws::check<wrong>({.replay = "order:0.1"}), std::invalid_argument);
  CHECK_THROWS_AS(laws::check<wrong>({.replay = "delta_order:x"}), std::invalid_argument);
}

TEST_CASE("a counterexample says everything") {
  const auto found = laws::check<toy::set<mistake::removes_one_dot>>({.cases = 2000});
  REQUIRE(found["model"].broken);
  const auto& shown = *found["model"].broken;
  REQUIRE(shown.history.size() == 4);
  CHECK(shown.history[3].find("remove(a)") != std::string::npos);
  CHECK(shown.left == "{\"a\"}");
  CHECK(shown.right == "{}");
  CHECK(shown.steps_found >= 4);
  CHECK(shown.tries > 0);
  CHECK(shown.cases > 0);
  for (const auto* line : {"law      model: value of the state = what the model expects\n",
                           "\nhistory   1. r", "\nwhere    the state is that of r",
                           "\nleft     {\"a\"}\nright    {}\n", "\nreplay   HEARSAY_LAWS_REPLAY=model:"}) {
    CAPTURE(line);
    CHECK(shown.text().find(line) != std::string::npos);
  }
}

TEST_CASE("a failure that the history does not decide is reported as such") {
  const auto found = laws::check<moody>({.cases = 1000});
  CHECK_FALSE(found.holds());
  for (const auto& v : found.laws) {
    if (!v.broken) continue;
    CHECK_FALSE(v.broken->repeatable);
    CHECK(v.broken->text().find("outside the history") != std::string::npos);
  }
}

TEST_CASE("shrinking deletes spans and lowers numbers, down to what no single change improves") {
  // Fails if there is a step [1, a] with a >= 3, and later a step [1, b] with b > a; a 0 ends the run.
  const auto run = [](const laws::choices& numbers) -> std::optional<laws::record> {
    auto c = laws::source::replay(numbers);
    std::optional<std::uint64_t> low;
    bool fails = false;
    for (;;) {
      c.mark();
      if (c.below(3) == 0) break;
      const auto value = c.below(100);
      fails = fails || (low && value > *low);
      if (value >= 3 && !low) low = value;
    }
    if (!fails) return std::nullopt;
    return laws::record{c.made(), c.marks()};
  };
  const auto start = run({2, 0, 1, 50, 2, 7, 1, 90, 1, 1, 2, 60, 0});
  REQUIRE(start);
  laws::shrinker smaller(*start, 1000, run);
  CHECK(smaller.run().numbers == laws::choices{1, 3, 1, 4, 0});
  CHECK(smaller.tries() <= 1000);

  laws::shrinker hurried(*start, 3, run);
  hurried.run();
  CHECK(hurried.tries() == 3);
}

TEST_CASE("the environment asks for cases, seed, depth and replay") {
  const std::map<std::string, std::optional<std::string>> before = [] {
    std::map<std::string, std::optional<std::string>> values;
    for (const auto* name :
         {"HEARSAY_LAWS_CASES", "HEARSAY_LAWS_SEED", "HEARSAY_LAWS_REPLAY", "HEARSAY_NIGHTLY"}) {
      if (const char* const value = std::getenv(name))
        values[name] = value;
      else
        values[name] = std::nullopt;
      unsetenv(name);
    }
    return values;
  }();
  CHECK(laws::random_world().cases == laws::options{}.cases);
  CHECK(laws::random_world().seed == laws::options{}.seed);
  CHECK(laws::random_world().replay.empty());
  CHECK(laws::small_world().replicas == 2);

  setenv("HEARSAY_NIGHTLY", "1", 1);
  CHECK(laws::random_world().cases > 50 * laws::options{}.cases);
  CHECK(laws::random_world().seed != laws::random_world().seed);
  CHECK(laws::small_world().replicas == 3);
  CHECK(laws::small_world().steps == 5);
  setenv("HEARSAY_LAWS_CASES", "17", 1);
  setenv("HEARSAY_LAWS_SEED", "18446744073709551615", 1);
  setenv("HEARSAY_LAWS_REPLAY", "model:1.2", 1);
  CHECK(laws::random_world().cases == 17);
  CHECK(laws::random_world().seed == 18446744073709551615u);
  CHECK(laws::random_world().replay == "model:1.2");
  setenv("HEARSAY_LAWS_CASES", "many", 1);
  CHECK_THROWS_AS(laws::random_world(), std::invalid_argument);

  for (const auto& [name, value] : before) {
    if (value)
      setenv(name.c_str(), value->c_str(), 1);
    else
      unsetenv(name.c_str());
  }
}

TEST_CASE("a fuzzer's bytes make histories, too") {
  auto random = laws::source::random(3);
  std::vector<std::uint8_t> data;
  for (int i = 0; i < 300; ++i) {
    CHECK(laws::fuzz<toy::set<>>(data.data(), data.size()) == 0);
    data.push_back(static_cast<std::uint8_t>(random.below(256)));
  }
  laws::checker<toy::set<mistake::compacts_over_gaps>> wrong;
  for (int i = 0; i < 300; ++i) {
    for (auto& byte : data) byte = static_cast<std::uint8_t>(random.below(256));
    auto c = laws::source::bytes(std::as_bytes(std::span(data)));
    wrong.one_history({}, c);
  }
  CHECK(wrong.found()["delta_order"].broken);
}
