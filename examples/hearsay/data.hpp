// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>
#include <hearsay/crdt/lww_map.hpp>
#include <hearsay/crdt/or_set.hpp>
#include <hearsay/crdt/pn_counter.hpp>
#include <hearsay/node.hpp>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <tuple>

#include "channel.hpp"
#include "protocol.hpp"

namespace program {

/// The objects of an agent by name: of each name a counter, a set and a map, opened when they are asked for.
/// Any thread may call. The node must have stopped before this ends.
class data {
 public:
  explicit data(hearsay::node& node) : node_(node) {}

  /// @name Each throws what `node::open` and the mutator throw.
  /// @{

  std::int64_t incr(const std::string& name, std::int64_t amount);
  /// Whether it was not there.
  bool add(const std::string& name, const std::string& element);
  /// Whether it was there.
  bool remove(const std::string& name, const std::string& element);
  void put(const std::string& name, const std::string& key, const std::string& value);
  objects look(const std::string& name);
  /// @}

  /// As long as it lives, its descriptor becomes readable when an object of that name changes.
  class watcher {
   public:
    watcher(data& all, const std::string& name);
    watcher(const watcher&) = delete;
    watcher& operator=(const watcher&) = delete;
    ~watcher();

    int get() const { return event_.get(); }
    /// Not readable until the next change.
    void clear() const;

   private:
    data& all_;
    descriptor event_;
    std::multimap<std::string, int>::iterator place_;
  };

 private:
  using counter = hearsay::pn_counter;
  using set = hearsay::or_set<std::string>;
  using map = hearsay::lww_map<std::string, std::string>;
  template <class T>
  using handle = std::optional<hearsay::shared<T>>;

  template <class T>
  hearsay::shared<T> open(const std::string& name);
  void changed(const std::string& name);

  hearsay::node& node_;
  std::mutex opening_;  // never taken on the node's thread
  std::map<std::string, std::tuple<handle<counter>, handle<set>, handle<map>>> open_;
  std::mutex watching_;
  std::multimap<std::string, int> watchers_;
};

}  // namespace program
