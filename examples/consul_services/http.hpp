// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <httplib.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>

/// HTTP on a free port of 127.0.0.1, within bounds; a connection takes one request. What a handler throws is
/// the answer, in words: std::out_of_range is 404, std::length_error 503, anything else 400.
class http_server {
 public:
  static constexpr std::size_t max_body = 4096;  ///< bytes of a request's body
  static constexpr int max_requests = 64;  ///< at a time; the next ones wait where the system bounds them

  using getter = std::function<void(const httplib::Request&, httplib::Response&)>;
  using putter = std::function<void(const httplib::Request&, const std::string& body)>;

  http_server(const getter& get, const putter& put) {
    const auto any = "[^]*";
    server_.Get(any, get);
    server_.Put(any, [put](const auto& request, auto&, const auto& read) {
      std::string body;
      const auto take = [&](auto* data, auto size) { return body.append(data, size).size() <= max_body; };
      const bool sent = request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
      if (request.is_multipart_form_data() || (sent && !read(take)))
        throw std::invalid_argument("a body is JSON of at most " + std::to_string(max_body) + " bytes");
      put(request, body);
    });
    server_.set_pre_routing_handler([](const auto& request, auto&) {
      if (request.method != "GET" && request.method != "PUT")  // so that no other body is read
        throw std::invalid_argument("only GET and PUT are known here");
      return httplib::Server::HandlerResponse::Unhandled;
    });
    server_.set_exception_handler([](const auto&, auto& response, std::exception_ptr error) {
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& why) {
        const bool absent = dynamic_cast<const std::out_of_range*>(&why) != nullptr;
        const bool full = dynamic_cast<const std::length_error*>(&why) != nullptr;
        response.status = absent ? 404 : full ? 503 : 400;
        response.set_content(why.what() + std::string("\n"), "text/plain");
      }
    });
    server_.set_keep_alive_max_count(1);
    server_.new_task_queue = [] { return new pool; };
    port_ = server_.bind_to_any_port("127.0.0.1");
    if (port_ <= 0) throw std::runtime_error("no port of 127.0.0.1 is free");
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // a stop before that would be lost
  }
  /// Waits for the handlers that run.
  ~http_server() {
    server_.stop();
    thread_.join();
  }
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  int port() const { return port_; }

 private:
  struct pool : httplib::ThreadPool {
    pool() : ThreadPool(max_requests) {}
    void enqueue(std::function<void()> serve) override {
      free.acquire();
      ThreadPool::enqueue([this, serve] {
        serve();
        free.release();
      });
    }
    std::counting_semaphore<> free{max_requests};
  };

  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};
