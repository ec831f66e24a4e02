// SPDX-License-Identifier: BSL-1.0
//
// A counter that several processes share. Start it in three terminals:
//
//     02_shared_counter 7400 7401 7402
//     02_shared_counter 7401 7400
//     02_shared_counter 7402 7400
//
// The first number is the own port, the others are ports of peers; one of them is enough, whoever is reached
// tells of the count. Type a number and Enter to add it, Enter alone to add one, end the input to leave.
//
//     02_shared_counter PORT PEER_PORT... --add N --until TOTAL
//
// asks nothing: it adds N, waits until all have counted to TOTAL, and fails if they have not within a minute.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <hearsay/crdt/g_counter.hpp>
#include <hearsay/node.hpp>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

using counter = hearsay::shared<hearsay::g_counter>;

struct arguments {
  std::vector<std::string> endpoints;  // the own one first
  std::optional<std::uint64_t> add;
  std::optional<std::uint64_t> until;
};

std::uint64_t to_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty()) {
    throw std::invalid_argument(fmt::format("'{}' is no number", text));
  }
  return number;
}

arguments parse(const std::vector<std::string_view>& words) {
  arguments given;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool is_option = words[i] == "--add" || words[i] == "--until";
    if (is_option && i + 1 == words.size())
      throw std::invalid_argument(fmt::format("{} needs a number", words[i]));
    if (words[i] == "--add") {
      given.add = to_number(words[++i]);
    } else if (words[i] == "--until") {
      given.until = to_number(words[++i]);
    } else {
      given.endpoints.push_back(fmt::format("tcp://127.0.0.1:{}", to_number(words[i])));
    }
  }
  if (given.endpoints.empty() || given.add.has_value() != given.until.has_value()) {
    throw std::invalid_argument("usage: 02_shared_counter PORT PEER_PORT... [--add N --until TOTAL]");
  }
  return given;
}

void add(counter& visits, std::uint64_t amount) {
  visits.update([&](auto& state, auto& me) { return state.increment(me, amount); });
}

/// For somebody at the keyboard.
int talk(counter& visits) {
  visits.on_change([](const hearsay::g_counter& now, const hearsay::g_counter&) {
    fmt::print("{} (somebody else has counted)\n", now.value());
    std::fflush(stdout);
  });
  for (std::string line; std::getline(std::cin, line);) {
    try {
      add(visits, line.empty() ? 1 : to_number(line));
      fmt::print("{}\n", visits.value());
    } catch (const std::exception& error) {  // no number, or too large a sum
      fmt::print("{}\n", error.what());
    }
    std::fflush(stdout);
  }
  return 0;
}

/// For scripts.
int count(hearsay::node& node, counter& visits, const arguments& given) {
  using namespace std::chrono_literals;
  add(visits, *given.add);
  if (!node.wait_for(60s, [&] { return visits.value() >= *given.until; })) {
    fmt::print("{}: counted to {} only\n", node.endpoint(), visits.value());
    return 1;
  }
  fmt::print("{}: counted to {}\n", node.endpoint(), visits.value());
  // The others may still need what this node knows, so all wait until all have it.
  counter finished = node.open<hearsay::g_counter>("finished");
  add(finished, 1);
  node.wait_for(5s, [&] { return finished.value() >= given.endpoints.size(); });
  return visits.value() == *given.until ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const arguments given = parse({argv + 1, argv + argc});
    hearsay::node node({.listen = given.endpoints.front(), .seeds = given.endpoints});
    counter visits = node.open<hearsay::g_counter>("visits");
    return given.add ? count(node, visits, given) : talk(visits);
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
