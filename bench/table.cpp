// SPDX-License-Identifier: BSL-1.0
#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

void table::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
    const auto counter = run.counters.find("value");
    // A benchmark that measures no time says what it found.
    const double value = counter != run.counters.end() ? counter->second.value : run.GetAdjustedRealTime();
    values_[run.run_name.function_name + (run.run_name.args.empty() ? "" : "/" + run.run_name.args)]
        .push_back(value);
    fmt::print(stderr, ".");
  }
}

void table::Finalize() {
  const auto median = [&](const std::string& name) {
    const auto found = values_.find(name);
    if (found == values_.end()) return -1.0;
    std::vector<double> sorted = found->second;
    std::ranges::sort(sorted);
    return sorted[sorted.size() / 2];
  };
  fmt::print(stderr, "\n");
  fmt::print("{:<52} {:>12} {:>12} {:>8} {:>8}\n", "operation", "hearsay", "bare", "ratio", "at most");
  for (const row& each : rows_) {
    const double own = median(each.run);
    if (own < 0) continue;
    if (each.baseline.empty()) {
      fmt::print("{:<52} {:>9.1f} {:<2} {:>12} {:>8} {:>5g} {}{}\n", each.operation, own, each.unit, "", "",
                 each.most, each.unit, own > each.most ? "  <- above" : "");
      continue;
    }
    const double bare = median(each.baseline);
    const double ratio = (own - each.plus) / bare;
    fmt::print(
        "{:<52} {:>9.1f} {:<2} {:>9.1f} {:<2} {:>8.2f} {:>8}{}\n", each.operation, own, each.unit, bare,
        each.unit, own / bare,
        each.plus > 0 ? fmt::format("{:g}x+{:g}", each.most, each.plus) : fmt::format("{:g}", each.most),
        ratio > each.most ? "  <- above" : "");
  }
}

}  // namespace bench
