// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hearsay::inline v0::laws {

/// The decisions that led to one history, in the order in which they were drawn. The same numbers give the
/// same history again; numbers that are missing count as 0.
using choices = std::vector<std::uint64_t>;

/// Prints choices as "3.0.1.4".
inline std::string to_string(const choices& numbers) { return fmt::format("{}", fmt::join(numbers, ".")); }

/// Reads what `to_string` prints. Throws std::invalid_argument for anything else.
inline choices parse_choices(std::string_view text) {
  choices numbers;
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at != end) {
    const auto [after, error] = std::from_chars(at, end, numbers.emplace_back());
    const bool more = after != end && *after == '.' && after + 1 != end;
    if (error != std::errc{} || (after != end && !more)) {
      throw std::invalid_argument(fmt::format("\"{}\" is no sequence of numbers like 3.0.1.4", text));
    }
    at = more ? after + 1 : after;
  }
  return numbers;
}

template <class T>
struct alphabet;

/// Hands out bounded choices, and records them.
///
/// Everything random about a history comes from one source. So one generator, written once, serves every kind
/// of search:
/// - `random(seed)`: a seeded generator,
/// - `replay(choices)`: a recorded sequence, then zeros,
/// - `replay({})` and `next()` after each run: every sequence there is, as an odometer turns (the idea of
///   TigerBeetle's exhaustigen),
/// - `bytes(data)`: what a coverage-guided fuzzer such as libFuzzer mutates, then zeros.
///
/// A smaller number should mean something simpler, and 0 the simplest or "no more": shrinking deletes and
/// lowers numbers (MacIver and Donaldson, "Test-Case Reduction via Test-Case Generation", ECOOP 2020).
class source {
 public:
  static source random(std::uint64_t seed) {
    source result;
    result.tail_ = tail::random;
    result.seed_ = seed;
    return result;
  }
  static source replay(choices script) {
    source result;
    result.script_ = std::move(script);
    return result;
  }
  /// The bytes must outlive the source.
  static source bytes(std::span<const std::byte> data) {
    source result;
    result.tail_ = tail::bytes;
    result.data_ = data;
    return result;
  }

  /// One of 0 … bound − 1. Throws std::invalid_argument if bound is 0. O(1).
  std::uint64_t below(std::uint64_t bound) {
    if (bound == 0) throw std::invalid_argument("hearsay::laws::source::below(0)");
    return record(scripted() ? std::min(script_[made_.size()], bound - 1) : draw(bound), bound);
  }

  bool flip() { return below(2) != 0; }

  /// An index into `weights`. Random choices come up in proportion to the weights; for the other backings the
  /// weights mean nothing. Throws std::invalid_argument if there is none above 0.
  std::size_t weighted(std::span<const std::uint64_t> weights) {
    if (scripted() || tail_ != tail::random || weights.size() < 2) return below(weights.size());
    std::uint64_t total = 0;
    for (const auto weight : weights) total += weight;
    if (total == 0) throw std::invalid_argument("hearsay::laws::source::weighted without a weight");
    auto ticket = draw(total);
    std::size_t index = 0;
    while (ticket >= weights[index]) ticket -= weights[index++];
    return record(index, weights.size());
  }

  /// A value from a small alphabet (see `alphabet`): few enough values that different replicas often pick the
  /// same one.
  template <class T>
  T item() {
    return alphabet<T>::draw(*this);
  }

  /// One of the elements of `range`, as in `one_of(std::array{1, 2, 3})` or
  /// `one_of(std::string_view("abc"))`.
  template <class Range>
  auto one_of(const Range& range) {
    return *std::next(std::begin(range), static_cast<std::ptrdiff_t>(below(std::size(range))));
  }

  /// How many different values `item` may give; set by `options::elements`.
  std::uint64_t elements() const { return elements_; }
  void elements(std::uint64_t count) { elements_ = std::max<std::uint64_t>(count, 1); }

  /// Puts the step that is being made into words, for the report: `note("add({})", item)`. Costs nothing
  /// unless a report is being written.
  template <class... Args>
  void note(fmt::format_string<Args...> text, Args&&... args) {
    if (wordy_) fmt::format_to(std::back_inserter(words_), text, std::forward<Args>(args)...);
  }
  bool wordy() const { return wordy_; }
  void wordy(bool on) { wordy_ = on; }
  /// What was noted since the last call.
  std::string words() { return std::exchange(words_, {}); }

  /// @name For engines that run a generator again and again
  /// @{

  /// All choices since the start of the run.
  const choices& made() const { return made_; }
  /// Where the steps of the run began, as indices into `made()`; shrinking tries to delete whole steps first.
  const std::vector<std::size_t>& marks() const { return marks_; }
  void mark() { marks_.push_back(made_.size()); }

  /// Goes back to where `made()` had `size` choices. `rewind(0)` starts a new run: the script from its
  /// beginning, the next random numbers, or zeros.
  void rewind(std::size_t size) {
    made_.resize(std::min(made_.size(), size));
    bounds_.resize(made_.size());
    while (!marks_.empty() && marks_.back() > size) marks_.pop_back();
    if (size == 0) marks_.clear();
  }

  /// Turns to the next sequence with the same first `from` choices and goes back to there; false, and the
  /// script ends there, when the last was reached. A generator must draw the same choices after the same
  /// choices.
  bool next(std::size_t from = 0) {
    std::size_t size = made_.size();
    while (size > from && made_[size - 1] + 1 >= bounds_[size - 1]) --size;
    const bool found = size > from;
    script_.assign(made_.begin(), made_.begin() + static_cast<std::ptrdiff_t>(found ? size : from));
    if (found) ++script_.back();
    rewind(from);
    return found;
  }

  /// Forgets the script beyond where the run stands.
  void cut() { script_.resize(std::min(script_.size(), made_.size())); }

  /// From here on numbers that are missing from the script are drawn at random, or are zeros again.
  void random_tail(bool on) { tail_ = on ? tail::random : tail::zeros; }

  /// Starts a run with another script; keeps the memory that the source has.
  void restart(std::span<const std::uint64_t> script) {
    script_.assign(script.begin(), script.end());
    rewind(0);
  }
  /// @}

 private:
  enum class tail { zeros, random, bytes };

  bool scripted() const { return made_.size() < script_.size(); }

  std::uint64_t record(std::uint64_t value, std::uint64_t bound) {
    made_.push_back(value);
    bounds_.push_back(bound);
    return value;
  }

  std::uint64_t draw(std::uint64_t bound) {
    if (bound == 1 || tail_ == tail::zeros) return 0;
    if (tail_ == tail::random) {
      const auto number = splitmix();
      return bound <= 0xffff'ffff ? ((number >> 32) * bound) >> 32 : number % bound;
    }
    std::uint64_t number = 0;
    for (std::uint64_t rest = bound - 1; rest != 0; rest >>= 8) {
      number = number << 8 | (data_.empty() ? 0 : std::to_integer<std::uint64_t>(data_.front()));
      if (!data_.empty()) data_ = data_.subspan(1);
    }
    return number % bound;
  }

  // Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014.
  std::uint64_t splitmix() {
    auto z = seed_ += 0x9e37'79b9'7f4a'7c15;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11eb;
    return z ^ (z >> 31);
  }

  choices made_, bounds_, script_;
  std::vector<std::size_t> marks_;
  std::span<const std::byte> data_;
  std::uint64_t seed_ = 0, elements_ = 3;
  tail tail_ = tail::zeros;
  bool wordy_ = false;
  std::string words_;
};

}  // namespace hearsay::inline v0::laws
