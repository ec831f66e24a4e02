// SPDX-License-Identifier: BSL-1.0
#include "agent.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <list>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "data.hpp"
#include "output.hpp"

namespace program {
namespace {

class agent {
 public:
  explicit agent(agent_options options)
      : options_(std::move(options)), listener_(options_.ipc), node_(options_.node), data_(node_) {
    tags_ = options_.node.gossip.members->tags;
    if (stop_.get() < 0) throw std::runtime_error("no more descriptors");
  }
  agent(const agent&) = delete;
  agent& operator=(const agent&) = delete;
  ~agent() {
    eventfd_write(stop_.get(), 1);
    workers_.clear();
    node_.stop();  // before the data to which its thread reports
  }

  bool run(int signals) {
    const auto& name = options_.node.gossip.members->name;
    const auto& shown = name.empty() ? node_.endpoint() : name;
    print_started({fmt::format("{}", node_.id()), shown, node_.endpoint(), "alive", 0, tags_}, options_.ipc,
                  options_.json);
    for (;;) {
      std::array<pollfd, 3> ready{pollfd{stop_.get(), POLLIN, 0}, pollfd{signals, POLLIN, 0},
                                  pollfd{listener_.get(), POLLIN, 0}};
      if (poll(ready.data(), ready.size(), -1) < 0) continue;
      if (ready[0].revents != 0) break;
      if (ready[1].revents != 0) {
        leave();
        break;
      }
      if (ready[2].revents != 0) welcome();
    }
    return leave();
  }

 private:
  struct worker {
    std::atomic<bool> done = false;
    std::jthread thread;
  };

  void welcome() {
    workers_.remove_if([](const worker& each) { return each.done.load(); });
    auto client = listener_.accept();
    if (!client) return;
    client->set_timeout(options_.patience);
    if (workers_.size() >= options_.clients) {
      client->send(hearsay::wire::encode(
          refusal(fmt::format("{} clients are served already; try again later", options_.clients))));
      return;
    }
    auto& mine = workers_.emplace_back();
    mine.thread = std::jthread([this, &mine, one = std::move(*client)] {
      serve(one);
      mine.done = true;
    });
  }

  static reply refusal(std::string why) {
    reply made;
    made.how = verdict::refused;
    made.text = std::move(why);
    return made;
  }

  void serve(const channel& client) {
    try {
      const auto bytes = client.receive(request_limits.frame_bytes);
      if (!bytes) return;
      const auto wanted = hearsay::wire::decode<request>(*bytes, request_limits);
      if (wanted.version != protocol_version) throw std::runtime_error("the agent is of another version");
      if (node_.error()) std::rethrow_exception(node_.error());
      if (wanted.what == operation::watch) return watch(client, wanted.name);
      answer(client, reply_to(wanted));
    } catch (const timed_out&) {
      // The client's loss.
    } catch (const std::exception& error) {
      try {
        client.send(hearsay::wire::encode(refusal(error.what())));
      } catch (const timed_out&) {
      }
    }
  }

  static bool answer(const channel& client, const reply& what) {
    return client.send(hearsay::wire::encode(what, reply_limits));
  }

  void watch(const channel& client, const std::string& name) {
    const data::watcher changes(data_, name);
    reply last;
    last.found = data_.look(name);
    while (answer(client, last)) {
      reply next = last;
      do {
        std::array<pollfd, 3> ready{pollfd{stop_.get(), POLLIN, 0}, pollfd{client.get(), POLLIN, 0},
                                    pollfd{changes.get(), POLLIN, 0}};
        if (poll(ready.data(), ready.size(), -1) < 0) continue;
        if (ready[0].revents != 0 || ready[1].revents != 0) return;
        changes.clear();
        next.found = data_.look(name);
      } while (next.found == last.found);
      last = std::move(next);
    }
  }

  reply reply_to(const request& wanted) {
    reply made;
    const std::string key = wanted.key.value_or("");
    switch (wanted.what) {
      case operation::members:
        made.members = members(wanted.all);
        break;
      case operation::tags:
        made.tags = retag(wanted);
        break;
      case operation::leave:
        if (!leave()) made.how = verdict::late;
        eventfd_write(stop_.get(), 1);
        break;
      case operation::incr:
        made.found.counter = data_.incr(wanted.name, wanted.amount);
        break;
      case operation::add:
        made.changed = data_.add(wanted.name, key);
        break;
      case operation::remove:
        made.changed = data_.remove(wanted.name, key);
        if (!made.changed) made.how = verdict::missing;
        break;
      case operation::put:
        data_.put(wanted.name, key, wanted.value);
        made.changed = true;
        break;
      case operation::get:
      case operation::watch:
        made.found = data_.look(wanted.name);
        if (wanted.key) {
          objects one;
          const auto& map = made.found.map;
          if (map && map->contains(key)) one.map.emplace().emplace(key, map->at(key));
          made.found = one;
        }
        if (made.found == objects{}) made.how = verdict::missing;
        break;
    }
    return made;
  }

  std::vector<member_row> members(bool all) const {
    std::vector<member_row> rows;
    const auto here = node_.members();
    for (const auto& [id, one] : all ? node_.known_members() : here) {
      const bool refused =
          one.here() && std::ranges::any_of(here, [&, who = id, about = one.about](auto& other) {
            return other.first != who &&
                   (other.second.about.name == about.name || other.second.about.endpoint == about.endpoint);
          });
      rows.push_back({fmt::format("{}", id), one.about.name, one.about.endpoint,
                      refused ? "refused" : std::string(to_string(one.status)), one.incarnation.value,
                      one.about.tags});
    }
    return rows;
  }

  std::map<std::string, std::string> retag(const request& wanted) {
    const std::lock_guard lock(tagging_);
    auto fresh = tags_;
    for (const auto& [tag, value] : wanted.tags) {
      if (value) {
        fresh.insert_or_assign(tag, *value);
      } else {
        fresh.erase(tag);
      }
    }
    if (fresh != tags_) node_.set_tags(fresh);
    return tags_ = fresh;
  }

  bool leave() {
    const std::lock_guard lock(leaving_);
    if (!left_) left_ = node_.leave();
    return *left_;
  }

  agent_options options_;
  listener listener_;
  hearsay::node node_;
  data data_;
  std::mutex tagging_;
  std::map<std::string, std::string> tags_;
  std::mutex leaving_;
  std::optional<bool> left_;
  descriptor stop_{eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};  // readable for good once all is to end
  std::list<worker> workers_;
};

}  // namespace

bool run_agent(agent_options options) {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // in the threads to come, too
  const descriptor signals(signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK));
  if (signals.get() < 0) throw std::runtime_error("signals cannot be awaited");
  return agent(std::move(options)).run(signals.get());
}

}  // namespace program
