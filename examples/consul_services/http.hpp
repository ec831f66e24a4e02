// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <regex>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <thread>

/// What a handler throws to answer with another status than 200, in words.
struct refused : std::runtime_error {
  refused(int code, const std::string& why) : runtime_error(why), status(code) {}
  int status;
};

/// Serves JSON on a free port of 127.0.0.1, within bounds; a connection takes one request. Handlers run one
/// at a time, under one lock; what they throw that is not `refused` is answered with 400.
///
/// Every answer to a GET has an index, how many changes there were. A request for `?index=N` while that is
/// still the index waits for another answer, for ?wait=30s at most, and without the lock.
class http_server {
 public:
  static constexpr std::size_t max_body = 4096;  ///< bytes of a request's body
  static constexpr int max_requests = 64;  ///< at a time; the next ones wait where the system bounds them
  static constexpr int max_waiting = 48;   ///< of these, for another answer
  static constexpr unsigned long max_wait = 120;  ///< seconds

  using getter = std::function<nlohmann::json(const httplib::Request&)>;
  using putter = std::function<void(const httplib::Request&, const std::string& body)>;

  http_server() {
    server_.set_pre_routing_handler([](const auto& request, auto&) {
      if (request.method != "GET" && request.method != "PUT")  // so that no other body is read
        throw refused(400, "only GET and PUT are known here");
      return httplib::Server::HandlerResponse::Unhandled;
    });
    server_.set_exception_handler([](const auto&, auto& response, std::exception_ptr error) {
      try {
        std::rethrow_exception(error);
      } catch (const std::exception& why) {
        const auto* known = dynamic_cast<const refused*>(&why);
        response.status = known != nullptr ? known->status : 400;
        response.set_content(why.what() + std::string("\n"), "text/plain");
      }
    });
    server_.set_keep_alive_max_count(1);
    server_.new_task_queue = [] { return new pool; };
    port_ = server_.bind_to_any_port("127.0.0.1");
    if (port_ <= 0) throw std::runtime_error("no port of 127.0.0.1 is free");
  }
  /// Nobody waits any more; returns after the last handler.
  ~http_server() {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
      changed_.notify_all();
    }
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  http_server(const http_server&) = delete;
  http_server& operator=(const http_server&) = delete;

  int port() const { return port_; }

  /// Answers a GET of paths that match a regular expression.
  void get(const std::string& path, const getter& make) {
    server_.Get(path, [this, make](const auto& request, auto& response) {
      const auto known = number(request, "index", "0");
      const std::chrono::seconds wait(std::min(number(request, "wait", "30s"), max_wait));
      std::unique_lock lock(mutex_);
      auto answer = make(request);
      if (known == index_) {
        if (waiting_ == max_waiting) throw refused(503, "too many wait already");
        ++waiting_;
        const auto before = answer;
        changed_.wait_for(lock, wait, [&] { return over_ || (answer = make(request)) != before; });
        --waiting_;
      }
      response.set_header("X-Consul-Index", std::to_string(index_));
      lock.unlock();
      const auto text = answer.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);  // any bytes
      response.set_content(text + "\n", "application/json");
    });
  }
  /// Does what a PUT says, likewise.
  void put(const std::string& path, const putter& act) {
    server_.Put(path, [this, act](const auto& request, auto&, const auto& read) {
      std::string body;
      const auto take = [&](auto* data, auto size) { return body.append(data, size).size() <= max_body; };
      const bool sent = request.has_header("Content-Length") || request.has_header("Transfer-Encoding");
      if (request.is_multipart_form_data() || (sent && !read(take)))
        throw refused(400, "a body is JSON of at most " + std::to_string(max_body) + " bytes");
      const std::lock_guard lock(mutex_);
      act(request, body);
    });
  }
  /// Begins to serve; what no handler takes is answered with 404.
  void start() {
    get("[^]*", [](auto&) -> nlohmann::json { throw refused(404, "there is nothing to GET here"); });
    put("[^]*", [](auto&, auto&) { throw refused(404, "there is nothing to PUT here"); });
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();  // a stop before that would be lost
  }

  /// The lock of the handlers, for others.
  std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }
  /// Tells, under that lock, that answers may be others now.
  void changed() {
    ++index_;
    changed_.notify_all();
  }

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

  /// A parameter that looks like `otherwise`: a number, with `s` behind it or not.
  static unsigned long number(const httplib::Request& request, const std::string& name,
                              const std::string& otherwise) {
    const auto text = request.has_param(name.c_str()) ? request.get_param_value(name.c_str()) : otherwise;
    const std::regex form(otherwise.ends_with('s') ? "\\d{1,9}s" : "\\d{1,18}");
    if (!std::regex_match(text, form)) throw refused(400, name + " has to be like " + otherwise);
    return std::stoul(text);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  unsigned long index_ = 1;
  int waiting_ = 0;
  bool over_ = false;
  httplib::Server server_;
  int port_ = 0;
  std::thread thread_;
};
