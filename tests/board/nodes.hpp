// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/process/process.hpp"

namespace testing {

/// A board program, and what its page asks it. BOARD is the path of the program.
class board_node {
 public:
  using json = nlohmann::json;

  explicit board_node(const std::string& name, const std::vector<std::string>& seeds = {},
                      const std::vector<std::string>& more = {})
      : name_(name),
        process_(command(name, seeds, more)),
        address_(process_.hear()),
        endpoint_(process_.hear()) {
    if (!address_.starts_with("http://127.0.0.1:")) throw std::runtime_error("no board: " + address_);
    address_.pop_back();
    http().set_tcp_nodelay(true);
  }

  const std::string& address() const { return address_; }
  const std::string& endpoint() const { return endpoint_; }
  int port() const { return std::stoi(address_.substr(address_.rfind(':') + 1)); }
  process& own() { return process_; }
  httplib::Client& http() {
    if (!http_) {
      http_ = std::make_unique<httplib::Client>("127.0.0.1", port());
      http_->set_keep_alive(true);
      http_->set_read_timeout(30);
    }
    return *http_;
  }

  /// Asks for something, in the page's name; what is answered. Throws std::runtime_error if it is refused.
  json ask(json what) {
    what.emplace("page", "test " + name_);
    const auto answer = http().Post("/act", what.dump(), "application/json");
    if (!answer) throw std::runtime_error("the board does not answer");
    if (answer->status != 200) throw std::runtime_error(answer->body);
    return json::parse(answer->body);
  }
  std::string get(const std::string& path) {
    const auto answer = http().Get(path);
    if (!answer || answer->status != 200) throw std::runtime_error("no " + path);
    return answer->body;
  }
  json board() { return json::parse(get("/board")); }
  std::string column(std::size_t i = 0) { return board().at("columns").at(i).at("id"); }
  json note(const std::string& id) {
    const auto now = board();
    for (const auto& each : now.at("notes")) {
      if (each.at("id") == id) return each;
    }
    return nullptr;
  }

  /// Reads news until they are as wished, each message an object of JSON. Throws std::runtime_error when that
  /// has not come within that time.
  template <class Test>
  void follow(Test&& is_it, const std::string& page = "follower",
              std::chrono::milliseconds most = std::chrono::seconds(15)) {
    httplib::Client stream("127.0.0.1", port());
    const auto until = std::chrono::steady_clock::now() + most;
    std::string heard;
    bool found = false;
    stream.Get("/events?page=" + page, [&](const char* data, std::size_t size) {
      heard.append(data, size);
      for (auto end = heard.find("\n\n"); end != heard.npos && !found; end = heard.find("\n\n")) {
        if (heard.starts_with("data: ")) found = is_it(json::parse(heard.substr(6, end - 6)));
        heard.erase(0, end + 2);
      }
      return !found && std::chrono::steady_clock::now() < until;
    });
    if (!found) throw std::runtime_error(name_ + ": the news did not come");
  }
  /// Waits until the board is as wished: looks at it whenever there is news of it.
  template <class Test>
  json until(const Test& is_it) {
    json seen;
    follow([&](const json&) { return is_it(seen = board()); });
    return seen;
  }

 private:
  static std::vector<std::string> command(const std::string& name, const std::vector<std::string>& seeds,
                                          const std::vector<std::string>& more) {
    std::vector<std::string> all{BOARD, "--name", name, "--listen",
                                 "tcp://127.0.0.1:" + std::to_string(free_port())};
    if (std::ranges::count(more, "--http") == 0) all.insert(all.end(), {"--http", "0"});
    for (const auto& each : seeds) all.insert(all.end(), {"--seeds", each});
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  std::string name_;
  process process_;
  std::string address_;
  std::string endpoint_;
  std::unique_ptr<httplib::Client> http_;
};

/// The columns with which the boards of tests begin.
inline const std::vector<std::string> three_columns = {"--columns", "To do", "Doing", "Done"};

}  // namespace testing
