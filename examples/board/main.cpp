// SPDX-License-Identifier: BSL-1.0
//
// board: a board of notes that several people edit at once, each at their own node. docs/collaborative.md
// tells how it is made.
#include <fmt/format.h>
#include <signal.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "desk.hpp"
#include "server.hpp"

namespace {

struct arguments {
  board::desk_options desk;
  board::server_options server;
  std::vector<std::string> hosts;
  long keep_minutes = 24 * 60;
};

void add_options(CLI::App& app, arguments& given) {
  auto& node = given.desk.node;
  app.add_option("--listen", node.listen, "Where other nodes reach this one")->capture_default_str();
  app.add_option("--seeds", node.seeds, "Nodes of the cluster to greet");
  app.add_option("--cluster", node.cluster, "Nodes of another cluster have another board")
      ->capture_default_str();
  app.add_option("--http", given.server.port, "Port of the page; 0: any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  app.add_option("--http-address", given.server.address,
                 "Address of the page. Whoever reaches another one than loopback may edit the board")
      ->capture_default_str();
  app.add_option("--host", given.hosts, "A name under which the page is reached, with another address");
  app.add_option("--name", given.desk.name, "Of this node, and of people who do not say theirs")
      ->capture_default_str();
  app.add_option("--columns", given.desk.columns, "Columns to begin with");
  app.add_option("--pages", given.server.pages, "Pages that may be open at a time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  app.add_option("--keep-removed", given.keep_minutes, "Minutes until what was deleted is taken out for good")
      ->check(CLI::Range(1, 60 * 24 * 365))
      ->capture_default_str();
}

int run(arguments& given) {
  const board::limits most;
  if (given.desk.name.empty() || given.desk.name.size() > most.name_bytes)
    throw std::invalid_argument(fmt::format("--name has 1 to {} bytes", most.name_bytes));
  if (given.desk.columns.size() > most.columns_at_start)
    throw std::invalid_argument(fmt::format("--columns names at most {}", most.columns_at_start));
  for (const auto& each : given.desk.columns) {
    if (each.empty() || each.size() > most.title_bytes)
      throw std::invalid_argument(fmt::format("a column's name has 1 to {} bytes", most.title_bytes));
  }
  given.desk.keep_removed = std::chrono::minutes(given.keep_minutes);
  given.desk.node.gossip.members = {.name = "", .tags = {{"name", given.desk.name}}};
  given.server.hosts.insert(given.hosts.begin(), given.hosts.end());

  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // in the threads to come, too
  signal(SIGPIPE, SIG_IGN);

  board::desk desk(given.desk);
  board::server server(desk, given.server);
  const auto& shown = given.server.address;
  fmt::print("http://{}:{}/\n{}\n", shown.find(':') == shown.npos ? shown : "[" + shown + "]", server.port(),
             desk.endpoint());
  std::fflush(stdout);
  std::thread serving([&] { server.run(); });
  int which = 0;
  sigwait(&ends, &which);
  desk.close();  // streams end
  server.stop();
  serving.join();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A board of notes, edited by several people at once, each at their own node");
  arguments given;
  add_options(app, given);
  CLI11_PARSE(app, argc, argv);
  try {
    return run(given);
  } catch (const std::exception& error) {
    fmt::print(stderr, "board: {}\n", error.what());
    return 1;
  }
}
