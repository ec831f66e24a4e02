// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "hearsay/laws/history.hpp"
#include "hearsay/laws/print.hpp"
#include "hearsay/laws/source.hpp"

namespace hearsay::inline v0::laws {

/// How a law failed; in words only if the source was wordy.
struct breach {
  std::string equation;
  std::vector<std::string> where = {};
  std::string left = {}, right = {};
};

/// One law checked on one history, with operands that the source picks.
template <class T>
class trial {
 public:
  trial(const history<T>& on, source& by) : past(on), choose(by) {}

  const history<T>& past;
  source& choose;

  /// The state of a replica. The law's equations call it `name`.
  const T& state(std::string_view name) { return replica(name, choose.below(past.replicas())); }

  /// The state of a replica, or a delta.
  const T& operand(std::string_view name) {
    const auto deltas = past.sendable();
    const auto index = choose.below(past.replicas() + deltas.size());
    if (index < past.replicas()) return replica(name, index);
    const auto& sent = past.operations()[deltas[deltas.size() - 1 - (index - past.replicas())]];
    if (choose.wordy()) explain("{} = delta of step {} = {}", name, sent.step, print(sent.delta));
    return sent.delta;
  }

  /// One of the mutations, the last for the smallest choice; nothing if there was none.
  const operation<T>* mutation() {
    const auto all = past.operations();
    if (all.empty()) return nullptr;
    const auto& picked = all[all.size() - 1 - choose.below(all.size())];
    explain("x is r{} before step {}, m is that step", picked.replica, picked.step);
    return &picked;
  }

  /// Adds a line to what the report says about the operands.
  template <class... Args>
  void explain(fmt::format_string<Args...> text, Args&&... args) {
    if (choose.wordy()) where_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  /// The equation holds if both sides are equal; the first that does not is the breach.
  template <class L, class R>
  bool same(std::string_view equation, const L& left, const R& right) {
    return left == right || fail(equation, [&] { return show(left, right); });
  }

  /// The equation `small ⊑ large`.
  bool below(std::string_view equation, const T& small, const T& large) {
    T joined = large;
    joined.merge(small);
    return joined == large || fail(equation, [&] { return show(small, large); });
  }

  bool fail(std::string_view equation, std::string left, std::string right) {
    return fail(equation, [&] { return std::pair(std::move(left), std::move(right)); });
  }

  std::optional<breach> result() { return std::move(breach_); }

 private:
  const T& replica(std::string_view name, std::size_t index) {
    if (choose.wordy()) explain("{} = r{} = {}", name, index, print(past.state(index)));
    return past.state(index);
  }

  template <class Sides>
  bool fail(std::string_view equation, Sides sides) {
    if (breach_) return false;
    breach_ = breach{std::string(equation)};
    if (choose.wordy()) {
      breach_->where = where_;
      std::tie(breach_->left, breach_->right) = sides();
    }
    return false;
  }

  /// Both sides; with their bytes where they look alike.
  template <class L, class R>
  static std::pair<std::string, std::string> show(const L& left, const R& right) {
    std::pair texts(print(left), print(right));
    if constexpr (std::same_as<L, R> && encodable<L>) {
      if (texts.first == texts.second) {
        texts.first += ", in bytes " + hex(wire::encode(left));
        texts.second += ", in bytes " + hex(wire::encode(right));
      }
    }
    return texts;
  }

  std::vector<std::string> where_;
  std::optional<breach> breach_;
};

/// A law: a public name that stays, what it says, and how it is checked.
template <class T>
struct law {
  std::string_view name;
  std::string_view statement;
  void (*check)(trial<T>&);       ///< null: the type lacks what it takes,
  std::string_view lacking = {};  ///< namely this
};

/// a ⊔ b.
template <class T>
T joined(T a, const T& b) {
  a.merge(b);
  return a;
}

}  // namespace hearsay::inline v0::laws
