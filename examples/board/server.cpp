// SPDX-License-Identifier: BSL-1.0
#include "server.hpp"

#include <fmt/format.h>
#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "board_page.hpp"
#include "guard.hpp"

namespace board {
namespace {

constexpr auto heartbeat = std::chrono::seconds(2);  // shows whether a page is still there

/// Threads for connections. When so many wait that none more is taken, the system lets them wait.
class workers : public httplib::TaskQueue {
 public:
  workers(std::size_t threads, std::size_t waiting) : most_(waiting) {
    for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }

  void enqueue(std::function<void()> job) override {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [&] { return jobs_.size() < most_ || ending_; });
    jobs_.push_back(std::move(job));
    work_.notify_one();
  }
  void shutdown() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
      work_.notify_all();
      room_.notify_all();
    }
    for (auto& each : threads_) each.join();
  }

 private:
  void work() {
    for (;;) {
      std::unique_lock lock(mutex_);
      work_.wait(lock, [&] { return !jobs_.empty() || ending_; });
      if (jobs_.empty()) return;
      const auto job = std::move(jobs_.front());
      jobs_.pop_front();
      room_.notify_one();
      lock.unlock();
      job();
    }
  }

  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable room_;
  std::deque<std::function<void()>> jobs_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

void fail(httplib::Response& response, int status, const std::string& why) {
  response.status = status;
  response.set_content(
      nlohmann::json{{"error", why}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
      "application/json");
}

bool is_json(const std::string& type) { return type.substr(0, type.find(';')) == "application/json"; }

}  // namespace

struct server::impl {
  impl(desk& of, server_options given) : desk_(of), options_(std::move(given)) {
    http_.set_tcp_nodelay(true);
    http_.set_keep_alive_timeout(2);
    http_.set_keep_alive_max_count(1 << 20);
    http_.set_read_timeout(5);
    http_.set_write_timeout(5);  // a page that reads nothing for so long has lost its connection
    http_.set_payload_max_length(desk_.most().body_bytes);
    http_.set_socket_options([](socket_t socket) {
      const int yes = 1;  // and not SO_REUSEPORT, with which two programs share a port
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    http_.new_task_queue = [this] {
      return new workers(options_.pages + options_.threads, options_.waiting);
    };
    port_ = options_.port == 0                                    ? http_.bind_to_any_port(options_.address)
            : http_.bind_to_port(options_.address, options_.port) ? options_.port
                                                                  : -1;
    if (port_ <= 0)
      throw std::runtime_error(
          fmt::format("port {} of {} cannot be had for the page; give another with --http", options_.port,
                      options_.address));
    auto hosts = options_.hosts;
    hosts.insert({"127.0.0.1", "localhost", "[::1]", options_.address});
    guard_.emplace(std::move(hosts), port_);
    add_handlers();
  }

  void add_handlers() {
    http_.set_default_headers(
        {{"Content-Security-Policy",
          "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; "
          "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"},
         {"X-Content-Type-Options", "nosniff"},
         {"Referrer-Policy", "no-referrer"},
         {"Cross-Origin-Resource-Policy", "same-origin"},
         {"Cross-Origin-Opener-Policy", "same-origin"},
         {"Cache-Control", "no-store"}});
    http_.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      const bool opens = request.method == "GET" && request.path == "/";  // by a link, from anywhere
      const auto why = guard_->fault(request.get_header_value("Host"), request.get_header_value("Origin"),
                                     opens ? "" : request.get_header_value("Sec-Fetch-Site"));
      if (why.empty()) return httplib::Server::HandlerResponse::Unhandled;
      fail(response, 403, why);
      response.set_header("Connection", "close");  // its body was not read
      return httplib::Server::HandlerResponse::Handled;
    });
    http_.set_error_handler([](const httplib::Request&, httplib::Response& response) {
      if (!response.body.empty()) return;
      fail(response, response.status,
           response.status == 413   ? "The request is too long."
           : response.status == 404 ? "There is nothing here; the board is at /."
                                    : "The request cannot be answered.");
    });
    http_.set_exception_handler(
        [](const httplib::Request&, httplib::Response& response, std::exception_ptr what) {
          try {
            std::rethrow_exception(what);
          } catch (const refused& error) {
            fail(response, error.status, error.what());
          } catch (const std::exception& error) {
            fail(response, 500, error.what());
          }
        });
    for (const auto& each : page_files) {
      http_.Get(std::string(each.path), [&each](const httplib::Request&, httplib::Response& response) {
        response.set_content(each.text.data(), each.text.size(), std::string(each.type));
      });
    }
    http_.Post("/act", [this](const httplib::Request& request, httplib::Response& response) {
      if (!is_json(request.get_header_value("Content-Type")))
        throw refused(415, "Say what to do as application/json.");
      response.set_content(desk_.act(request.body), "application/json");
    });
    http_.Get("/events", [this](const httplib::Request& request, httplib::Response& response) {
      stream(request.get_param_value("page"), response);
    });
    http_.Get("/state", [this](const httplib::Request&, httplib::Response& response) {
      const auto bytes = desk_.encoded();
      response.set_content(reinterpret_cast<const char*>(bytes.data()), bytes.size(),
                           "application/octet-stream");
    });
    http_.Get("/board", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(desk_.text(), "application/json");
    });
    http_.Get("/stats", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(desk_.stats(), "application/json");
    });
  }

  // News as server-sent events, each stream on a thread of its own.
  void stream(const std::string& page, httplib::Response& response) {
    if (page.empty() || page.size() > 32) throw refused(400, "Say which page this is: /events?page=NAME");
    if (open_.fetch_add(1) >= options_.pages) {
      --open_;
      throw refused(503, "Too many pages are open at this node; close one.");
    }
    std::uint64_t number = 0;
    try {
      number = desk_.enter(page);
    } catch (...) {
      --open_;
      throw;
    }
    std::string hello = fmt::format("retry: 500\nevent: hello\ndata: {{\"me\":{}}}\n\n", number);
    response.set_chunked_content_provider(
        "text/event-stream",
        [this, hello, seen = std::uint64_t{0}](std::size_t, httplib::DataSink& to) mutable {
          if (!hello.empty()) {
            to.write(hello.data(), hello.size());
            hello.clear();
          }
          const auto news = desk_.news().next(seen, heartbeat);
          if (desk_.news().ended()) return false;
          const auto text = news ? fmt::format("data: {}\n\n", *news) : "event: beat\ndata: 1\n\n";
          return to.write(text.data(), text.size());
        },
        [this, page](bool) {
          desk_.leave(page);
          --open_;
        });
  }

  desk& desk_;
  const server_options options_;
  httplib::Server http_;
  int port_ = -1;
  std::optional<guard> guard_;
  std::atomic<std::size_t> open_ = 0;
  std::atomic<bool> over_ = false;
};

server::server(desk& of, server_options options) : impl_(std::make_unique<impl>(of, std::move(options))) {}
server::~server() = default;

int server::port() const { return impl_->port_; }
void server::run() {
  impl_->http_.listen_after_bind();
  impl_->over_ = true;
}
void server::stop() {
  while (!impl_->http_.is_running() && !impl_->over_) std::this_thread::yield();  // it is about to begin
  impl_->http_.stop();
}

}  // namespace board
