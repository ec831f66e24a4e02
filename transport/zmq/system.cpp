// SPDX-License-Identifier: BSL-1.0
#include "transport/zmq/system.hpp"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <utility>

namespace hearsay::inline v0::transport {
namespace {

/// The inode of a socket's file; 0 if there is no such file.
unsigned long long inode_of(const std::string& path) {
  struct stat found {};
  return ::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode) ? found.st_ino : 0;
}

}  // namespace

bool connected_to_itself(int socket) {
  sockaddr_storage mine{};
  sockaddr_storage theirs{};
  socklen_t my_size = sizeof mine;
  socklen_t their_size = sizeof theirs;
  if (::getsockname(socket, reinterpret_cast<sockaddr*>(&mine), &my_size) != 0) return false;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&theirs), &their_size) != 0) return false;
  const bool is_tcp = mine.ss_family == AF_INET || mine.ss_family == AF_INET6;
  return is_tcp && my_size == their_size && std::memcmp(&mine, &theirs, my_size) == 0;
}

bool ipc_in_use(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return false;  // binding will fail and say why
  std::memcpy(address.sun_path, path.data(), path.size());
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size());
  if (path.front() == '@') {
    address.sun_path[0] = '\0';
  } else {
    ++size;
  }
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  const bool answered = ::connect(probe, reinterpret_cast<sockaddr*>(&address), size) == 0 || errno == EAGAIN;
  ::close(probe);
  return answered;
}

ipc_file::ipc_file(std::string path) : path_(std::move(path)), inode_(inode_of(path_)) {}

ipc_file::~ipc_file() {
  if (inode_ != 0 && !path_.empty() && inode_of(path_) == inode_) ::unlink(path_.c_str());
}

std::size_t open_file_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
  return static_cast<std::size_t>(limit.rlim_cur);
}

std::thread start_quiet_thread(std::function<void()> body) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // the new thread inherits it
  const struct restore {
    const sigset_t& mask;
    ~restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
  } restored{before};
  return std::thread(std::move(body));
}

}  // namespace hearsay::inline v0::transport
