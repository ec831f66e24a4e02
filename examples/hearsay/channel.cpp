// SPDX-License-Identifier: BSL-1.0
#include "channel.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string_view>

namespace program {
namespace {

constexpr int waiting_clients = 64;

[[noreturn]] void failed(std::string_view what, const std::string& path) {
  throw std::runtime_error(fmt::format("cannot {} {}: {}", what, path, std::strerror(errno)));
}

sockaddr_un address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path || path.find('\0') != std::string::npos) {
    throw std::invalid_argument(fmt::format("the path of a socket has 1 to {} bytes, not {}: {}",
                                            sizeof address.sun_path - 1, path.size(), path));
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

descriptor new_socket() {
  descriptor made(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (made.get() < 0) throw std::runtime_error(fmt::format("no socket: {}", std::strerror(errno)));
  return made;
}

void keep_folder(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) failed("make the folder", folder);
  struct stat about {};
  if (lstat(folder.c_str(), &about) != 0) failed("look at the folder", folder);
  if (!S_ISDIR(about.st_mode) || about.st_uid != geteuid() || (about.st_mode & 077) != 0) {
    throw std::runtime_error(fmt::format(
        "{} is not a folder that is yours and closed to others; give --ipc a path in one with mode 0700",
        folder));
  }
}

}  // namespace

descriptor::~descriptor() {
  if (number_ >= 0) close(number_);
}

channel channel::connect(const std::string& path, std::chrono::milliseconds timeout) {
  channel made(new_socket());
  made.set_timeout(timeout);
  const auto address = address_of(path);
  if (::connect(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EAGAIN || errno == EINTR) throw timed_out("the agent takes no requests");
    if (errno == ENOENT || errno == ECONNREFUSED || errno == ENOTDIR) throw no_agent("no agent runs");
    failed("connect to", path);
  }
  if (!made.is_ours()) throw std::runtime_error(fmt::format("the agent at {} is another user's", path));
  return made;
}

bool channel::is_ours() const {
  ucred other{};
  socklen_t size = sizeof other;
  return getsockopt(get(), SOL_SOCKET, SO_PEERCRED, &other, &size) == 0 && other.uid == geteuid();
}

void channel::set_timeout(std::chrono::milliseconds most) const {
  timeval time{};
  time.tv_sec = most.count() / 1000;
  time.tv_usec = most.count() % 1000 * 1000;
  setsockopt(get(), SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
  setsockopt(get(), SOL_SOCKET, SO_SNDTIMEO, &time, sizeof time);
}

bool channel::send(const hearsay::bytes& body) const {
  std::array<std::uint8_t, 4> head{};
  for (std::size_t i = 0; i < head.size(); ++i) head[i] = static_cast<std::uint8_t>(body.size() >> 8 * i);
  return send_all(head.data(), head.size()) && send_all(body.data(), body.size());
}

std::optional<hearsay::bytes> channel::receive(std::size_t limit) const {
  std::array<std::uint8_t, 4> head{};
  if (!receive_all(head.data(), head.size())) return std::nullopt;
  std::size_t size = 0;
  for (std::size_t i = 0; i < head.size(); ++i) size |= std::size_t{head[i]} << 8 * i;
  if (size > limit) throw hearsay::decode_error(fmt::format("{} bytes are more than {}", size, limit));
  hearsay::bytes body(size);
  if (!receive_all(body.data(), size)) return std::nullopt;
  return body;
}

bool channel::send_all(const void* from, std::size_t size) const {
  for (const char* at = static_cast<const char*>(from); size != 0;) {
    const auto sent = ::send(get(), at, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      throw timed_out("the other side does not read");
    if (sent < 0) return false;
    at += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool channel::receive_all(void* to, std::size_t size) const {
  for (char* at = static_cast<char*>(to); size != 0;) {
    const auto got = recv(get(), at, size, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw timed_out("no answer in time");
    if (got <= 0) return false;
    at += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

listener::listener(std::string path) : path_(std::move(path)) {
  const auto address = address_of(path_);
  keep_folder(path_);
  const auto lock_path = path_ + ".lock";
  lock_ = descriptor(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock_.get() < 0) failed("open", lock_path);
  if (flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) failed("lock", lock_path);
    throw std::runtime_error(
        fmt::format("an agent runs at {} already; --ipc or HEARSAY_IPC choose another path", path_));
  }
  struct stat about {};
  if (lstat(path_.c_str(), &about) == 0) {
    if (!S_ISSOCK(about.st_mode)) throw std::runtime_error(path_ + " is there, and is no socket");
    if (unlink(path_.c_str()) != 0) failed("remove the old", path_);
  }
  auto made = new_socket();
  // On the socket before it has a name: so there is no moment in which others may connect.
  if (fchmod(made.get(), 0600) != 0) failed("close to others", path_);
  if (bind(made.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    failed("bind", path_);
  }
  socket_ = std::move(made);
  if (listen(socket_.get(), waiting_clients) != 0) {
    unlink(path_.c_str());
    failed("listen at", path_);
  }
}

listener::~listener() { unlink(path_.c_str()); }

std::optional<channel> listener::accept() const {
  channel made(descriptor(accept4(socket_.get(), nullptr, nullptr, SOCK_CLOEXEC)));
  if (made.get() < 0 || !made.is_ours()) return std::nullopt;
  return made;
}

std::string default_path() {
  const char* const runtime = std::getenv("XDG_RUNTIME_DIR");
  if (runtime != nullptr && *runtime != '\0') return fmt::format("{}/hearsay/agent", runtime);
  return fmt::format("/tmp/hearsay-{}/agent", geteuid());
}

}  // namespace program
