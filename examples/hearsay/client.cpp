// SPDX-License-Identifier: BSL-1.0
#include "client.hpp"

#include <fmt/format.h>

#include "channel.hpp"
#include "output.hpp"

namespace program {
namespace {

reply next(const channel& agent) {
  const auto bytes = agent.receive(reply_limits.frame_bytes);
  if (!bytes) throw no_agent("the agent has ended");
  return hearsay::wire::decode<reply>(*bytes, reply_limits);
}

std::string missing(const request& wanted) {
  if (wanted.what == operation::remove)
    return fmt::format("'{}' is not in the set {}", *wanted.key, wanted.name);
  if (wanted.key) return fmt::format("the map {} has no key '{}'", wanted.name, *wanted.key);
  return fmt::format("there is no {}; incr, add and put make one", wanted.name);
}

int print(const request& wanted, const reply& answer, bool json) {
  switch (wanted.what) {
    case operation::members:
      print_members(answer.members, json);
      break;
    case operation::tags:
      print_tags(answer.tags, json);
      break;
    case operation::leave:
      print_left(json);
      break;
    case operation::get:
    case operation::watch:
      print_objects(wanted, answer.found, json);
      break;
    default:
      print_written(wanted, answer, json);
  }
  return exit_done;
}

}  // namespace

int ask(const request& wanted, const client_options& options) {
  const auto bytes = hearsay::wire::encode(wanted, request_limits);
  const auto agent = channel::connect(options.ipc, options.timeout);
  agent.send(bytes);  // a reply may wait even if the agent takes no more
  auto answer = next(agent);
  if (answer.how == verdict::done && wanted.what == operation::watch) {
    agent.set_timeout(std::chrono::milliseconds(0));
    for (objects before; answer.how == verdict::done; answer = next(agent)) {
      print_changes(wanted.name, before, answer.found, options.json);
      before = answer.found;
    }
  }
  switch (answer.how) {
    case verdict::done:
      return print(wanted, answer, options.json);
    case verdict::missing:
      print_error(missing(wanted), exit_refused, options.json);
      return exit_refused;
    case verdict::late:
      print_error("the agent left, but not enough members have its last updates", exit_timeout, options.json);
      return exit_timeout;
    default:
      print_error(answer.text, exit_refused, options.json);
      return exit_refused;
  }
}

}  // namespace program
