// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <utility>

/// What the transport needs from the operating system besides ZeroMQ. POSIX.
namespace hearsay::inline v0::transport {

/// Whether a TCP socket is connected to itself. That happens to who redials a port that nobody listens on:
/// sooner or later the system picks that very port as the source (libzmq#4588), and the port is then taken
/// for good.
bool connected_to_itself(int socket);

/// Whether somebody listens on that Unix-domain socket; `path` as in an ipc endpoint.
bool ipc_in_use(const std::string& path);

/// The file of a Unix-domain socket, which libzmq leaves behind. Removes it in the end, unless another
/// process has put its own in that place.
class ipc_file {
 public:
  ipc_file() = default;
  explicit ipc_file(std::string path);
  ipc_file(ipc_file&& other) noexcept : path_(std::exchange(other.path_, {})), inode_(other.inode_) {}
  ipc_file& operator=(ipc_file&&) = delete;
  ~ipc_file();

 private:
  std::string path_;
  unsigned long long inode_ = 0;
};

/// How many files this process may open.
std::size_t open_file_limit();

/// A thread that no signal is delivered to: they are for the program's own threads.
std::thread start_quiet_thread(std::function<void()> body);

}  // namespace hearsay::inline v0::transport
