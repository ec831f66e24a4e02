// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <hearsay/wire.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace program {

/// Nobody listens at the endpoint.
struct no_agent : std::runtime_error {
  using std::runtime_error::runtime_error;
};
/// The other side was silent for too long.
struct timed_out : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A file descriptor that is closed in the end.
class descriptor {
 public:
  explicit descriptor(int number = -1) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  descriptor& operator=(descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~descriptor();

  int get() const { return number_; }

 private:
  int number_;
};

/// One end of a connection between two processes of one user.
class channel {
 public:
  explicit channel(descriptor connected) : socket_(std::move(connected)) {}

  /// Connects to the agent at a path. Throws `no_agent`, `timed_out`, and `std::runtime_error` if that agent
  /// is another user's.
  static channel connect(const std::string& path, std::chrono::milliseconds timeout);

  /// Whether the other side is a process of this user.
  bool is_ours() const;
  /// How long `send` and `receive` wait for the other side to do anything; 0: for ever.
  void set_timeout(std::chrono::milliseconds most) const;
  /// Throws `timed_out`. False if the other side has closed.
  bool send(const hearsay::bytes& body) const;
  /// Nothing if the other side has closed. Throws `timed_out`, and `hearsay::decode_error` if more than
  /// `limit` bytes are announced; they are not read.
  std::optional<hearsay::bytes> receive(std::size_t limit) const;

  int get() const { return socket_.get(); }

 private:
  bool send_all(const void* from, std::size_t size) const;
  bool receive_all(void* to, std::size_t size) const;

  descriptor socket_;
};

/// A place at which one agent listens; the socket is removed in the end.
///
/// Its folder must belong to this user and be closed to others, so that nobody else can connect, or put a
/// socket of their own in its place. A folder that is missing is made, with mode 0700. A lock beside the
/// socket, PATH.lock, keeps a second agent away; with it, what a killed agent has left is removed.
class listener {
 public:
  /// Throws `std::runtime_error` if the folder is not ours alone, or an agent is there, or it cannot be
  /// bound.
  explicit listener(std::string path);
  listener(const listener&) = delete;
  listener& operator=(const listener&) = delete;
  ~listener();

  /// The next connection of this user; nothing if there was none.
  std::optional<channel> accept() const;
  int get() const { return socket_.get(); }

 private:
  std::string path_;
  descriptor lock_;
  descriptor socket_;
};

/// Where an agent is if nothing else is said: in $XDG_RUNTIME_DIR/hearsay, or in /tmp/hearsay-UID.
std::string default_path();

}  // namespace program
