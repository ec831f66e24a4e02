// SPDX-License-Identifier: BSL-1.0
#include "run.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

void spread::report(result& to) {
  std::ranges::sort(latencies_);
  to.deliveries = deliveries();
  to.p50 = latencies_[latencies_.size() / 2];
  to.p99 = latencies_[latencies_.size() * 99 / 100];
}

void head(const std::string& title, const result& like) {
  const auto least = static_cast<double>(like.least.payload) / static_cast<double>(like.deliveries);
  fmt::print("\n{}; at least {} elements, {:.1f} B a delivery\n", title, like.least.elements, least);
  constexpr const char* columns = "{:<40} {:>9} {:>9} {:>7} {:>8} {:>8} {:>8} {:>8} {:>5} {:>5} {:>9}\n";
  fmt::print(fmt::runtime(columns), "", "elements", "published", "x least", "payload", "digests", "all else",
             "messages", "p50", "p99", "buffer");
  fmt::print(fmt::runtime(columns), "", "sent", "", "", "B/deliv.", "B/deliv.", "B/deliv.", "/deliv.",
             "rounds", "", "bytes");
}

void row(const std::string& protocol, const result& of, std::uint64_t published) {
  const auto each = [&](std::uint64_t x) {
    return static_cast<double>(x) / static_cast<double>(of.deliveries);
  };
  fmt::print("{:<40} {:>9} {:>9} {:>7.3f} {:>8.1f} {:>8.1f} {:>8.1f} {:>8.3f} {:>5.1f} {:>5.1f} {:>9}\n",
             protocol, of.sent.elements, published == 0 ? "-" : std::to_string(published),
             static_cast<double>(of.sent.elements) / static_cast<double>(of.least.elements),
             each(of.sent.payload), each(of.sent.digests), each(of.sent.other), each(of.sent.messages),
             of.p50, of.p99, of.buffer);
}

}  // namespace bench
