// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <hearsay/node.hpp>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "action.hpp"
#include "feed.hpp"
#include "parse.hpp"
#include "people.hpp"
#include "state.hpp"

namespace board {

struct desk_options {
  hearsay::node_options node{};
  std::string name = "somebody";       ///< of the node, and of people who do not say theirs
  std::vector<std::string> columns{};  ///< to begin with
  std::chrono::minutes keep_removed = std::chrono::hours(24);  ///< then it is taken out for good
  limits most{};
};

/// A node with the board: pages act on it, and read what changes from its feed.
class desk {
 public:
  explicit desk(desk_options options);
  desk(const desk&) = delete;
  desk& operator=(const desk&) = delete;
  ~desk();

  /// Does what a page asks for, and returns the answer as JSON. Throws `refused`.
  std::string act(std::string_view body);

  /// A page opens a stream of news, and closes it. Returns the page's number, which tells its own changes
  /// from those of others. Throws `refused` if there are too many.
  std::uint64_t enter(const std::string& page);
  void leave(const std::string& page);
  feed& news() { return feed_; }

  /// The board's state in its canonical bytes; as JSON; how much it is and what went over the network.
  hearsay::bytes encoded() const;
  std::string text() const;
  std::string stats() const;

  const limits& most() const { return options_.most; }
  const std::string& endpoint() const { return node_.endpoint(); }

  /// Wakes all who wait for news, tells the other nodes that this one goes, and ends it.
  void close();

 private:
  std::string answer(const person& who, record_id id = 0) const;
  void act(const action& wanted, person& who, record_id& id);
  void undo(person& who);

  void touched(record_id id, std::uint64_t from, bool columns);
  void heard(const state& news);
  void publish();
  void publish_notes(std::map<record_id, std::uint64_t> changed, bool all);
  void publish_members();
  void show_people();
  void purge();

  const desk_options options_;
  hearsay::node node_;
  hearsay::shared<state> board_;
  hearsay::shared<presence> presence_;
  feed feed_;

  std::mutex people_mutex_;
  people people_;

  // What the publisher has to look at.
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<record_id, std::uint64_t> changed_;  // and the number of the page that changed it
  bool columns_ = true;
  bool members_ = true;
  bool all_ = true;
  bool ending_ = false;

  std::map<std::uint64_t, std::chrono::steady_clock::time_point> missing_;  // who is no member, since when
  std::thread publisher_;
};

}  // namespace board
