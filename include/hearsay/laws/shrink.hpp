// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include "hearsay/laws/source.hpp"

namespace hearsay::inline v0::laws {

/// What a source has recorded of a run.
struct record {
  choices numbers;
  std::vector<std::size_t> marks;  ///< where the steps began

  /// The order that shrinking goes down in: fewer choices first, then smaller ones.
  friend bool operator<(const record& a, const record& b) {
    return a.numbers.size() != b.numbers.size() ? a.numbers.size() < b.numbers.size() : a.numbers < b.numbers;
  }
};

/// Makes a failing sequence of choices smaller, without knowing what the choices mean: deletes steps and
/// other spans, lowers numbers, runs again, and keeps what still fails.
class shrinker {
 public:
  /// Runs a sequence; what the source recorded if that failed, else nothing.
  using trial = std::function<std::optional<record>(const choices&)>;

  shrinker(record found, std::size_t most_tries, trial fails)
      : best_(std::move(found)), most_tries_(most_tries), fails_(std::move(fails)) {}

  /// The smallest failing run that was found: no single change makes it smaller, unless the tries ran out.
  const record& run() {
    do {
      do {
        progress_ = false;
        delete_steps();
        delete_spans();
        lower_numbers();
        lower_alike();
      } while (progress_);
      delete_step_and_change();
      if (!progress_) lower_pairs();
    } while (progress_ && tries_ < most_tries_);
    return best_;
  }

  std::size_t tries() const { return tries_; }

 private:
  /// Whether the candidate, or what it came to, fails and is smaller than the best so far, which it then
  /// replaces.
  bool better(const choices& candidate) {
    if (tries_ >= most_tries_) return false;
    ++tries_;
    auto result = fails_(candidate);
    if (!result || !(*result < best_)) return false;
    best_ = std::move(*result);
    return progress_ = true;
  }

  choices without(std::size_t from, std::size_t to) const {
    auto result = best_.numbers;
    const auto begin = result.begin();
    result.erase(begin + static_cast<std::ptrdiff_t>(from), begin + static_cast<std::ptrdiff_t>(to));
    return result;
  }

  // The last mark is where "no more steps" was chosen.
  std::size_t steps() const { return best_.marks.empty() ? 0 : best_.marks.size() - 1; }
  choices without_step(std::size_t step) const { return without(best_.marks[step], best_.marks[step + 1]); }

  void delete_steps() {
    for (std::size_t left = steps(); left-- > 0;) {
      if (left < steps()) better(without_step(left));
    }
  }

  void delete_spans() {
    for (std::size_t size = 8; size > 0; --size) {
      for (std::size_t from = best_.numbers.size(); from-- > 0;) {
        if (from + size <= best_.numbers.size()) better(without(from, from + size));
      }
    }
  }

  void lower_numbers() {
    for (std::size_t i = 0; i < best_.numbers.size(); ++i) {
      const auto lower = [&](std::uint64_t to) {
        auto candidate = best_.numbers;
        candidate[i] = to;
        return better(candidate);
      };
      if (best_.numbers[i] == 0 || lower(0)) continue;
      while (i < best_.numbers.size() && best_.numbers[i] > 1 && lower(best_.numbers[i] / 2)) {
      }
      while (i < best_.numbers.size() && best_.numbers[i] > 0 && lower(best_.numbers[i] - 1)) {
      }
    }
  }

  /// The same element, or the same replica, is often named by several steps, and only all of them can be
  /// lowered. Numbers are taken to mean alike when they have the same place in steps of the same kind.
  void lower_alike() {
    for (std::size_t i = 0; i < best_.numbers.size(); ++i) {
      for (const bool to_zero : {true, false}) {
        const auto value = i < best_.numbers.size() ? best_.numbers[i] : 0;
        if (value == 0) break;
        auto candidate = best_.numbers;
        for (std::size_t j = i; j < candidate.size(); ++j) {
          if (best_.numbers[j] == value && role(j) == role(i)) candidate[j] = to_zero ? 0 : value - 1;
        }
        better(candidate);
      }
    }
  }

  /// The kind of the step and the place in it.
  std::pair<std::uint64_t, std::size_t> role(std::size_t i) const {
    const auto after = std::ranges::upper_bound(best_.marks, i);
    if (after == best_.marks.begin()) return {0, 0};
    const auto begin = *std::prev(after);
    return {best_.numbers[begin], i - begin};
  }

  /// What came by a step can often come by another way: the step goes, and one other number changes.
  void delete_step_and_change() {
    for (std::size_t step = steps(); step-- > 0;) {
      bool gone = false;
      const auto rest = without_step(step);
      for (std::size_t i = 0; i < rest.size() && !gone; ++i) {
        for (std::uint64_t value = 0; value < 8 && !gone; ++value) {
          auto candidate = rest;
          if (std::exchange(candidate[i], value) != value) gone = better(candidate);
        }
      }
      if (gone) step = steps();
    }
  }

  void lower_pairs() {
    for (std::size_t i = 0; i < best_.numbers.size(); ++i) {
      for (std::size_t j = i + 1; j < best_.numbers.size() && best_.numbers[i] != 0; ++j) {
        if (best_.numbers[j] == 0) continue;
        auto candidate = best_.numbers;
        --candidate[i];
        --candidate[j];
        better(candidate);
      }
    }
  }

  record best_;
  std::size_t most_tries_, tries_ = 0;
  trial fails_;
  bool progress_ = false;
};

}  // namespace hearsay::inline v0::laws
