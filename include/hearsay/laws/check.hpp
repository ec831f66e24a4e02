// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hearsay/laws/catalogue.hpp"
#include "hearsay/laws/history.hpp"
#include "hearsay/laws/law.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/options.hpp"
#include "hearsay/laws/print.hpp"
#include "hearsay/laws/report.hpp"
#include "hearsay/laws/shrink.hpp"
#include "hearsay/laws/source.hpp"

namespace hearsay::inline v0::laws {

/// Checks the laws of one type and collects what it finds; `check` is the short way to it.
template <mutable_type T>
class checker {
 public:
  checker() : laws_(catalogue<T>()) {
    report_.type = print_type<T>();
    for (const auto& law : laws_) {
      report_.laws.push_back({.law = std::string(law.name), .statement = std::string(law.statement)});
      if (law.check == nullptr) report_.laws.back().not_checked = law.lacking;
    }
  }

  const report& found() const { return report_; }

  /// Searches as the options say. Laws that an earlier search broke are not searched again.
  void search(const options& world) {
    if (!world.replay.empty()) return replay(world.replay);
    auto c = world.exhaustive ? source::replay({}) : source::random(world.seed);
    for (std::uint64_t i = 0; i < world.cases && any_open(); ++i) {
      one_history(world, c);
      if (!world.exhaustive || c.next()) continue;
      report_.exhausted = true;
      return;
    }
  }

  /// Makes one history of what `c` hands out, and checks on it every law that has not been broken yet.
  void one_history(const options& world, source& c) {
    ++report_.cases;
    c.rewind(0);
    const auto happened = attempt([&] { past_.run(world, c); });
    if (happened) {
      if (open(total)) report_.laws[total].broken = explain(world, total, {c.made(), c.marks()});
      return;
    }
    const auto end = c.made().size();
    for (std::size_t i = total + 1; i < laws_.size(); ++i) {
      if (!open(i)) continue;
      c.rewind(end);
      c.cut();
      if (broken(world, i, c, end)) report_.laws[i].broken = explain(world, i, {c.made(), c.marks()});
    }
    c.rewind(end);
  }

 private:
  static constexpr std::size_t total = 0;  // the law that a history can happen at all

  bool open(std::size_t i) const { return report_.laws[i].not_checked.empty() && !report_.laws[i].broken; }
  bool any_open() const {
    for (std::size_t i = 0; i < laws_.size(); ++i) {
      if (open(i)) return true;
    }
    return false;
  }

  /// An exception is a breach, too.
  template <class Action>
  static std::optional<breach> attempt(Action action) {
    try {
      action();
      return std::nullopt;
    } catch (const std::exception& error) {
      return breach{"nothing throws", {}, fmt::format("throws \"{}\"", error.what()), "does not throw"};
    } catch (...) {
      return breach{"nothing throws", {}, "throws what is no std::exception", "does not throw"};
    }
  }

  std::optional<breach> judge(std::size_t i, const history<T>& past, source& c) const {
    trial<T> t(past, c);
    auto thrown = attempt([&] { laws_[i].check(t); });
    return thrown ? std::move(thrown) : t.result();
  }

  /// Whether law `i` fails on the history at hand; with all operands if the search is exhaustive.
  bool broken(const options& world, std::size_t i, source& c, std::size_t end) const {
    if (judge(i, past_, c)) return true;
    if (!world.exhaustive) return false;
    for (std::uint64_t n = 1; n < world.operands; ++n) {
      if (!c.next(end)) return false;
      if (judge(i, past_, c)) return true;
    }
    c.random_tail(true);  // too many to try them all
    bool result = false;
    for (std::uint64_t n = 0; n < world.operands && !result; ++n) {
      c.rewind(end);
      c.cut();
      result = judge(i, past_, c).has_value();
    }
    c.random_tail(false);
    return result;
  }

  /// Runs a recorded history again, in a world where every recorded choice has room.
  std::optional<breach> run_again(std::size_t i, source& c) {
    static const options wide{.replicas = 64, .steps = most_operations, .elements = 1'000'000};
    auto thrown = attempt([&] { again_.run(wide, c); });
    if (thrown) return i == total ? std::move(thrown) : std::nullopt;
    return judge(i, again_, c);
  }

  counterexample explain(const options& world, std::size_t i, record found) {
    const auto cases = report_.cases;
    const auto steps = std::max<std::size_t>(found.marks.size(), 1) - 1;
    source c;
    shrinker smaller(std::move(found), world.shrink_tries,
                     [&](const choices& numbers) -> std::optional<record> {
                       c.restart(numbers);
                       if (!run_again(i, c)) return std::nullopt;
                       return record{c.made(), c.marks()};
                     });
    auto result = in_words(i, smaller.run().numbers);
    result.cases = cases;
    result.steps_found = steps;
    result.tries = smaller.tries();
    return result;
  }

  counterexample in_words(std::size_t i, choices numbers) {
    source c;
    c.wordy(true);
    c.restart(numbers);
    const auto failed = run_again(i, c);
    while (!numbers.empty() && numbers.back() == 0) numbers.pop_back();
    if (numbers.empty()) numbers.push_back(0);
    counterexample result{.law = std::string(laws_[i].name),
                          .equation = std::string(laws_[i].statement),
                          .history = again_.words(),
                          .replay = fmt::format("{}:{}", laws_[i].name, to_string(numbers)),
                          .repeatable = failed.has_value()};
    if (failed) {
      result.equation = failed->equation;
      result.where = failed->where;
      result.left = failed->left;
      result.right = failed->right;
    }
    return result;
  }

  void replay(std::string_view line) {
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    const auto numbers = parse_choices(colon == line.npos ? "" : line.substr(colon + 1));
    const auto picked = std::ranges::find(laws_, name, &law<T>::name);
    if (picked == laws_.end()) {
      throw std::invalid_argument(fmt::format("{}: no law is called {}", line, name));
    }
    for (auto& v : report_.laws) {
      if (v.law != name && v.not_checked.empty()) v.not_checked = "something else is replayed";
    }
    const auto i = static_cast<std::size_t>(picked - laws_.begin());
    if (!open(i)) return;
    ++report_.cases;
    source c;
    c.restart(numbers);
    if (run_again(i, c)) report_.laws[i].broken = in_words(i, numbers);
  }

  std::vector<law<T>> laws_;
  report report_;
  history<T> past_, again_;
};

/// Searches for a history on which a law of `T` does not hold, as the options say. Throws
/// std::invalid_argument for options that make no sense.
template <mutable_type T>
report check(const options& world) {
  checker<T> c;
  c.search(world);
  return c.found();
}

/// What HEARSAY_CHECK_LAWS does: every history of a small world, then random ones of a larger world, as many
/// as the environment asks for (see `random_world`).
template <mutable_type T>
report check() {
  const auto random = random_world();
  checker<T> c;
  if (random.replay.empty()) c.search(small_world());
  c.search(random);
  return c.found();
}

}  // namespace hearsay::inline v0::laws
