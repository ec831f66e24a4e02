// SPDX-License-Identifier: BSL-1.0
#include "guard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace board {
namespace {

std::string lower(std::string_view text) {
  std::string made(text);
  std::ranges::transform(made, made.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return made;
}

}  // namespace

guard::guard(std::set<std::string> hosts, int port) {
  for (const auto& host : hosts) {
    hosts_.insert(fmt::format("{}:{}", lower(host), port));
    if (port == 80) hosts_.insert(lower(host));
  }
}

std::string guard::fault(std::string_view host, std::string_view origin, std::string_view site) const {
  const auto named = lower(host);
  if (!hosts_.contains(named))
    return "This node is not reached under that name. If it should be, start it with --host NAME.";
  if ((!origin.empty() && lower(origin) != "http://" + named) || site == "cross-site" || site == "same-site")
    return "This request comes from another site.";
  return "";
}

}  // namespace board
