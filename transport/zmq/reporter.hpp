// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <functional>
#include <hearsay/gossip/options.hpp>
#include <map>
#include <string>
#include <string_view>

namespace hearsay::inline v0::transport {

/// Writes the log, and sees to it that nobody can fill it.
class reporter {
 public:
  /// `sink` gets each line; empty: standard error.
  explicit reporter(std::function<void(std::string_view)> sink) : sink_(std::move(sink)) {}

  /// Writes a line. Control characters in it, which may come from anybody, are escaped.
  void tell(std::string_view line) noexcept;
  /// Writes a line unless one with the same `about` was written in the last minute; the next one after that
  /// tells how many were left out. Keeps track of 1024 subjects; while there are that many, no others are
  /// told of.
  void tell(const std::string& about, std::string_view line, gossip::instant now);

 private:
  struct silence {
    gossip::instant until;
    std::uint64_t left_out = 0;
  };
  std::function<void(std::string_view)> sink_;
  std::map<std::string, silence> silences_;
};

}  // namespace hearsay::inline v0::transport
