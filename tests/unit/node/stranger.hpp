// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <hearsay/gossip/message.hpp>
#include <hearsay/wire/codec.hpp>
#include <hearsay/wire/frame.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <zmq.hpp>

#include "tests/unit/node/node_test.hpp"

namespace testing {

/// The port of a tcp endpoint.
inline std::uint16_t port_of(const std::string& endpoint) {
  return static_cast<std::uint16_t>(std::stoi(endpoint.substr(endpoint.rfind(':') + 1)));
}

inline hearsay::bytes to_bytes(std::string_view text) {
  hearsay::bytes out;
  for (const char c : text) out.push_back(static_cast<std::byte>(c));
  return out;
}

/// Speaks ZeroMQ to a node, and to it says what it likes.
class stranger {
 public:
  explicit stranger(const std::string& endpoint) : socket_(context_, zmq::socket_type::dealer) {
    socket_.set(zmq::sockopt::linger, 0);
    socket_.connect(endpoint);
  }
  void send(const hearsay::bytes& frame, bool more = false) {
    socket_.send(zmq::buffer(frame), more ? zmq::send_flags::sndmore : zmq::send_flags::none);
  }
  template <class Body>
  void send_sealed(hearsay::gossip::kind kind, const Body& body, std::string_view cluster = "hearsay") {
    send(sealed(kind, hearsay::wire::encode(body), cluster));
  }
  hearsay::bytes sealed(hearsay::gossip::kind kind, const hearsay::bytes& body,
                        std::string_view cluster = "hearsay") const {
    return hearsay::wire::seal(static_cast<std::uint8_t>(kind), hearsay::wire::cluster_tag(cluster), id,
                               body);
  }
  hearsay::replica_id id{0x5757};

 private:
  zmq::context_t context_;
  zmq::socket_t socket_;
};

/// A bare TCP connection to a node.
class raw_connection {
 public:
  explicit raw_connection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
      throw std::runtime_error("connect");
  }
  raw_connection(const raw_connection&) = delete;
  raw_connection& operator=(const raw_connection&) = delete;
  ~raw_connection() { ::close(socket_); }

  void send(std::string_view text) {
    static_cast<void>(::send(socket_, text.data(), text.size(), MSG_NOSIGNAL));
  }
  /// Reads until the other side closes; false if it has not before the deadline.
  bool closed() {
    char buffer[4096];
    for (;;) {
      pollfd one{socket_, POLLIN, 0};
      const auto most = std::chrono::milliseconds(deadline).count();
      if (::poll(&one, 1, static_cast<int>(most)) <= 0) return false;
      if (::recv(socket_, buffer, sizeof buffer, 0) <= 0) return true;
    }
  }

 private:
  int socket_;
};

}  // namespace testing
