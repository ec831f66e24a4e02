// SPDX-License-Identifier: BSL-1.0
#include "output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <tuple>
#include <utility>

namespace program {
namespace {

using json_value = nlohmann::ordered_json;

void say(std::FILE* to, const std::string& text) {
  fmt::print(to, "{}", text);
  if (std::fflush(to) != 0 && to == stdout)
    throw std::runtime_error(fmt::format("standard output: {}", std::strerror(errno)));
}

void say(const json_value& value, std::FILE* to = stdout) {
  say(to, value.dump(-1, ' ', false, json_value::error_handler_t::replace) + '\n');
}

std::string joined(const std::map<std::string, std::string>& tags) {
  std::vector<std::string> all;
  for (const auto& [tag, value] : tags) all.push_back(tag + '=' + value);
  return fmt::format("{}", fmt::join(all, " "));
}

json_value to_json(const member_row& one) {
  return {{"id", one.id},
          {"name", one.name},
          {"endpoint", one.endpoint},
          {"status", one.status},
          {"incarnation", std::to_string(one.incarnation)},
          {"tags", one.tags}};
}

std::vector<std::string> except(const std::vector<std::string>& of, const std::vector<std::string>& those) {
  std::vector<std::string> rest;
  std::ranges::set_difference(of, those, std::back_inserter(rest));
  return rest;
}

}  // namespace

void print_started(const member_row& self, const std::string& ipc, bool json) {
  if (json) {
    say({{"id", self.id}, {"name", self.name}, {"endpoint", self.endpoint}, {"ipc", ipc}});
  } else {
    say(stdout, fmt::format("{} runs, for others at {}, for this user at {}\n", visible(self.name),
                            self.endpoint, visible(ipc)));
  }
}

void print_members(const std::vector<member_row>& members, bool json) {
  auto sorted = members;
  std::ranges::sort(sorted, {}, [](const member_row& one) { return std::tie(one.name, one.id); });
  if (json) {
    auto all = json_value::array();
    for (const auto& one : sorted) all.push_back(to_json(one));
    return say(all);
  }
  std::vector<std::vector<std::string>> rows{{"NAME", "ID", "ENDPOINT", "STATUS", "INCARNATION", "TAGS"}};
  for (const auto& one : sorted) {
    rows.push_back(
        {one.name, one.id, one.endpoint, one.status, std::to_string(one.incarnation), joined(one.tags)});
  }
  say(stdout, table(std::move(rows)));
}

void print_tags(const std::map<std::string, std::string>& tags, bool json) {
  if (json) return say(json_value(tags));
  for (const auto& [tag, value] : tags) say(stdout, fmt::format("{}={}\n", visible(tag), visible(value)));
}

void print_objects(const request& wanted, const objects& found, bool json) {
  if (json) {
    json_value all{{"name", wanted.name}};
    if (wanted.key) {
      all["key"] = *wanted.key;
      all["value"] = found.map->at(*wanted.key);
    } else {
      if (found.counter) all["counter"] = *found.counter;
      if (found.set) all["set"] = *found.set;
      if (found.map) all["map"] = *found.map;
    }
    return say(all);
  }
  if (wanted.key) return say(stdout, visible(found.map->at(*wanted.key)) + '\n');
  const bool several = int{found.counter.has_value()} + found.set.has_value() + found.map.has_value() > 1;
  const auto heading = [&](const char* kind) {
    if (several) say(stdout, fmt::format("{}:\n", kind));
  };
  if (found.counter) {
    heading("counter");
    say(stdout, fmt::format("{}\n", *found.counter));
  }
  if (found.set) {
    heading("set");
    for (const auto& element : *found.set) say(stdout, visible(element) + '\n');
  }
  if (found.map) {
    heading("map");
    for (const auto& [key, value] : *found.map)
      say(stdout, fmt::format("{} = {}\n", visible(key), visible(value)));
  }
}

void print_written(const request& wanted, const reply& answer, bool json) {
  if (json) {
    json_value all{{"name", wanted.name}};
    if (answer.found.counter) {
      all["counter"] = *answer.found.counter;
    } else {
      all["changed"] = answer.changed;
    }
    return say(all);
  }
  if (answer.found.counter) say(stdout, fmt::format("{}\n", *answer.found.counter));
}

void print_changes(const std::string& name, const objects& before, const objects& now, bool json) {
  json_value all{{"name", name}};
  std::string lines;
  if (now.counter && now.counter != before.counter) {
    all["counter"] = *now.counter;
    lines += fmt::format("{}\n", *now.counter);
  }
  if (now.set && now.set != before.set) {
    const auto old = before.set.value_or(std::vector<std::string>{});
    const auto added = except(*now.set, old);
    const auto removed = except(old, *now.set);
    all["set"] = {{"added", added}, {"removed", removed}};
    for (const auto& each : added) lines += fmt::format("+ {}\n", visible(each));
    for (const auto& each : removed) lines += fmt::format("- {}\n", visible(each));
  }
  if (now.map && now.map != before.map) {
    auto put = json_value::object();
    auto erased = json_value::array();
    const auto old = before.map.value_or(std::map<std::string, std::string>{});
    for (const auto& [key, value] : *now.map) {
      if (const auto was = old.find(key); was != old.end() && was->second == value) continue;
      put[key] = value;
      lines += fmt::format("{} = {}\n", visible(key), visible(value));
    }
    for (const auto& [key, value] : old) {
      if (now.map->contains(key)) continue;
      erased.push_back(key);
      lines += fmt::format("{} erased\n", visible(key));
    }
    all["map"] = {{"put", put}, {"erased", erased}};
  }
  if (all.size() == 1) return;
  if (json) return say(all);
  say(stdout, lines);
}

void print_left(bool json) {
  if (json) say({{"left", true}});
}

void print_error(const std::string& what, int code, bool json) {
  if (json) {
    say({{"error", what}, {"code", code}}, stderr);
  } else {
    say(stderr, fmt::format("hearsay: {}\n", visible(what)));
  }
}

}  // namespace program
