// SPDX-License-Identifier: BSL-1.0
//
// hearsay: a node of a cluster as a program, and commands that talk to it. docs/program.md tells how.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "agent.hpp"
#include "channel.hpp"
#include "client.hpp"
#include "output.hpp"

namespace {

using program::operation;

/// All that the arguments may say.
struct arguments {
  program::client_options client;
  program::request wanted;
  program::agent_options agent;
  std::string name;
  std::vector<std::string> tags;
  double seconds = 10;
  bool is_agent = false;
};

/// `key=value` sets a tag, `key-` removes it.
std::pair<std::string, std::optional<std::string>> tag_of(const std::string& text, bool may_remove) {
  if (const auto sign = text.find('='); sign != std::string::npos && sign != 0) {
    return {text.substr(0, sign), text.substr(sign + 1)};
  }
  if (may_remove && text.size() > 1 && text.back() == '-') return {text.substr(0, text.size() - 1), {}};
  throw std::invalid_argument(
      fmt::format("'{}' is no tag: write key=value{}", text, may_remove ? ", or key- to remove it" : ""));
}

template <class T>
std::optional<T> parsed(const std::string& text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return number;
}

/// CLI11's own range takes in what is no number.
std::string is_timeout(const std::string& text) {
  const auto seconds = parsed<double>(text);
  return seconds && *seconds >= 0.001 && *seconds <= 86400 ? "" : "has to be 0.001 to 86400 seconds";
}

/// Here, since CLI11 takes the nearest number that there is for one that is too large.
std::int64_t number_of(const std::string& text) {
  if (const auto number = parsed<std::int64_t>(text)) return *number;
  throw std::invalid_argument(fmt::format("'{}' is no whole number of 64 bits", text));
}

void add_agent(CLI::App& app, arguments& given) {
  auto& command = *app.add_subcommand("agent", "Run a node here, until it is told to leave");
  command.add_option("--listen", given.agent.node.listen, "Where other nodes reach this one")
      ->capture_default_str();
  command.add_option("--advertise", given.agent.node.advertise,
                     "Where others reach this node, if that is not where it listens");
  command.add_option("--seed", given.agent.node.seeds, "A node of the cluster; may be given several times")
      ->take_all();
  command.add_option("--name", given.name, "Of this node, the same after a restart; else its endpoint");
  command.add_option("--tag", given.tags, "key=value, shown to all; may be given several times")->take_all();
  command.add_option("--cluster", given.agent.node.cluster, "Nodes of another cluster are refused")
      ->capture_default_str();
  command.add_flag("--allow-insecure-network", given.agent.node.allow_insecure_network,
                   "Accept addresses of other machines: all in plain text, and whoever reaches it may join");
  command.callback([&given] { given.is_agent = true; });
}

CLI::App& add_command(CLI::App& app, arguments& given, const char* name, operation what, const char* about) {
  auto& command = *app.add_subcommand(name, about);
  command.callback([&given, what] { given.wanted.what = what; });
  return command;
}

void add_commands(CLI::App& app, arguments& given) {
  auto& wanted = given.wanted;
  const auto set_key = [&wanted](const std::string& key) { wanted.key = key; };
  add_command(app, given, "members", operation::members, "Who is in the cluster")
      .add_flag("--all", wanted.all, "Also who is dead, has left or is refused, until it is forgotten");
  add_command(app, given, "tags", operation::tags, "Show the tags of this node, or change them")
      .add_option("tags", given.tags, "key=value sets a tag, key- removes it");
  add_command(app, given, "leave", operation::leave, "Hand over the last updates, and end the agent");

  auto& incr = add_command(app, given, "incr", operation::incr, "Count; prints the new count");
  incr.add_option("NAME", wanted.name, "Of the counter, a pn_counter")->required();
  const auto set_amount = [&wanted](const std::string& text) { wanted.amount = number_of(text); };
  incr.add_option_function<std::string>("AMOUNT", set_amount, "May be negative; else 1");
  const std::pair<const char*, operation> set_commands[]{{"add", operation::add},
                                                         {"remove", operation::remove}};
  for (const auto& [name, what] : set_commands) {
    auto& command = add_command(app, given, name, what,
                                what == operation::add ? "Put an element into a set" : "Take one out");
    command.add_option("SET", wanted.name, "Its name; an or_set of strings")->required();
    command.add_option_function<std::string>("ELEMENT", set_key, "Behind -- if it begins with -")->required();
  }
  auto& put = add_command(app, given, "put", operation::put, "Write a value under a key of a map");
  put.add_option("MAP", wanted.name, "Its name; an lww_map of strings")->required();
  put.add_option_function<std::string>("KEY", set_key)->required();
  put.add_option("VALUE", wanted.value)->required();
  auto& get = add_command(app, given, "get", operation::get, "Print the counter, set and map of a name");
  get.add_option("NAME", wanted.name)->required();
  get.add_option_function<std::string>("KEY", set_key, "Only what the map has under this key");
  auto& watch = add_command(app, given, "watch", operation::watch, "Print a name's objects as they change");
  watch.add_option("NAME", wanted.name)->required();
}

int failed(const arguments& given, const std::string& why, int code) {
  program::print_error(why, code, given.client.json);
  return code;
}

int run_agent(arguments& given) {
  auto& options = given.agent;
  options.ipc = given.client.ipc;
  options.json = given.client.json;
  auto& members = options.node.gossip.members.emplace();
  members.name = given.name;
  for (const auto& text : given.tags) {
    const auto [key, value] = tag_of(text, false);
    members.tags.insert_or_assign(key, *value);
  }
  if (program::run_agent(std::move(options))) return program::exit_done;
  return failed(given, "this agent has left, but not enough members have its last updates",
                program::exit_timeout);
}

int run_client(arguments& given) {
  auto& wanted = given.wanted;
  for (const auto& text : given.tags) {
    const auto [key, value] = tag_of(text, true);
    wanted.tags.insert_or_assign(key, value);
  }
  given.client.timeout = std::chrono::milliseconds(static_cast<int>(given.seconds * 1000));
  return program::ask(wanted, given.client);
}

}  // namespace

