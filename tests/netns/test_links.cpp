// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <hearsay/membership/options.hpp>
#include <memory>
#include <numeric>
#include <sstream>

#include "tests/catch.hpp"
#include "tests/process/process.hpp"

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using testing::process;

namespace {

constexpr std::size_t size = 12;

bool nightly() {
  const char* const set = std::getenv("HEARSAY_NIGHTLY");
  return set && std::string_view(set) == "1";
}

milliseconds now() {
  return std::chrono::floor<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

/// Runs commands of `ip`, a line each, in the network namespace of a process. False if one fails.
bool ip(const std::string& process_id, const std::string& commands) {
  std::FILE* const shell = popen(("nsenter -t " + process_id + " -n ip -batch -").c_str(), "w");
  if (!shell) return false;
  std::fputs(commands.c_str(), shell);
  return pclose(shell) == 0;
}

std::string address(std::size_t i) { return fmt::format("10.77.0.{}", i + 1); }

/// Something a node said of a member.
struct word {
  std::size_t from = 0;
  milliseconds at{};
  std::string what;
  std::size_t whom = 0;
  std::size_t alive = 0;  // as `from` sees it
};

/// Nodes in network namespaces of their own, each with a cable to one bridge; and another bridge that leads
/// nowhere else. A namespace goes with the process that is in it, and takes its cable along.
class network {
 public:
  explicit network(std::size_t nodes) : hub_({PEER}), hub_id_(hub_.hear()) {
    std::string build;
    for (const auto* bridge : {"one", "other"}) {
      build += fmt::format("link add {0} type bridge\nlink set {0} up\n", bridge);
    }
    if (hub_id_ == "the end" || !ip(hub_id_, build)) {
      std::puts("skipped: network namespaces and bridges need root, iproute2 and nsenter");
      std::fflush(stdout);
      std::_Exit(77);
    }
    for (std::size_t i = 0; i < nodes; ++i) {
      auto& node = *nodes_.emplace_back(
          new process({PEER, fmt::format("{}", i), address(i), address(i == 0 ? 1 : 0)}));
      ids_.push_back(node.hear());
      const bool plugged =
          ip(hub_id_, fmt::format("link add port{0} type veth peer name eth0 netns {1}\n"
                                  "link set port{0} master one up\n",
                                  i, ids_[i])) &&
          ip(ids_[i],
             fmt::format("address add {}/24 dev eth0\nlink set eth0 up\nlink set lo up\n", address(i)));
      REQUIRE(plugged);
    }
    for (auto& each : nodes_) each->say("go");
    seen_.resize(nodes);
    REQUIRE(within(30s, [&] { return all_see(nodes); }));
  }

  /// From now on whatever a node sends to these fails at once.
  void block(std::size_t from, const std::vector<std::size_t>& to) {
    std::string routes;
    for (const auto each : to) routes += fmt::format("route add blackhole {}/32\n", address(each));
    REQUIRE(ip(ids_[from], routes));
  }
  /// Plugs nodes into the other bridge, or back: what is sent from there to here is lost without a word.
  void move(const std::vector<std::size_t>& which, const std::string& bridge) {
    std::string plugs;
    for (const auto each : which) plugs += fmt::format("link set port{} master {}\n", each, bridge);
    REQUIRE(ip(hub_id_, plugs));
  }

  /// Listens for that long, or until it holds; whether it does.
  bool within(
      milliseconds span, const std::function<bool()>& holds = [] { return false; }) {
    const auto end = now() + span;
    while (!holds()) {
      if (now() > end) return false;
      for (std::size_t i = 0; i < nodes_.size(); ++i) {
        for (;;) {
          const std::string line = nodes_[i]->hear(1ms);
          REQUIRE(line != "the end");
          if (line == "silence") break;
          std::istringstream parts(line);
          std::int64_t at = 0;
          word heard;
          heard.from = i;
          parts >> at >> heard.what >> heard.whom >> heard.alive;
          heard.at = milliseconds(at);
          seen_[i] = {heard.alive, heard.at};
          words.push_back(std::move(heard));
        }
      }
    }
    return true;
  }

  bool all_see(std::size_t alive) const {
    return std::ranges::all_of(seen_, [&](const auto& each) { return each.first == alive; });
  }
  /// When the last node came to see what it sees.
  milliseconds since() const {
    return std::ranges::max(seen_, {}, [](const auto& each) { return each.second; }).second;
  }
  std::string text() const {
    std::string all;
    for (const auto& [from, at, what, whom, alive] : words) {
      all += fmt::format("{} ms: {} says {} {}, and sees {}\n", (at - words.front().at).count(), from, whom,
                         what, alive);
    }
    return all;
  }

  std::vector<word> words;

 private:
  process hub_;
  std::string hub_id_;
  std::vector<std::unique_ptr<process>> nodes_;
  std::vector<std::string> ids_;
  std::vector<std::pair<std::size_t, milliseconds>> seen_;  // how many each sees alive, since when
};

std::vector<std::size_t> all_but(std::vector<std::size_t> some) {
  std::vector<std::size_t> rest;
  for (std::size_t i = 0; i < size; ++i) {
    if (std::ranges::find(some, i) == some.end()) rest.push_back(i);
  }
  return rest;
}

}  // namespace

TEST_CASE("a node that reaches one other only makes no healthy node call another one failed", "[netns]") {
  for (std::size_t seed = 1; seed <= (nightly() ? 5 : 1); ++seed) {
    std::mt19937 random(static_cast<std::mt19937::result_type>(seed));
    const std::size_t lonely = random() % size;
    const std::size_t friendly = (lonely + 1 + random() % (size - 1)) % size;
    network all(size);
    const auto others = all_but({lonely, friendly});
    all.block(lonely, others);
    for (const auto each : others) all.block(each, {lonely});
    all.words.clear();
    all.within(nightly() ? 120s : 10s);
    const auto count = [&](std::string_view what, bool of_lonely) {
      return std::ranges::count_if(all.words, [&](const word& each) {
        return each.what == what && (each.from == lonely || each.whom == lonely) == of_lonely;
      });
    };
    fmt::print("seed {}: {} reaches {} only; healthy ones called each other suspect {}, failed {} times; ",
               seed, lonely, friendly, count("suspected", false), count("died", false));
    fmt::print("where it had a part, {} and {} times\n", count("suspected", true), count("died", true));
    INFO("seed " << seed << "\n" << all.text());
    CHECK(count("died", false) == 0);
  }
}

TEST_CASE("two halves that were apart see each other within 3 s", "[netns]") {
  network all(size);
  std::vector<std::size_t> half(size / 2);
  std::iota(half.begin(), half.end(), size / 2);
  all.move(half, "other");
  const auto apart = now();
  if (nightly()) all.within(60s);
  INFO(all.text());
  REQUIRE(all.within(30s, [&] { return all.all_see(size / 2); }));
  const auto split = all.since() - apart;
  all.words.clear();
  all.move(half, "one");
  const auto healed = now();
  const bool whole = all.within(60s, [&] { return all.all_see(size); });
  const auto took = all.since() - healed;
  fmt::print("six and six: apart after {} ms, together after {} ms{}\n", split.count(), took.count(),
             whole ? "" : " not at all");
  INFO(all.text());
  CHECK(whole);
  CHECK(took <= 3s);
}

TEST_CASE("a peer whose frames cannot even be sent is suspect within two probe intervals", "[netns]") {
  for (int i = 0; i < (nightly() ? 20 : 2); ++i) {
    network all(2);
    all.words.clear();
    all.block(0, {1});
    const auto cut = now();
    const auto suspects = [&] {
      return std::ranges::find_if(all.words, [](const word& each) {
        return each.from == 0 && each.whom == 1 && each.what == "suspected";
      });
    };
    INFO(all.text());
    REQUIRE(all.within(10s, [&] { return suspects() != all.words.end(); }));
    const auto took = suspects()->at - cut;
    fmt::print("frames that cannot be sent: suspect after {} ms\n", took.count());
    const hearsay::membership::options defaults;
    // One interval until the next probe, which then takes its time; 100 ms for the machine.
    CHECK(took <= defaults.probe_interval + defaults.probe_timeout + 100ms);
  }
}
