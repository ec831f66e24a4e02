// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hearsay/gossip/object.hpp>
#include <hearsay/gossip/options.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hearsay::inline v0::gossip {

/// All objects of a node by name and type: those it opened, and those it only heard of.
class object_table {
 public:
  using map = std::map<object_key, std::shared_ptr<object>>;

  explicit object_table(const options& limits) : limits_(limits) {}

  /// The object of that name and type, made if there is none. Deltas that came before are merged into it;
  /// those which cannot be decoded are dropped and counted in `dropped()`. Throws `std::invalid_argument` for
  /// a name that is empty or too long, or if it is open with another mutex; `std::length_error` where there
  /// are `max_objects` already.
  template <crdt T, class Mutex>
  std::shared_ptr<replicated<T, Mutex>> open(const std::string& name) {
    auto made = std::make_shared<replicated<T, Mutex>>(name);
    const std::shared_ptr<object> now = adopt(made);
    auto typed = std::dynamic_pointer_cast<replicated<T, Mutex>>(now);
    if (!typed) throw std::invalid_argument("'" + name + "' is open already, with another kind of mutex");
    return typed;
  }

  /// Takes over all that another table has, in place of what is here.
  void take(object_table&& other);

  object* find(const object_key& key) const;
  const map& all() const { return objects_; }

  /// A batch of which every delta is decoded.
  struct prepared {
    batch contents;
    std::vector<std::unique_ptr<object::decoded>> deltas;  // as contents.deltas
  };
  /// Throws `decode_error`.
  prepared prepare(std::span<const std::byte> body) const;
  prepared prepare(batch contents) const;
  /// Whether the limits leave room for it.
  bool has_room(const prepared& ready) const;

  struct applied {
    std::vector<object_key> changed;
    std::vector<object_key> made;                                ///< objects heard of for the first time
    std::vector<std::pair<object_key, std::string>> failures;    ///< what listeners threw
    std::vector<std::pair<object_key, std::string>> collisions;  ///< deltas of ids that are in use twice
  };
  applied apply(const prepared& ready);

  /// A hash of all objects and their states (see object::hash). O(what changed since the last call, and all
  /// writers). Nothing while an object is not open here or waits to be flushed.
  std::optional<std::uint64_t> hash(const writer_test& gone) const;

  /// Joins two encoded batches into one.
  std::optional<bytes> join(const bytes& older, const bytes& newer) const;

  /// The name of a type by its tag; empty if it has not been told.
  std::string type_name(std::uint32_t tag) const;
  std::uint64_t dropped() const { return dropped_; }
  /// How much is kept of objects that nobody opened here.
  std::size_t unopened_bytes() const { return unopened_bytes_; }

 private:
  std::shared_ptr<object> adopt(std::shared_ptr<object> made);
  std::unique_ptr<object::decoded> decode(const object_delta& delta) const;
  void learn(const object_key& key, const std::string& type_name);

  const options& limits_;
  map objects_;
  std::map<std::uint32_t, std::string> types_;
  std::size_t unopened_bytes_ = 0;
  std::uint64_t dropped_ = 0;
};

}  // namespace hearsay::inline v0::gossip
