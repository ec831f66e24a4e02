// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <httplib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "tests/process/process.hpp"

namespace testing {

/// The path of a program, empty if there is none of these.
inline std::string program_of(const std::vector<std::string>& names) {
  const char* path = getenv("PATH");
  std::string folders = path == nullptr ? "" : path;
  for (std::size_t at = 0; at <= folders.size();) {
    const auto end = std::min(folders.find(':', at), folders.size());
    for (const auto& name : names) {
      const auto file = folders.substr(at, end - at) + "/" + name;
      if (access(file.c_str(), X_OK) == 0) return file;
    }
    at = end + 1;
  }
  return "";
}

/// A browser without a screen, driven as W3C WebDriver says by chromedriver (Debian: chromium-driver), with
/// several windows. Throws std::runtime_error with what the browser says.
class browser {
 public:
  using json = nlohmann::json;

  static std::string driver() { return program_of({"chromedriver"}); }
  static std::string chromium() {
    return program_of({"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"});
  }
  /// What is missing to have one; empty if nothing is.
  static std::string missing() {
    return chromium().empty() ? "Chromium (Debian: chromium)"
           : driver().empty() ? "chromedriver (Debian: chromium-driver)"
                              : "";
  }

  explicit browser(const std::vector<std::string>& more = {})
      : port_(free_port()), driver_({driver(), "--port=" + std::to_string(port_)}) {
    while (driver_.hear().find("started successfully") == std::string::npos) {
    }
    http_ = std::make_unique<httplib::Client>("127.0.0.1", port_);
    http_->set_read_timeout(120);
    http_->set_keep_alive(true);
    http_->set_tcp_nodelay(true);
    json arguments{"--headless=new",
                   "--no-sandbox",
                   "--disable-gpu",
                   "--no-first-run",
                   "--disable-dev-shm-usage",
                   "--disable-background-networking",
                   "--disable-component-update",
                   "--disable-sync",
                   "--disable-extensions",
                   "--disable-background-timer-throttling",
                   "--disable-renderer-backgrounding",
                   "--disable-backgrounding-occluded-windows",
                   "--hide-scrollbars",
                   "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"};
    for (const auto& each : more) arguments.push_back(each);
    const json wanted{{"capabilities",
                       {{"alwaysMatch",
                         {{"goog:chromeOptions", {{"binary", chromium()}, {"args", arguments}}},
                          {"timeouts", {{"script", 60'000}}}}}}}};
    session_ = "/session/" + ask("POST", "/session", wanted).at("sessionId").get<std::string>();
  }
  ~browser() {
    try {
      ask("DELETE", session_, nullptr);
    } catch (const std::exception&) {
      // Killed with its driver.
    }
  }

  /// A window of that size, besides those that are there.
  std::string window(int width = 1200, int height = 800) {
    std::string made =
        first_.empty()
            ? ask("GET", session_ + "/window", nullptr).get<std::string>()
            : ask("POST", session_ + "/window/new", {{"type", "window"}}).at("handle").get<std::string>();
    if (first_.empty()) first_ = made;
    look_at(made);
    ask("POST", session_ + "/window/rect", {{"width", width}, {"height", height}});
    return made;
  }
  /// What follows is done in this window.
  void look_at(const std::string& window) {
    if (std::exchange(now_, window) != window) ask("POST", session_ + "/window", {{"handle", window}});
  }
  void open(const std::string& address) { ask("POST", session_ + "/url", {{"url", address}}); }
  void reload() { ask("POST", session_ + "/refresh", json::object()); }

  /// Runs the body of a function with `arguments`; what it returns.
  json run(const std::string& body, const json& arguments = json::array()) {
    return ask("POST", session_ + "/execute/sync", {{"script", body}, {"args", arguments}});
  }
  /// Waits until an expression holds, which is looked at whenever the page has changed. Throws when it does
  /// not within 15 seconds.
  void until(const std::string& holds, const json& arguments = json::array()) {
    const auto found = ask("POST", session_ + "/execute/async", {{"args", arguments}, {"script", R"(
        const done = arguments[arguments.length - 1];
        const given = [...arguments].slice(0, -1);
        const test = new Function('return (' + )" + json(holds).dump() + R"( + ');');
        const look = () => { try { return test.apply(null, given); } catch (error) { return false; } };
        if (look()) return done(true);
        const watch = new MutationObserver(() => { if (look()) end(true); });
        const late = setTimeout(() => end(look()), 15000);
        const end = (how) => { watch.disconnect(); clearTimeout(late); done(how); };
        watch.observe(document.documentElement,
          { subtree: true, childList: true, attributes: true, characterData: true });)"}});
    if (found != true)
      throw std::runtime_error("it does not come to: " + holds + "\n" +
                               run("return document.body.innerText").get<std::string>());
  }
  void click(const std::string& selector) { ask("POST", element(selector) + "/click", json::object()); }
  /// Types into an element, as a keyboard does.
  void type(const std::string& selector, const std::string& keys) {
    ask("POST", element(selector) + "/value", {{"text", keys}});
  }
  void clear(const std::string& selector) { ask("POST", element(selector) + "/clear", json::object()); }
  /// Presses, moves and lets go: the actions of one input device.
  void act(const json& device) { ask("POST", session_ + "/actions", {{"actions", json::array({device})}}); }
  /// A picture of the window, as base64 of PNG.
  std::string picture() { return ask("GET", session_ + "/screenshot", nullptr).get<std::string>(); }
  /// An order of Chromium's own protocol.
  json order(const std::string& what, const json& given) {
    return ask("POST", session_ + "/goog/cdp/execute", {{"cmd", what}, {"params", given}});
  }

 private:
  std::string element(const std::string& selector) {
    const auto found = ask("POST", session_ + "/element", {{"using", "css selector"}, {"value", selector}});
    return session_ + "/element/" + found.begin().value().get<std::string>();
  }
  json ask(const std::string& method, const std::string& path, const json& body) {
    const auto answer = method == "GET"      ? http_->Get(path)
                        : method == "DELETE" ? http_->Delete(path)
                                             : http_->Post(path, body.dump(), "application/json");
    if (!answer) throw std::runtime_error("chromedriver does not answer " + path);
    const auto read = json::parse(answer->body).at("value");
    if (answer->status != 200) throw std::runtime_error(path + ": " + read.value("message", answer->body));
    return read;
  }

  std::uint16_t port_;
  process driver_;
  std::unique_ptr<httplib::Client> http_;
  std::string session_;
  std::string first_;
  std::string now_;
};

}  // namespace testing
