// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <memory>
#include <set>
#include <string>

#include "desk.hpp"

namespace board {

struct server_options {
  std::string address = "127.0.0.1";  ///< where the page is served; others than loopback are asked for
  int port = 0;                       ///< 0: any free one
  std::set<std::string> hosts{};      ///< names under which it is reached, besides loopback's
  std::size_t pages = 16;             ///< open at a time
  std::size_t waiting = 64;           ///< connections that wait for a thread; then no more are taken
  std::size_t threads = 32;           ///< besides one for each page
};

/// Serves the page, and what it asks for, over HTTP.
class server {
 public:
  /// Binds. Throws std::runtime_error if that fails.
  server(desk& of, server_options options);
  ~server();

  int port() const;
  /// Serves until `stop`.
  void run();
  void stop();

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

}  // namespace board
