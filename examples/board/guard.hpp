// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace board {

/// Which requests come from the node's own pages. A page of another site may send requests to 127.0.0.1, too,
/// and may even give its own name the address 127.0.0.1 (DNS rebinding); a browser then says so in what is
/// checked here.
class guard {
 public:
  /// `hosts`: the names and addresses under which the node is reached; IPv6 in brackets.
  guard(std::set<std::string> hosts, int port);

  /// Why a request is refused, in words; empty if it is not. The headers `Host`, `Origin` and
  /// `Sec-Fetch-Site`, empty where there is none.
  std::string fault(std::string_view host, std::string_view origin, std::string_view site) const;

 private:
  std::set<std::string, std::less<>> hosts_;  // as in the header: name:port
};

}  // namespace board
