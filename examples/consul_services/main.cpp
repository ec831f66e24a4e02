// SPDX-License-Identifier: BSL-1.0
//
// Services as Consul keeps them: they register at any agent, any agent answers, and what is registered at a
// dead one is in no answer. `consul_services NAME [SEED...]` prints its endpoint, a seed for others, and
// http://127.0.0.1:PORT, where it speaks a part of Consul's API. A line `offline` cuts it off until the next:
//
//     PUT /v1/agent/service/register         {"Name": "web", "ID": "web1", "Tags": ["v2"], "Port": 80}
//     PUT /v1/agent/service/deregister/ID
//     PUT /v1/agent/check/pass/service:ID    or warn, or fail
//     GET /v1/health/service/NAME            ?passing and ?tag=TAG leave out others
//     GET /v1/catalog/services               as above, with ?index=N it waits for news, at most for ?wait=30s
#include <atomic>
#include <cereal/types/set.hpp>
#include <hearsay/crdt.hpp>
#include <hearsay/node.hpp>
#include <iostream>

#include "http.hpp"

namespace {
using httplib::Request, nlohmann::json, std::map, std::set, std::string, std::vector;
constexpr std::size_t max_services = 128;  // of an agent
const map<string, string> statuses{{"pass", "passing"}, {"warn", "warning"}, {"fail", "critical"}};

/// What is registered, and at which agent; only that one writes it.
struct service {
  static constexpr std::string_view crdt_name = "consul_service";
  hearsay::replica_id agent;
  string id, name, address, status;
  std::uint16_t port = 0;
  set<string> tags;

  friend auto operator<=>(const service&, const service&) = default;
  friend std::size_t hash_value(const service& one) { return std::hash<string>()(one.id); }
  void serialize(auto& archive) { archive(agent, id, name, address, status, port, tags); }
};
using catalog = hearsay::or_set<service>;

service registration(const string& body, hearsay::replica_id agent) {
  const json given = json::parse(body), port = given.value("Port", json(0U));
  const string name = given.at("Name"), id = given.value("ID", name);
  const string status = given.value(json::json_pointer("/Check/Status"), "passing");
  if (name.empty() || id.empty()) throw refused(400, "Name and ID must not be empty");
  if (!port.is_number_unsigned() || port > 65535) throw refused(400, "Port has to be a number up to 65535");
  if (status != "passing" && status != "warning" && status != "critical")
    throw refused(400, "Status has to be passing, warning or critical");
  return {agent, id, name, given.value("Address", ""), status, port, given.value("Tags", set<string>())};
}

class agent {
 public:
  explicit agent(hearsay::node& node) : node_(node) {
    http_.get("/v1/catalog/services", [this](auto&) { return names(); });
    http_.get("/v1/health/service/(.+)", [this](auto& request) { return instances(request); });
    http_.put("/v1/agent/service/register", [this](auto&, auto& body) {
      const service one = registration(body, node_.id());
      std::erase_if(own_, [&](const service& old) { return old.id == one.id; });
      if (own_.size() == max_services) throw refused(503, "this agent is full");
      own_.push_back(one);
      refresh(true);
    });
    http_.put("/v1/agent/service/deregister/(.+)", [this](auto& request, auto&) {
      change(request.matches[1], [&](auto one) { own_.erase(one); });
    });
    http_.put("/v1/agent/check/(pass|warn|fail)/service:(.+)", [this](auto& request, auto&) {
      change(request.matches[2], [&](auto one) { one->status = statuses.at(request.matches[1]); });
    });
    all_.on_change([this](auto&, auto&) { stale_ = true; });
    follower_ = std::jthread([this] {
      node_.wait_for(std::chrono::years(99), [this] {  // after each turn of the node
        const auto lock = http_.lock();
        refresh(stale_.exchange(false));
        return false;
      });
    });
    http_.start();
    std::cout << node_.endpoint() << "\nhttp://127.0.0.1:" << http_.port() << std::endl;
  }
  ~agent() { node_.leave(); }

 private:
  void change(const string& id, auto&& how) {
    const auto found = std::ranges::find(own_, id, &service::id);
    if (found == own_.end()) throw refused(404, "this agent has no service " + id);
    how(found);
    refresh(true);
  }
  json names() const {
    map<string, set<string>> tags;
    for (const service& one : found_) tags[one.name].insert(one.tags.begin(), one.tags.end());
    return tags;
  }
  json instances(const Request& request) const {
    json all = json::array();
    for (const auto& [where, id, name, address, status, port, tags] : found_) {
      bool fits = name == request.matches[1].str();
      fits &= status == "passing" || !request.has_param("passing");
      for (std::size_t i = 0; i < request.get_param_value_count("tag"); ++i)
        fits &= tags.contains(request.get_param_value("tag", i));
      const auto& about = here_.at(where).about;
      json node{{"ID", fmt::to_string(where)}, {"Node", about.name}, {"Address", about.endpoint}};
      json what{{"ID", id}, {"Service", name}, {"Address", address}, {"Port", port}, {"Tags", tags}};
      if (fits) all.push_back({{"Node", node}, {"Service", what}, {"Checks", {{{"Status", status}}}}});
    }
    return all;
  }
  /// When the catalog or who is here has changed: repairs what the catalog says of this agent's services,
  /// takes out those of an agent that just went, and finds what is to be answered.
  void refresh(bool changed) {
    const auto members = node_.members();
    const auto before = std::exchange(here_, {members.begin(), members.end()});
    if (!changed && here_ == before) return;
    all_.update([&](catalog& all, hearsay::replica& me) {
      catalog delta;
      for (const service& one : vector<service>(all.begin(), all.end())) {
        const bool went = before.contains(one.agent) && !here_.contains(one.agent);
        const bool wrong = one.agent == me.id() ? std::ranges::count(own_, one) == 0 : went;
        if (wrong) delta.merge(all.remove(me, one));
      }
      for (const service& one : own_)
        if (here_.contains(me.id()) && !all.contains(one)) delta.merge(all.add(me, one));  // unless it left
      return delta;
    });
    auto found = all_.read([](const catalog& all) { return set<service>(all.begin(), all.end()); });
    std::erase_if(found, [this](const service& one) { return !here_.contains(one.agent); });
    if (std::exchange(found_, found) != found) http_.changed();
  }

  std::atomic<bool> stale_ = true;
  vector<service> own_;  // registered here
  set<service> found_;   // at all who are here
  map<hearsay::replica_id, hearsay::membership::member> here_;
  hearsay::node& node_;
  hearsay::shared<catalog> all_ = node_.open<catalog>("services");
  http_server http_;
  std::jthread follower_;
};
}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || argv[1][0] == '-') return fmt::print(stderr, "usage: consul_services NAME [SEED...]\n"), 2;
  hearsay::node_options options{.seeds = {argv + 2, argv + argc}};
  options.gossip.members = {.name = argv[1]};
  hearsay::node node(options);
  const agent one(node);
  for (string line; std::getline(std::cin, line);) node.set_online(line != "offline");
} catch (const std::exception& error) {
  return fmt::print(stderr, "consul_services: {}\n", error.what()), 1;
}
