// SPDX-License-Identifier: BSL-1.0
#include <httplib.h>

#include <cereal/types/set.hpp>
#include <future>
#include <hearsay/crdt.hpp>
#include <hearsay/node.hpp>
#include <nlohmann/json.hpp>
#include <semaphore>

#include "console.hpp"
#include "tests/catch.hpp"

namespace {

using nlohmann::json;
using ids = std::vector<std::string>;

struct answer {
  int status = 0;
  std::string index;
  std::string body;
};

/// An agent, and HTTP with it.
struct agent : testing::console {
  explicit agent(const std::string& name, const std::string& a_seed = {})
      : console(a_seed.empty() ? std::vector<std::string>{PROGRAM, name}
                               : std::vector<std::string>{PROGRAM, name, a_seed}),
        seed(line("tcp://")),
        http(line("http://")) {}

  answer get(const std::string& path) const {
    httplib::Client client(http);
    client.set_read_timeout(60);
    return checked(client.Get(path));
  }
  answer put(const std::string& path, const std::string& body = {}) const {
    return checked(httplib::Client(http).Put("/v1/agent/" + path, body, "application/json"));
  }
  answer add(const json& service) const { return put("service/register", service.dump()); }
  /// Watches a path until `fits` an answer; throws when one came late because nothing happened.
  answer until(const std::string& path, const std::function<bool(const json&)>& fits) const {
    const std::string sign = path.find('?') == path.npos ? "?" : "&";
    for (auto now = get(path);;) {
      if (fits(json::parse(now.body))) return now;
      auto next = get(path + sign + "wait=30s&index=" + now.index);
      if (next.index == now.index) throw std::runtime_error(path + " stays\n" + now.body);
      now = next;
    }
  }
  /// Watches a service until these are its instances.
  answer until(const std::string& query, const ids& wanted) const;

  std::string seed, http;

 private:
  static answer checked(const httplib::Result& result) {
    if (!result) throw std::runtime_error("no answer: " + httplib::to_string(result.error()));
    return {result->status, result->get_header_value("X-Consul-Index"), result->body};
  }
};

ids of(const json& all) {
  ids found;
  for (const auto& each : all) found.push_back(each["Service"]["ID"]);
  std::ranges::sort(found);
  return found;
}
ids of(const answer& given) { return of(json::parse(given.body)); }

answer agent::until(const std::string& query, const ids& wanted) const {
  return until("/v1/health/service/" + query, [&](const json& all) { return of(all) == wanted; });
}

/// What the agents have in their catalog, for a member that writes into it what it likes.
struct service {
  static constexpr std::string_view crdt_name = "consul_service";
  hearsay::replica_id agent;
  std::string id, name, address, status;
  std::uint16_t port = 0;
  std::set<std::string> tags;

  friend auto operator<=>(const service&, const service&) = default;
  friend std::size_t hash_value(const service& one) { return std::hash<std::string>()(one.id); }
  void serialize(auto& archive) { archive(agent, id, name, address, status, port, tags); }
};
using catalog = hearsay::or_set<service>;

const json web1{{"ID", "web1"}, {"Name", "web"}, {"Port", 8001}, {"Tags", {"v1", "eu"}}};
const json web3{{"ID", "web3"}, {"Name", "web"}, {"Port", 8003}};
const json web2{{"ID", "web2"}, {"Name", "web"}, {"Port", 8002}, {"Tags", {"v2", "eu"}}};

}  // namespace

