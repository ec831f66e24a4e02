// SPDX-License-Identifier: BSL-1.0
#include "transport/zmq/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>

namespace hearsay::inline v0::transport {
namespace {

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
  // Debug format: the text may come from another node.
  throw std::invalid_argument(fmt::format("endpoint {:?} {}", text, why));
}

std::optional<std::string_view> after(std::string_view prefix, std::string_view text) {
  if (!text.starts_with(prefix)) return std::nullopt;
  return text.substr(prefix.size());
}

/// The canonical form of a host that is this machine whatever a name server says; empty for any other.
std::string loopback(std::string_view host) {
  if (host == "localhost") return "127.0.0.1";
  std::array<unsigned char, 16> address{};
  if (inet_pton(AF_INET, std::string(host).c_str(), address.data()) == 1) {
    return address[0] == 127 ? std::string(host) : std::string();
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    const std::string inner(host.substr(1, host.size() - 2));
    const bool is_v6 = inet_pton(AF_INET6, inner.c_str(), address.data()) == 1;
    if (is_v6 && address[15] == 1 &&
        std::all_of(address.begin(), address.end() - 1, [](auto b) { return b == 0; })) {
      return "[::1]";
    }
  }
  return {};
}

local_endpoint parse_tcp(std::string_view text, std::string_view rest, purpose what) {
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "has no port: it should look like tcp://127.0.0.1:7400");
  const std::string host = loopback(rest.substr(0, colon));
  if (host.empty()) {
    refuse(
        text,
        "is not on the loopback interface. This version sends plain text only, so a node is for one machine: "
        "use "
        "tcp://127.0.0.1:PORT, tcp://[::1]:PORT, ipc:///PATH or inproc://NAME. Encryption, and with it other "
        "machines, comes with a later version");
  }
  const std::string_view port = rest.substr(colon + 1);
  std::uint32_t number = 0;
  if (port != "*") {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number > 65535) {
      refuse(text, "has a port that is no number from 1 to 65535");
    }
  }
  if (number == 0 && what == purpose::connect) refuse(text, "names no port to connect to");
  return {fmt::format("tcp://{}:{}", host, number == 0 ? "*" : fmt::to_string(number)),
          local_endpoint::kind::tcp, host.front() == '['};
}

}  // namespace

local_endpoint parse_endpoint(std::string_view text, purpose what) {
  if (const auto rest = after("tcp://", text)) return parse_tcp(text, *rest, what);
  if (std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 127; })) {
    refuse(text, "contains control characters");
  }
  if (const auto path = after("ipc://", text)) {
    if (path->size() < 2 || (path->front() != '/' && path->front() != '@')) {
      refuse(text,
             "needs an absolute path, as in ipc:///run/app.sock, or an abstract name, as in ipc://@app");
    }
    return {std::string(text), local_endpoint::kind::ipc, false};
  }
  if (const auto name = after("inproc://", text)) {
    if (name->empty() || name->starts_with(reserved_name) || name->starts_with("zeromq.")) {
      refuse(text, "has no name, or one that is reserved");
    }
    return {std::string(text), local_endpoint::kind::inproc, false};
  }
  refuse(text,
         "is none that hearsay knows: tcp://127.0.0.1:PORT, tcp://[::1]:PORT, ipc:///PATH or inproc://NAME");
}

}  // namespace hearsay::inline v0::transport
