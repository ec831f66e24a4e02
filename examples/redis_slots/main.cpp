// SPDX-License-Identifier: BSL-1.0
//
// Slots as Redis Cluster has them: 16384, each owned by a node in a configuration epoch; a replica takes over
// from a master that fails, slots move while they are in use, and who asks the wrong node is redirected.
//
// `redis_slots NAME [SEED...]` prints its endpoint, a seed for others, and takes commands, one a line:
//
//     assign FIRST LAST NAME   these slots to that node
//     replicate NAME           this node is a replica of that one
//     set KEY VALUE, get KEY   at the owner of the key's slot; elsewhere it says where that is
//     offline, online          off the network, and back
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <boost/crc.hpp>
#include <cstdint>
#include <hearsay/crdt.hpp>
#include <hearsay/node.hpp>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <ranges>
#include <sstream>
#include <string>
#include <thread>
#include <utility>

namespace {
constexpr std::uint16_t slots = 16384;

/// The owners of slots. The epoch of a claim is its stamp: above all that its writer had seen, so that of two
/// claims of a slot the later wins everywhere, and of two that knew nothing of each other one of them does.
using slot_map = hearsay::lww_map<std::uint16_t, std::string>;
using table = hearsay::lww_map<std::string, std::string>;

std::uint16_t slot_of(const std::string& key) {
  boost::crc_xmodem_t crc;
  crc.process_bytes(key.data(), key.size());
  return crc.checksum() % slots;
}

std::string owner_of(const slot_map& map, std::uint16_t slot) {
  return map.contains(slot) ? *map.get(slot) : "nobody";
}

struct server {
  explicit server(const hearsay::node_options& given) : name_(given.gossip.members->name), node_(given) {
    fmt::print("{}\n", node_.endpoint());
    map_.on_change([this](const auto&, const auto&) { changed_ = true; });
    changed_ = true;  // by what came before that
    watcher_ = std::jthread([this] { node_.wait_for(std::chrono::years(99), [this] { return look(); }); });
  }
  ~server() { node_.stop(); }

  void obey(const std::string& line) {
    const std::lock_guard lock(mutex_);
    std::istringstream words(line);
    std::string command, key, value;
    words >> command;
    if (unsigned first = 0, last = 0; command == "assign" && words >> first >> last >> value)
      return claim([=](unsigned slot, const auto&) { return first <= slot && slot <= last; }, value);
    if (command == "offline" || command == "online") return node_.set_online(command == "online");
    words >> key;
    const bool sets = command == "set" && words >> value;
    if (key.empty() || (command != "replicate" && command != "get" && !sets))
      return fmt::print("not understood: {}\n", line);
    if (command == "replicate") return replicate(key);
    const auto slot = slot_of(key);
    const auto owner = map_.read([&](const slot_map& map) { return owner_of(map, slot); });
    const auto at = here_.contains(owner) ? here_[owner] : "failed";
    if (owner != name_) return fmt::print("{}: MOVED {} {} {}\n", key, slot, owner, at);
    if (sets) data_.update([&](table& all, auto& me) { return all.put(me, key, value); });
    const auto found = data_.value();
    fmt::print("{}: {}\n", key, found.contains(key) ? *found.get(key) : "nothing");
  }

  /// Takes the slots for which `wanted(slot, owner)` holds.
  void claim(auto&& wanted, const std::string& owner) {
    map_.update([&](slot_map& map, auto& me) {
      slot_map delta;
      for (std::uint16_t slot = 0; slot < slots; ++slot)
        if (wanted(slot, owner_of(map, slot))) delta.merge(map.put(me, slot, owner));
      return delta;
    });
    changed_ = true;
  }
  void replicate(const std::string& master) {
    node_.set_tags({{"replicates", master_ = master}});
    fmt::print("replica of {}\n", master);
  }

  /// After each turn of the node: follows who is here and who owns what, and acts on it.
  bool look() {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::string> here;
    std::string first = name_;  // of the replicas of this one's master
    for (const auto& [id, member] : node_.members()) {
      auto [name, endpoint, since, tags] = member.about;
      if (tags["replicates"] == master_) first = std::min(first, name);
      here[name] = endpoint;
    }
    const auto before = std::exchange(here_, here);
    if (before != here) fmt::print("nodes: {}\n", fmt::join(std::views::keys(here), " "));
    if (before.contains(master_) && !here.contains(master_)) failed_ = master_;
    if (failed_ == master_ && !here.contains(master_) && first == name_) {
      fmt::print("promoted for {}\n", master_);
      claim([&](unsigned, const auto& owner) { return owner == master_; }, name_);
      replicate("nobody");
    }
    if (!changed_.exchange(false)) return false;
    const auto map = map_.value();
    const auto had = std::exchange(owned_, std::nullopt);
    std::string text = "map:", last;
    for (std::uint16_t slot = 0; slot < slots; ++slot) {
      const auto owner = owner_of(map, slot);
      if (owner == name_ && !owned_) owned_ = slot;
      if (std::exchange(last, owner) != owner) text += fmt::format(" {}:{}", slot, owner);
    }
    fmt::print("{}\n", text);
    if (had && !owned_) replicate(owner_of(map, *had));  // of who took its slots
    return false;
  }

  const std::string name_;
  std::mutex mutex_;
  std::map<std::string, std::string> here_;  // endpoints by name
  std::string master_ = "nobody", failed_;
  std::optional<std::uint16_t> owned_;  // the first
  std::atomic<bool> changed_ = true;    // the map
  hearsay::node node_;
  hearsay::shared<slot_map> map_ = node_.open<slot_map>("slots");
  hearsay::shared<table> data_ = node_.open<table>("data");
  std::jthread watcher_;
};

}  // namespace

int main(int argc, char** argv) try {
  if (argc < 2 || argv[1][0] == '-') return fmt::print(stderr, "usage: redis_slots NAME [SEED...]\n"), 2;
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  hearsay::node_options options{.seeds = {argv + 2, argv + argc}};
  options.gossip.members = {.name = argv[1]};
  server one(options);
  for (std::string line; std::getline(std::cin, line);) one.obey(line);
} catch (const std::exception& error) {
  return fmt::print(stderr, "redis_slots: {}\n", error.what()), 1;
}