TEST_CASE("what is registered at one agent is answered by the others, by tag and health") {
  agent a("a"), b("b", a.seed), c("c", a.seed);
  CHECK(a.add(web1).status == 200);
  CHECK(b.add(web2).status == 200);
  c.until("web", ids{"web1", "web2"});
  const auto all = json::parse(c.get("/v1/health/service/web?tag=v2").body);
  REQUIRE(of(all) == ids{"web2"});
  CHECK(all[0]["Node"]["Node"] == "b");
  CHECK(all[0]["Service"]["Port"] == 8002);
  CHECK(of(c.get("/v1/health/service/web?tag=eu")) == ids{"web1", "web2"});
  CHECK(of(c.get("/v1/health/service/web?tag=eu&tag=v1")) == ids{"web1"});
  CHECK(json::parse(c.get("/v1/catalog/services").body) == json{{"web", {"eu", "v1", "v2"}}});

  CHECK(b.put("check/fail/service:web2").status == 200);
  c.until("web?passing", ids{"web1"});
  CHECK(of(c.get("/v1/health/service/web")) == ids{"web1", "web2"});
  CHECK(b.put("check/pass/service:web2").status == 200);
  c.until("web?passing", ids{"web1", "web2"});
  CHECK(b.put("service/deregister/web2").status == 200);
  c.until("web", ids{"web1"});
  CHECK(a.put("service/deregister/web1").status == 200);
  c.until("/v1/catalog/services", [](const json& left) { return left.empty(); });
  for (auto* each : {&a, &b, &c}) CHECK(each->finish() == 0);
}

TEST_CASE("a watch answers when something changes, and when its time is over") {
  agent a("a"), b("b", a.seed);
  CHECK(a.add(web1).status == 200);
  const auto before = b.until("web", ids{"web1"});
  const auto watch = "/v1/health/service/web?index=" + before.index;
  const auto start = std::chrono::steady_clock::now();
  const auto same = b.get(watch + "&wait=1s");
  CHECK(std::chrono::steady_clock::now() - start >= std::chrono::seconds(1));
  CHECK(same.index == before.index);
  CHECK(same.body == before.body);

  auto waiting = std::async(std::launch::async, [&] { return b.get(watch + "&wait=60s"); });
  CHECK(a.add(web2).status == 200);
  const auto after = waiting.get();
  CHECK(of(after) == ids{"web1", "web2"});
  CHECK(std::stoul(after.index) > std::stoul(before.index));

  CHECK(b.finish() == 0);
  CHECK(a.finish() == 0);
}

TEST_CASE("only so many wait at a time") {
  agent a("a");
  CHECK(a.add(web1).status == 200);
  const auto watch = "/v1/health/service/web?wait=60s&index=" + a.get("/v1/health/service/web").index;
  std::counting_semaphore<> refused(0);
  std::vector<std::future<int>> all;
  for (int i = 0; i < 60; ++i) {
    all.push_back(std::async(std::launch::async, [&] {
      const int status = a.get(watch).status;
      if (status == 503) refused.release();
      return status;
    }));
  }
  for (int i = 0; i < 12; ++i) CHECK(refused.try_acquire_for(std::chrono::seconds(15)));
  CHECK(a.add(web2).status == 200);
  std::map<int, int> answered;
  for (auto& each : all) ++answered[each.get()];
  CHECK(answered == std::map<int, int>{{200, 48}, {503, 12}});
  CHECK(a.finish() == 0);
}

TEST_CASE("what is registered at an agent that is dead or cut off is in no answer") {
  agent a("a"), b("b", a.seed), c("c", a.seed);
  CHECK(b.add(web1).status == 200);
  CHECK(c.add(web2).status == 200);
  for (auto* each : {&a, &b, &c}) each->until("web", ids{"web1", "web2"});

  b.send(SIGKILL);
  for (auto* each : {&a, &c}) each->until("web", ids{"web2"});
  CHECK(b.end() == 1000 + SIGKILL);
  agent again("b", a.seed);
  again.until("web", ids{"web2"});
  CHECK(of(a.get("/v1/health/service/web")) == ids{"web2"});
  CHECK(again.add(web1).status == 200);
  for (auto* each : {&a, &again, &c}) each->until("web", ids{"web1", "web2"});

  c.send(SIGSTOP);
  for (auto* each : {&a, &again}) each->until("web", ids{"web1"});
  c.send(SIGCONT);
  for (auto* each : {&a, &again, &c}) each->until("web", ids{"web1", "web2"});

  // Both sides go on answering, and take registrations.
  c.say("offline");
  for (auto* each : {&a, &again}) each->until("web", ids{"web1"});
  c.until("web", ids{"web2"});
  CHECK(c.add(web3).status == 200);
  CHECK(a.put("service/deregister/web1").status == 404);
  CHECK(again.put("service/deregister/web1").status == 200);
  a.until("web", ids{});
  c.until("web", ids{"web2", "web3"});
  c.say("online");
  for (auto* each : {&a, &again, &c}) each->until("web", ids{"web2", "web3"});
  for (auto* each : {&a, &again, &c}) CHECK(each->finish() == 0);
}

