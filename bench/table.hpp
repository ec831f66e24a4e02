// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <vector>

namespace bench {

/// Collects all runs, and prints a table at the end: each row beside its baseline and the most it should be.
class table final : public benchmark::BenchmarkReporter {
 public:
  struct row {
    std::string operation;
    std::string run;       ///< the name of the benchmark
    std::string baseline;  ///< that of the one to compare with; empty: none
    double most;           ///< times the baseline, or, without one, in `unit`
    std::string unit;      ///< ns, B
    double plus = 0;       ///< added to what the baseline allows
  };

  explicit table(std::vector<row> rows) : rows_(std::move(rows)) {}

  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

 private:
  std::vector<row> rows_;
  std::map<std::string, std::vector<double>> values_;  // of every repetition
};

}  // namespace bench
