// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hearsay::inline v0::laws {

/// A history on which a law does not hold.
struct counterexample {
  std::string law;                        ///< the law's name
  std::string equation;                   ///< which of its equations
  std::vector<std::string> history = {};  ///< the steps in words
  std::vector<std::string> where = {};    ///< what the letters of the equation stand for
  std::string left = {}, right = {};      ///< the two sides that should be equal
  std::string replay;                     ///< "law:3.0.1", for `options::replay` and HEARSAY_LAWS_REPLAY
  std::uint64_t cases = 0;                ///< histories tried until it was found
  std::size_t steps_found = 0;            ///< how long the history was that was found first
  std::size_t tries = 0;                  ///< how often shrinking ran it again
  bool repeatable =
      true;  ///< false: the same choices did not fail again, so the type draws on something else

  std::size_t steps() const { return history.size(); }

  std::string text() const {
    std::string out = fmt::format("law      {}: {}\nhistory", law, equation);
    for (std::size_t i = 0; i < history.size(); ++i) {
      fmt::format_to(std::back_inserter(out), "{}{:>2}. {}\n", i == 0 ? "  " : "         ", i + 1,
                     history[i]);
    }
    if (history.empty()) out += "  (nothing happened)\n";
    for (const auto& line : where) fmt::format_to(std::back_inserter(out), "where    {}\n", line);
    fmt::format_to(std::back_inserter(out), "left     {}\nright    {}\n", left, right);
    if (repeatable) {
      fmt::format_to(std::back_inserter(out), "found    in case {}, shrunk from {} step{} in {} tr{}\n",
                     cases, steps_found, steps_found == 1 ? "" : "s", tries, tries == 1 ? "y" : "ies");
    } else {
      out +=
          "found    but the same choices do not fail again: the type depends on something outside the "
          "history\n";
    }
    fmt::format_to(std::back_inserter(out), "replay   HEARSAY_LAWS_REPLAY={}\n", replay);
    return out;
  }
};

/// What became of one law.
struct verdict {
  std::string law;
  std::string statement;
  std::string not_checked = {};  ///< why not; empty if it was
  std::optional<counterexample> broken = {};
};

/// What `check` found.
struct report {
  std::string type;
  std::uint64_t cases = 0;  ///< histories tried
  bool exhausted = false;   ///< an exhaustive search reached its end
  std::vector<verdict> laws;

  bool holds() const {
    return std::ranges::none_of(laws, [](const verdict& v) { return v.broken.has_value(); });
  }

  /// The verdict on the law of that name. Throws std::out_of_range if there is none.
  const verdict& operator[](std::string_view law) const {
    const auto found = std::ranges::find(laws, law, &verdict::law);
    if (found == laws.end()) throw std::out_of_range(fmt::format("no law is called {}", law));
    return *found;
  }

  /// A line for each law, and the counterexamples.
  std::string text() const {
    std::string out = fmt::format("{}: {} histories{}\n", type, cases,
                                  exhausted ? ", all of a small world among them" : "");
    for (const auto& v : laws) {
      const auto what = v.broken                ? "BROKEN"
                        : v.not_checked.empty() ? "holds"
                                                : "not checked: " + v.not_checked;
      fmt::format_to(std::back_inserter(out), "  {:<16}{}\n", v.law, what);
    }
    for (const auto& v : laws) {
      if (v.broken) fmt::format_to(std::back_inserter(out), "\ntype     {}\n{}", type, v.broken->text());
    }
    return out;
  }

  friend std::ostream& operator<<(std::ostream& out, const report& r) { return out << r.text(); }
};

}  // namespace hearsay::inline v0::laws