TEST_CASE("a member that writes what it likes ends no agent, and says nothing in the name of one") {
  agent a("a"), b("b", a.seed);
  CHECK(a.add(web1).status == 200);
  CHECK(b.add(web2).status == 200);

  hearsay::node_options options{.seeds = {a.seed}, .log = [](auto) {}};
  options.gossip.members = {.name = "\xff"};
  hearsay::node stranger(options);
  auto all = stranger.open<catalog>("services");
  const auto comes = [&](const std::function<bool(const catalog&)>& holds) {
    return stranger.wait_for(std::chrono::seconds(15), [&] { return all.read(holds); });
  };
  REQUIRE(comes([](const catalog& now) { return now.size() == 2; }));
  const auto found = all.read([](const catalog& now) { return std::set<service>(now.begin(), now.end()); });
  const service own = *std::ranges::find(found, "web1", &service::id);
  service forged = own;
  forged.id = "forged";
  all.update([&](catalog& now, hearsay::replica& me) {
    auto delta = now.add(me, {me.id(), "web\xff", "web", "\xc3(", "\xf0", 65535, {"\xe2\x82", "eu"}});
    delta.merge(now.add(me, {me.id(), "nothing", "\x80\n\"", "", "", 0, {}}));
    delta.merge(now.add(me, forged));
    delta.merge(now.remove(me, own));
    return delta;
  });

  for (auto* each : {&a, &b}) each->until("web", ids{"web1", "web2", "web\uFFFD"});
  CHECK(of(a.get("/v1/health/service/web?passing")) == ids{"web1", "web2"});
  CHECK(of(b.get("/v1/health/service/web?tag=eu")) == ids{"web1", "web2", "web\uFFFD"});
  CHECK(json::parse(b.get("/v1/catalog/services").body).contains("\uFFFD\n\""));
  CHECK(comes([&](const catalog& now) { return now.contains(own) && !now.contains(forged); }));

  CHECK(b.finish() == 0);
  CHECK(comes([&](const catalog& now) { return now.size() == 3; }));
  stranger.leave();
  a.until("web", ids{"web1"});
  CHECK(a.finish() == 0);
}

TEST_CASE("what cannot be done is refused in words, and the agent goes on") {
  agent a("a");
  const auto refused = [](const answer& given, int status, const std::string& why) {
    CAPTURE(given.body);
    CHECK(given.status == status);
    CHECK(given.body.find(why) != given.body.npos);
  };
  refused(a.put("service/register", "{\"Name\":"), 400, "parse error");
  refused(a.put("service/register", "[]"), 400, "with array");
  refused(a.add({{"Name", ""}}), 400, "must not be empty");
  refused(a.add({{"Name", "x"}, {"Port", 65536}}), 400, "up to 65535");
  refused(a.add({{"Name", "x"}, {"Port", "80"}}), 400, "up to 65535");
  refused(a.add({{"Name", "x"}, {"Tags", 1}}), 400, "type must be");
  refused(a.add({{"Name", "x"}, {"Check", {{"Status", "fine"}}}}), 400, "passing, warning or critical");
  refused(a.add({{"Name", std::string(5000, 'x')}}), 400, "at most 4096 bytes");
  refused(a.put("service/deregister/web1"), 404, "no service web1");
  refused(a.put("service/forget"), 404, "nothing to PUT");
  refused(a.get("/v1/kv/x"), 404, "nothing to GET");
  refused(a.get("/v1/health/service/web?index=-1"), 400, "index has to be like");
  refused(a.get("/v1/health/service/web?index=1&wait=soon"), 400, "wait has to be like");
  for (int i = 0; i < 128; ++i) CHECK(a.add({{"Name", "x"}, {"ID", std::to_string(i)}}).status == 200);
  refused(a.add(web1), 503, "full");
  CHECK(a.put("service/deregister/7").status == 200);
  CHECK(a.add(web1).status == 200);
  refused(a.put("check/mend/service:web1"), 404, "");
  CHECK(of(a.get("/v1/health/service/web")) == ids{"web1"});
  CHECK(a.finish() == 0);
}
