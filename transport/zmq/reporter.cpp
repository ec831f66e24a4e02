// SPDX-License-Identifier: BSL-1.0
#include "transport/zmq/reporter.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace hearsay::inline v0::transport {
namespace {

constexpr gossip::duration quiet_time = std::chrono::minutes(1);
constexpr std::size_t most_subjects = 1024;

}  // namespace

void reporter::tell(std::string_view line) noexcept {
  try {
    const std::string quoted = fmt::format("{:?}", line);
    const std::string_view escaped = std::string_view(quoted).substr(1, quoted.size() - 2);
    if (sink_) {
      sink_(escaped);
    } else {
      fmt::print(stderr, "hearsay: {}\n", escaped);
    }
  } catch (...) {
    // A log that fails must not take the node with it.
  }
}

void reporter::tell(const std::string& about, std::string_view line, gossip::instant now) {
  const auto known = silences_.find(about);
  if (known == silences_.end()) {
    if (silences_.size() >= most_subjects) {
      std::erase_if(silences_, [&](const auto& each) { return each.second.until <= now; });
      if (silences_.size() >= most_subjects) return;
    }
    silences_.emplace(about, silence{now + quiet_time});
    tell(line);
    return;
  }
  silence& one = known->second;
  if (one.until > now) {
    ++one.left_out;
    return;
  }
  tell(one.left_out == 0 ? std::string(line) : fmt::format("{} (and {} more like this)", line, one.left_out));
  one = {now + quiet_time};
}

}  // namespace hearsay::inline v0::transport
