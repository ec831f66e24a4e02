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

struct host {
  std::string text;  // canonical; empty: none
  bool ipv6 = false;
  bool loopback = false;
  bool everywhere = false;
};

/// Addresses only: what a name stands for is for a name server to say.
host read_host(std::string_view text) {
  if (text == "localhost") return {"127.0.0.1", false, true, false};
  if (text == "*") return {"0.0.0.0", false, false, true};
  std::array<unsigned char, 16> address{};
  const auto all_zero = [&](std::size_t size) {
    return std::all_of(address.begin(), address.begin() + size, [](auto b) { return b == 0; });
  };
  if (inet_pton(AF_INET, std::string(text).c_str(), address.data()) == 1) {
    return {std::string(text), false, address[0] == 127, all_zero(4)};
  }
  if (text.size() <= 2 || text.front() != '[' || text.back() != ']') return {};
  const std::string inner(text.substr(1, text.size() - 2));
  if (inet_pton(AF_INET6, inner.c_str(), address.data()) != 1) return {};
  // An IPv4 address in the clothes of IPv6 is a second spelling.
  if (all_zero(10) && address[10] == 0xff && address[11] == 0xff) return {};
  std::array<char, INET6_ADDRSTRLEN> shortest{};
  inet_ntop(AF_INET6, address.data(), shortest.data(), shortest.size());
  return {fmt::format("[{}]", shortest.data()), true, all_zero(15) && address[15] == 1, all_zero(16)};
}

parsed_endpoint parse_tcp(std::string_view text, std::string_view rest, purpose what, bool network) {
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos) refuse(text, "has no port: it should look like tcp://127.0.0.1:7400");
  const host where = read_host(rest.substr(0, colon));
  if (!network && !where.loopback) {
    refuse(text,
           "is not on the loopback interface. This version sends plain text only, so a node is for one "
           "machine: use tcp://127.0.0.1:PORT, tcp://[::1]:PORT, ipc:///PATH or inproc://NAME. On a network "
           "where everybody may read and join, set allow_insecure_network. Encryption comes with a later "
           "version");
  }
  if (where.text.empty()) {
    refuse(text, "has no address: it should look like tcp://192.0.2.1:7400 or tcp://[2001:db8::1]:7400");
  }
  if (where.everywhere && what == purpose::connect) refuse(text, "names no machine to connect to");
  const std::string_view port = rest.substr(colon + 1);
  std::uint32_t number = 0;
  if (port != "*") {
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc{} || end != port.data() + port.size() || number > 65535) {
      refuse(text, "has a port that is no number from 1 to 65535");
    }
  }
  if (number == 0 && what == purpose::connect) refuse(text, "names no port to connect to");
  return {fmt::format("tcp://{}:{}", where.text, number == 0 ? "*" : fmt::to_string(number)),
          parsed_endpoint::kind::tcp, where.ipv6, where.everywhere};
}

}  // namespace

parsed_endpoint parse_endpoint(std::string_view text, purpose what, bool network) {
  if (const auto rest = after("tcp://", text)) return parse_tcp(text, *rest, what, network);
  if (std::ranges::any_of(text, [](unsigned char c) { return c < ' ' || c == 127; })) {
    refuse(text, "contains control characters");
  }
  if (const auto path = after("ipc://", text)) {
    if (path->size() < 2 || (path->front() != '/' && path->front() != '@')) {
      refuse(text,
             "needs an absolute path, as in ipc:///run/app.sock, or an abstract name, as in ipc://@app");
    }
    return {std::string(text), parsed_endpoint::kind::ipc, false};
  }
  if (const auto name = after("inproc://", text)) {
    if (name->empty() || name->starts_with(reserved_name) || name->starts_with("zeromq.")) {
      refuse(text, "has no name, or one that is reserved");
    }
    return {std::string(text), parsed_endpoint::kind::inproc, false};
  }
  refuse(text,
         "is none that hearsay knows: tcp://127.0.0.1:PORT, tcp://[::1]:PORT, ipc:///PATH or inproc://NAME");
}

}  // namespace hearsay::inline v0::transport
