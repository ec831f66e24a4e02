// SPDX-License-Identifier: BSL-1.0
#include <stdexcept>

#include "tests/catch.hpp"
#include "tests/unit/node/node_test.hpp"

using namespace testing;

namespace {

/// The largest number seen. What is named in `trouble` throws, which no such type should.
struct fragile {
  static constexpr std::string_view crdt_name = "fragile";
  inline static std::atomic<const char*> trouble = "";
  static void maybe_throw(std::string_view where) {
    if (where == trouble.load()) throw std::runtime_error("trouble in " + std::string(where));
  }

  std::uint64_t most = 0;
  bool operator==(const fragile&) const = default;

  fragile raise(std::uint64_t to) {
    if (to <= most) return {};
    most = to;
    return *this;
  }
  void merge(const fragile& other) {
    maybe_throw("merge");
    most = std::max(most, other.most);
  }
  template <class Archive>
  void save(Archive& archive) const {
    maybe_throw("save");
    archive(most);
  }
  template <class Archive>
  void load(Archive& archive) {
    archive(most);
  }
};

auto raise_to(std::uint64_t to) {
  return [to](fragile& state, hearsay::replica&) { return state.raise(to); };
}

struct trouble_in {
  explicit trouble_in(const char* where) { fragile::trouble = where; }
  ~trouble_in() { fragile::trouble = ""; }
};

}  // namespace

TEST_CASE("a type that throws while it is merged is counted, and tried again", "[failure]") {
  log_book log;
  auto options = quick();
  options.log = log.sink();
  hearsay::node here(options);
  hearsay::node there(quick({here.endpoint()}));
  auto mine = here.open<fragile>("f");
  auto theirs = there.open<fragile>("f");
  {
    trouble_in merge("merge");
    theirs.update(raise_to(5));
    CHECK(here.wait_for(deadline, [&] { return here.stats().transport.failed > 0; }));
  }
  CHECK(here.wait_for(deadline, [&] { return mine.value().most == 5; }));
  CHECK_FALSE(here.error());
  INFO(log.text());
  CHECK(log.count("was not merged: trouble in merge") == 1);
}

TEST_CASE("a type that throws while it is sent stops the node, which says so", "[failure]") {
  log_book log;
  auto options = quick();
  options.log = log.sink();
  hearsay::node here(options);
  auto mine = here.open<fragile>("f");
  trouble_in save("save");
  mine.update(raise_to(5));
  CHECK_FALSE(here.wait_for(deadline, [] { return false; }));  // ends when the node does
  REQUIRE(here.error());
  CHECK_THROWS_AS(std::rethrow_exception(here.error()), std::runtime_error);
  INFO(log.text());
  CHECK(log.count("the node has stopped: trouble in save") == 1);

  // As after stop.
  mine.update(raise_to(6));
  CHECK(mine.value().most == 6);
  CHECK(here.open<fragile>("f").value().most == 6);
  CHECK(here.stats().objects == 1);
  here.stop();
  CHECK(here.error());
}

TEST_CASE("a log that throws harms nothing", "[failure]") {
  auto options = quick({"tcp://127.0.0.1:1"});
  options.log = [](std::string_view) { throw std::runtime_error("no room"); };
  options.on_event = [](const hearsay::gossip::event&) { throw 42; };
  hearsay::node here(options);
  hearsay::node there(quick({here.endpoint()}));
  auto mine = here.open<hearsay::g_counter>("n");
  there.open<hearsay::g_counter>("n").update(plus(1));
  CHECK(here.wait_for(deadline, [&] { return mine.value() == 1; }));
  CHECK_FALSE(here.error());
}

TEST_CASE("a clock of one's own", "[failure]") {
  auto options = quick();
  options.time = [] { return std::uint64_t{1'000}; };
  hearsay::node here(options);
  std::uint64_t written = 0;
  auto mine = here.open<hearsay::g_counter>("n");
  mine.update([&](auto& counter, auto& me) {
    written = me.time().now().milliseconds();
    return counter.increment(me);
  });
  CHECK(written == 1'000);
}
