// SPDX-License-Identifier: BSL-1.0
//
// A table on a token ring, as Cassandra keeps it: membership decides who is on the ring, every node computes
// the same owners of every range, and anti-entropy brings an owner that missed writes up to date.
//
// `cassandra_ring NAME [SEED...]` prints its endpoint, tcp://127.0.0.1:PORT, which is a seed for others, and
// then takes commands, one a line:
//
//     owners KEY        who owns it
//     put KEY VALUE     writes, at an owner; elsewhere it says whom to ask
//     get KEY           reads, likewise
//     offline, online   off the network, and back
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <hearsay/crdt.hpp>
#include <hearsay/node.hpp>
#include <iostream>
#include <map>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {
using names = std::vector<std::string>;
constexpr std::uint64_t ranges = 64;  // each opened by its owners only
constexpr int tokens = 32;            // of each member on the ring
constexpr std::size_t copies = 2;     // owners of a range

/// The same on every machine: FNV-1a, and a finalizer that spreads it over all bits.
std::uint64_t token(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash = (hash ^ hash >> 33) * 0xff51afd7ed558ccd;
  return hash ^ hash >> 33;
}

/// A range of the table: its rows, and of each node that wrote the number of its last write.
struct range_fields {
  static constexpr std::string_view crdt_name = "cassandra_range";
  hearsay::lww_map<std::string, std::string> rows;
  hearsay::lww_map<std::string, std::uint64_t> versions;
};
using range = hearsay::product<range_fields>;

class server {
 public:
  explicit server(const hearsay::node_options& given) : name_(given.gossip.members->name), node_(given) {
    fmt::print("{}\n", node_.endpoint());
    watcher_ = std::jthread([this] { node_.wait_for(std::chrono::years(99), [this] { return look(); }); });
  }
  ~server() { node_.stop(); }

  void obey(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::istringstream words(line);
    std::string command, key, value;
    words >> command >> key >> value;
    if (command == "offline" || command == "online") return node_.set_online(command == "online");
    if (key.empty()) return fmt::print("not understood: {}\n", line);
    const auto place = token(key) % ranges;
    const auto own = ranges_.find(place);
    if (command == "owners" || std::ranges::count(owners(place), name_) == 0) {
      fmt::print("{}: ask {}\n", key, fmt::join(owners(place), " "));
    } else if (command == "put") {
      const auto version = known_[{place, self_}] += 1;
      own->second.update([&](range& all, hearsay::replica& me) {
        auto delta = all.update(&range_fields::rows, [&](auto& rows) { return rows.put(me, key, value); });
        delta.merge(
            all.update(&range_fields::versions, [&](auto& of) { return of.put(me, self_, version); }));
        return delta;
      });
      fmt::print("{} = {}, version {}\n", key, value, version);
    } else if (command == "get") {
      const auto all = own->second.value();
      fmt::print("{} = {}\n", key, all->rows.contains(key) ? *all->rows.get(key) : "nothing");
    }
  }

 private:
  /// The first members whose tokens follow a range. It depends on nothing but who is there, and who comes or
  /// goes changes the owners of ranges that are or were its own, and of no others.
  names owners(std::uint64_t place) const {
    names found;
    auto at = places_.lower_bound(place * (UINT64_MAX / ranges));
    for (; found.size() < std::min(copies, members_.size()); ++at) {
      if (at == places_.end()) at = places_.begin();
      if (std::ranges::count(found, at->second) == 0) found.push_back(at->second);
    }
    return found;
  }

  /// After each turn of the node: follows the members, and tells what was fetched.
  bool look() {
    const std::lock_guard lock(mutex_);
    std::set<std::string> here;
    for (const auto& [id, member] : node_.members()) here.insert(member.about.name);
    if (std::exchange(members_, here) != here) {
      places_.clear();
      for (const auto& name : here) {
        for (int i = 0; i < tokens; ++i) places_[token(fmt::format("{} {}", name, i))] = name;
      }
      for (std::uint64_t place = 0; place < ranges; ++place) {
        if (std::ranges::count(owners(place), name_) == 0 || ranges_.contains(place)) continue;
        ranges_.emplace(place, node_.open<range>(fmt::format("range {}", place)));
      }
      fmt::print("members: {}\n", fmt::join(here, " "));
    }
    for (const auto& [place, opened] : ranges_) {
      for (const auto& [writer, has] : opened.read([](const range& all) { return all->versions; })) {
        const auto had = std::exchange(known_[{place, writer}], has);
        const char* until = has == had + 2 ? " and " : " to ";
        if (has == had) continue;
        fmt::print("{}, range {}: had {}, peer has {}, fetched {}{}\n", writer, place, had, has, had + 1,
                   has == had + 1 ? "" : until + fmt::to_string(has));
      }
    }
    return false;
  }

  const std::string name_;
  std::mutex mutex_;
  std::set<std::string> members_;
  std::map<std::uint64_t, std::string> places_;                           // on the ring, and whose they are
  std::map<std::pair<std::uint64_t, std::string>, std::uint64_t> known_;  // versions, by range and writer
  hearsay::node node_;
  const std::string self_ = fmt::format("{}#{}", name_, node_.id());  // a new process counts anew
  std::map<std::uint64_t, hearsay::shared<range>> ranges_;            // that it owns, or has owned
  std::jthread watcher_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || argv[1][0] == '-') return fmt::print(stderr, "usage: cassandra_ring NAME [SEED...]\n"), 2;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  hearsay::node_options options{.seeds = {argv + 2, argv + argc}};
  options.gossip.members = {.name = argv[1]};
  server one(options);
  for (std::string line; std::getline(std::cin, line);) one.obey(line);
} catch (const std::exception& error) {
  return fmt::print(stderr, "cassandra_ring: {}\n", error.what()), 1;
}
