// SPDX-License-Identifier: BSL-1.0
//
// Services as Consul keeps them: they register at any agent, any agent answers, and what is registered at a
// dead one is in no answer. `consul_services NAME [SEED...]` prints its endpoint, which is a seed for others,
// and http://127.0.0.1:PORT, where it speaks a part of Consul's API until its input ends:
//
//     PUT /v1/agent/service/register         {"Name": "web", "ID": "web1", "Tags": ["v2"], "Port": 80}
//     PUT /v1/agent/service/deregister/ID
//     PUT /v1/agent/check/pass/service:ID    or warn, or fail
//     GET /v1/health/service/NAME            ?passing and ?tag=TAG leave out others
//     GET /v1/catalog/services
//
// With ?index=N, the X-Consul-Index of an answer, a GET waits for the next one, at most for ?wait=30s.
#include <atomic>
#include <hearsay/crdt.hpp>
#include <hearsay/node.hpp>
#include <iostream>
#include <nlohmann/json.hpp>
#include <regex>

#include "answers.hpp"
#include "api.hpp"
#include "http.hpp"

namespace {
using api::require, nlohmann::json, std::map, std::string;
constexpr std::size_t max_services = 128;  // of an agent
const string all_services = "/v1/catalog/services", one_service = "/v1/health/service/";

using services = hearsay::or_map<string, hearsay::mv_register<string>>;  // as JSON, by ID
using catalog = hearsay::or_map<string, services>;  // by the process of the agent, which alone writes there

map<string, string> registered(const catalog& all, const string& at) {
  map<string, string> found;
  if (!all.contains(at)) return found;
  for (const auto& [id, service] : *all.get(at)) found[id] = service.values().front();
  return found;
}

class agent {
 public:
  explicit agent(const hearsay::node_options& given) : node_(given) {
    all_.on_change([this](auto&, auto&) { stale_ = true; });
    follower_ = std::thread([&] { node_.wait_for(std::chrono::hours(1 << 16), [&] { return look(); }); });
    fmt::print("{}\nhttp://127.0.0.1:{}\n", node_.endpoint(), http_.port());
  }
  ~agent() {
    node_.leave();
    follower_.join();
    answers_.close();
  }

 private:
  void put(const httplib::Request& request, const string& body) {
    const std::regex paths("/v1/agent/(service/register|service/deregister/(.+)|check/(.+)/service:(.+))");
    std::smatch part;
    require<std::out_of_range>(std::regex_match(request.path, part, paths), "there is nothing to PUT here");
    const string id = part[2].str() + part[4].str();
    const std::lock_guard lock(mutex_);
    require<std::out_of_range>(id.empty() || own_.contains(id), "this agent has no service " + id);
    if (id.empty()) {
      const auto service = api::service(json::parse(body));
      const bool known = own_.contains(service["Service"]["ID"]);
      require<std::length_error>(known || own_.size() < max_services, "this agent is full");
      own_[service["Service"]["ID"]] = service.dump();
    } else if (part[2].matched) {
      own_.erase(id);
    } else {
      auto service = json::parse(own_[id]);
      service["Checks"][0]["Status"] = api::statuses.at(part[3]);
      own_[id] = service.dump();
    }
    refresh();
  }
  void get(const httplib::Request& request, httplib::Response& response) {
    const auto wait = api::number(request, "wait", "30s");
    const bool known = request.path == all_services || request.path.starts_with(one_service);
    require<std::out_of_range>(known, "there is nothing to GET here");
    auto [now, all] = answers_.get(request.path, api::number(request, "index", "0"), wait);
    api::filter(all, request);
    response.set_header("X-Consul-Index", fmt::to_string(now));
    response.set_content(all.dump(2) + "\n", "application/json");
  }
  /// After each turn of the node: what was registered at those who went is erased.
  bool look() {
    map<string, hearsay::membership::profile> here;
    for (const auto& [id, member] : node_.members()) here[fmt::to_string(id)] = member.about;
    const std::lock_guard lock(mutex_);
    if (!stale_.exchange(false) && here == here_) return false;
    all_.update([&](catalog& all, hearsay::replica& me) {
      catalog delta;
      for (const auto& was : here_)
        if (!here.contains(was.first)) delta.merge(all.erase(me, was.first));
      return delta;
    });
    here_ = here;
    refresh();
    return false;
  }
  /// Repairs what the catalog says of this agent's own services, and makes the answers anew.
  void refresh() {
    all_.update([&](catalog& all, hearsay::replica& me) {
      const auto self = fmt::to_string(me.id());
      if (registered(all, self) == own_) return catalog();
      return all.put(me, self, [&](services& mine) {
        services delta;
        for (const auto& own : own_)
          delta.merge(mine.update(me, own.first, [&](auto& value) { return value.set(me, own.second); }));
        return delta;
      });
    });
    map<string, json> fresh;
    map<string, std::set<string>> names;
    all_.read([&](const catalog& all) {
      for (const auto& [process, about] : here_) {
        for (const auto& [id, text] : registered(all, process)) {
          auto one = json::parse(text);
          one["Node"] = {{"ID", process}, {"Node", about.name}, {"Address", about.endpoint}};
          const string name = one["Service"]["Service"];
          names[name].merge(one["Service"]["Tags"].get<std::set<string>>());
          fresh[one_service + name].push_back(one);
        }
      }
    });
    fresh[all_services] = names;
    answers_.publish(fresh);
  }

  std::mutex mutex_;
  std::atomic<bool> stale_ = true;
  map<string, string> own_;  // registered here
  map<string, hearsay::membership::profile> here_;
  answers answers_;
  hearsay::node node_;
  hearsay::shared<catalog> all_ = node_.open<catalog>("services");
  std::thread follower_;
  http_server http_{[this](auto& request, auto& response) { get(request, response); },
                    [this](auto& request, auto& body) { put(request, body); }};
};
}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return fmt::print(stderr, "usage: consul_services NAME [SEED...]\n"), 2;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  hearsay::node_options options{.seeds = {argv + 2, argv + argc}, .log = [](auto) {}};
  options.gossip.members = {.name = argv[1]};
  agent one(options);
  std::cin.ignore(std::numeric_limits<std::streamsize>::max());
}