int main(int argc, char** argv) {
  arguments given;
  given.client.ipc = program::default_path();
  CLI::App app("A node of a hearsay cluster, and the commands that talk to it.", "hearsay");
  app.footer(
      "Exit status: 0 done; 1 what was asked for does not exist, or was refused; 2 the arguments are wrong;\n"
      "3 no agent runs; 4 the agent did not answer in time, or left before its updates were handed over.");
  app.add_option("--ipc", given.client.ipc, "The agent's socket, in a folder of mode 0700")
      ->envname("HEARSAY_IPC")
      ->capture_default_str();
  app.add_flag("--json", given.client.json, "Print JSON, a line each");
  app.add_option("--timeout", given.seconds, "Seconds in which the agent has to answer")
      ->capture_default_str()
      ->check(is_timeout);
  app.require_subcommand(0, 1);  // more below: CLI11 would miss the command before it names a wrong one
  app.fallthrough();
  add_agent(app, given);
  add_commands(app, given);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) throw CLI::RequiredError("A command");
    return given.is_agent ? run_agent(given) : run_client(given);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // what --help prints
    given.client.json = std::ranges::count(std::span(argv, argv + argc), std::string_view("--json")) != 0;
    return failed(given, error.what() + std::string("; hearsay --help tells more"), program::exit_usage);
  } catch (const program::no_agent& error) {
    return failed(given,
                  fmt::format("{} at {}; start one with: hearsay agent --ipc {}", error.what(),
                              given.client.ipc, given.client.ipc),
                  program::exit_no_agent);
  } catch (const program::timed_out& error) {
    return failed(given, error.what(), program::exit_timeout);
  } catch (const std::invalid_argument& error) {
    return failed(given, error.what(), program::exit_usage);
  } catch (const std::exception& error) {
    return failed(given, error.what(), program::exit_refused);
  }
}
