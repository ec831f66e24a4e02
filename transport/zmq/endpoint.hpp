// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <string>
#include <string_view>

namespace hearsay::inline v0::transport {

/// An endpoint in canonical form: one spelling per place.
struct parsed_endpoint {
  enum class kind { tcp, ipc, inproc };
  std::string text;
  kind scheme = kind::tcp;
  bool ipv6 = false;
  bool everywhere = false;  ///< all addresses of this machine: to listen on, and nobody's to dial

  /// What follows the scheme.
  std::string rest() const { return text.substr(text.find("://") + 3); }
};

enum class purpose {
  bind,     ///< a port may be left open
  connect,  ///< a port must be named
};

/// Inproc names that begin so are the transport's own.
inline constexpr std::string_view reserved_name = "hearsay-internal-";

/// Reads an endpoint; throws `std::invalid_argument`, which says what is wrong and what to do, for one that
/// cannot be used for `what` or, without `network`, is reachable from other machines.
parsed_endpoint parse_endpoint(std::string_view text, purpose what, bool network = false);

}  // namespace hearsay::inline v0::transport
