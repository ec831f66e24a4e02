// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <functional>
#include <hearsay/crdt/bytes.hpp>
#include <hearsay/crdt/concepts.hpp>
#include <hearsay/crdt/errors.hpp>
#include <hearsay/crdt/type_name.hpp>
#include <hearsay/gossip/departed.hpp>
#include <hearsay/gossip/message.hpp>
#include <hearsay/gossip/options.hpp>
#include <hearsay/wire/codec.hpp>
#include <hearsay/wire/frame.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hearsay::inline v0::gossip {

/// An encoded delta or part of an object.
struct piece {
  bytes body;
  timestamp newest;
};

/// What may be asked of a writer; empty: true of none.
using writer_test = std::function<bool(replica_id)>;

/// What the engine knows of a CRDT, whatever its type.
class object {
 public:
  /// A decoded delta, ready to be merged: nothing that follows can fail.
  struct decoded {
    virtual ~decoded() = default;
    timestamp newest;
    bool raw = false;  ///< not decoded in fact: the object was not open
  };

  object(object_key key, std::string type_name) : key_(std::move(key)), type_name_(std::move(type_name)) {}
  object(const object&) = delete;
  object& operator=(const object&) = delete;
  virtual ~object() = default;

  const object_key& key() const { return key_; }
  /// Empty while nobody has told the name of the type.
  const std::string& type_name() const { return type_name_; }

  /// False for objects that nobody opened here: their deltas are kept as they came.
  virtual bool open() const { return true; }
  /// Throws `decode_error`, with the state untouched.
  virtual std::unique_ptr<decoded> decode(std::span<const std::byte> delta,
                                          const wire::limits& limits) const = 0;
  struct merged {
    bool news = false;
    std::string failure;    ///< what a listener threw, if one did
    std::string collision;  ///< why the delta was not merged, or only in part: a replica id is in use twice
  };
  virtual merged merge(const decoded& delta) = 0;
  /// Whether a merge would bring nothing new. O(state).
  virtual bool knows(const decoded& delta) const = 0;
  /// An object of the same name and type, without content.
  virtual std::unique_ptr<object> blank() const = 0;
  struct pending {
    std::vector<piece> pieces;
    std::string failure;  ///< what could not be encoded within the limits, if something could not
  };
  /// What was updated since the last call, cut into pieces of about `max_bytes`. What would pass `limits` is
  /// left out, and stays on this node.
  virtual pending take_pending(std::size_t max_bytes, const wire::limits& limits) = 0;
  /// The join of two encoded deltas; nothing if it cannot be told.
  virtual std::optional<bytes> join(const bytes& older, const bytes& newer,
                                    const wire::limits& limits) const = 0;
  /// Equal states have equal hashes, bottom `no_content`: an object that is open and empty here is no
  /// difference from a node that has never heard of it. Nor is it one how much is still known of writers of
  /// whom nothing is left and `gone` is true, since nodes `fold` at different times. O(state) after a
  /// change. Nothing while not open, and while updates wait to be flushed.
  virtual std::optional<std::uint64_t> hash(const writer_test& gone = {}) const = 0;
  static constexpr std::uint64_t no_content = 1;
  /// The next part of the state, see `hearsay::part`; of an unopened object, the next deltas.
  virtual std::vector<piece> part(cursor& at, std::size_t max_bytes) const = 0;
  /// Forgets the writers of whom, at every call since `after` ago, nothing was left and `gone` was true.
  /// O(w log n) for w writers.
  virtual void fold(const writer_test& gone, duration after, instant now) = 0;
  /// For how long that has been so, at most so many; and learns it from the object of another node.
  virtual std::vector<departure> departures(std::size_t most, instant now) const = 0;
  virtual void learn(const std::vector<departure>& departed, instant now) = 0;

 protected:
  object_key key_;
  std::string type_name_;
};

/// A mutex for objects that only one thread knows.
struct no_mutex {
  void lock() {}
  void unlock() {}
};

/// A replicated object of type `T` with the delta that has not been flushed yet. All members lock `Mutex`.
template <crdt T, class Mutex = no_mutex>
class replicated final : public object {
 public:
  using listener = std::function<void(const T& now, const T& news)>;

  explicit replicated(std::string name)
      : object({std::move(name), type_tag(hearsay::type_name<T>())}, hearsay::type_name<T>()) {}

  /// Runs `change(state, me)`, which returns its delta, and joins that into what is pending. Then, without
  /// the lock, calls `notify(urgent)` if this was the first update since the last flush, or if `urgent`:
  /// `urgent_bytes` are pending. If `change` throws, whatever it may have changed is sent as a whole state,
  /// and the exception goes on.
  template <class Change, class Notify>
  void update(replica& me, Change&& change, std::size_t urgent_bytes, Notify&& notify) {
    std::unique_lock lock(mutex_);
    bool first = !pending_;
    bool urgent = false;
    hash_.reset();
    try {
      T delta = std::invoke(std::forward<Change>(change), state_, me);
      if (is_bottom(delta)) return;
      if (first) {
        pending_.emplace(std::move(delta));
        updates_ = 1;
      } else {
        pending_->merge(delta);
        // Measuring costs, so it is done at every doubling only.
        if (++updates_ >= 1024 && (updates_ & (updates_ - 1)) == 0) {
          urgent = metrics_of(*pending_).bytes >= urgent_bytes;
        }
      }
    } catch (...) {
      pending_.emplace(state_);
      lock.unlock();
      notify(true);
      throw;
    }
    lock.unlock();
    if (first || urgent) notify(urgent);
  }

  /// Calls `look(state)` and returns what it returns.
  template <class Look>
  decltype(auto) read(Look&& look) const {
    const std::lock_guard lock(mutex_);
    return std::invoke(std::forward<Look>(look), std::as_const(state_));
  }

  /// Calls `listen(now, news)` after each merge that brought news from others.
  void on_change(listener listen) {
    const std::lock_guard lock(mutex_);
    listeners_.push_back(std::make_shared<listener>(std::move(listen)));
  }

  std::unique_ptr<decoded> decode(std::span<const std::byte> delta,
                                  const wire::limits& limits) const override {
    auto made = std::make_unique<typed>();
    made->value = wire::decode<T>(delta, limits);
    made->newest = hearsay::newest(made->value);
    return made;
  }

  merged merge(const decoded& delta) override {
    const std::lock_guard lock(mutex_);
    hash_.reset();
    merged result;
    T news;
    try {
      news = hearsay::absorb(state_, static_cast<const typed&>(delta).value);
    } catch (const collision_error& error) {
      result.collision = error.what();
      return result;
    }
    result.news = !is_bottom(news);
    if (!result.news) return result;
    const auto listeners = listeners_;  // a listener may add another
    for (const auto& each : listeners) {
      try {
        (*each)(std::as_const(state_), news);
      } catch (const std::exception& error) {
        result.failure = error.what();
      } catch (...) {
        result.failure = "an exception that is no std::exception";
      }
    }
    return result;
  }

  bool knows(const decoded& delta) const override {
    T copy = read([](const T& now) { return now; });
    return is_bottom(hearsay::absorb(copy, static_cast<const typed&>(delta).value));
  }

  std::unique_ptr<object> blank() const override { return std::make_unique<replicated>(key_.name); }

  pending take_pending(std::size_t max_bytes, const wire::limits& limits) override {
    std::optional<T> taken;
    {
      const std::lock_guard lock(mutex_);
      taken.swap(pending_);
    }
    pending result;
    std::size_t size = max_bytes;
    for (cursor at; taken && !at.end;) {
      cursor next = at;
      try {
        result.pieces.push_back(encode_part(*taken, next, size, limits));
      } catch (const std::length_error& error) {
        // Something in this part is too large: send the rest of it one by one.
        if (std::exchange(size, 0) != 0) continue;
        result.failure = error.what();
      }
      at = next;
    }
    return result;
  }

  std::optional<bytes> join(const bytes& older, const bytes& newer,
                            const wire::limits& limits) const override {
    T joined = wire::decode<T>(older, limits);
    try {
      joined.merge(wire::decode<T>(newer, limits));
    } catch (const collision_error&) {
      return std::nullopt;  // each goes on alone, and is reported where it is merged
    }
    return wire::encode(joined);
  }

  std::optional<std::uint64_t> hash(const writer_test& gone = {}) const override {
    const std::lock_guard lock(mutex_);
    if (pending_) return std::nullopt;
    auto without = departed(gone);
    if (!hash_ || without != hashed_without_) {
      if (without.empty()) {
        hash_ = hash_of(state_);
      } else {
        T copy = state_;
        forget(copy, without);
        hash_ = hash_of(copy);
      }
      hashed_without_ = std::move(without);
    }
    return hash_;
  }

  void fold(const writer_test& gone, duration after, instant now) override {
    const std::lock_guard lock(mutex_);
    const auto due = departed_.settle(departed(gone), after, now);
    if (due.empty()) return;
    forget(state_, due);
    hash_.reset();
  }
  std::vector<departure> departures(std::size_t most, instant now) const override {
    const std::lock_guard lock(mutex_);
    return departed_.tell(most, now);
  }
  void learn(const std::vector<departure>& departures, instant now) override {
    if (departures.empty()) return;
    const std::lock_guard lock(mutex_);
    departed_.learn(departures, departed([](replica_id) { return true; }), now);
  }

  std::vector<piece> part(cursor& at, std::size_t max_bytes) const override {
    const std::lock_guard lock(mutex_);
    return {encode_part(state_, at, max_bytes, wire::limits::none())};
  }

 private:
  struct typed final : decoded {
    T value;
  };

  // The writers that are gone and of whom nothing is left, in ascending order.
  std::vector<replica_id> departed(const writer_test& gone) const {
    if (!gone) return {};
    std::map<replica_id, bool> writers;  // whether something is left
    for_each_writer(state_, [&](replica_id by, bool alive) { writers[by] |= alive; });
    std::vector<replica_id> all;
    for (const auto& [by, alive] : writers) {
      if (!alive && gone(by)) all.push_back(by);
    }
    return all;
  }
  static void forget(T& state, const std::vector<replica_id>& writers) {
    forget_writers(state, [&](replica_id by) { return std::ranges::binary_search(writers, by); });
  }
  static std::uint64_t hash_of(const T& state) {
    return is_bottom(state) ? no_content : wire::hash(wire::encode(state));
  }

  static piece encode_part(const T& state, cursor& at, std::size_t max_bytes, const wire::limits& limits) {
    const T part = hearsay::part(state, at, max_bytes);
    piece made{wire::encode(part, limits), hearsay::newest(part)};
    if (made.body.size() > limits.frame_bytes / 2)
      throw std::length_error("a single element is longer than half a frame");
    return made;
  }

  mutable Mutex mutex_;
  T state_;
  std::optional<T> pending_;
  std::uint64_t updates_ = 0;                       // since the last flush
  mutable std::optional<std::uint64_t> hash_;       // of the state, while it is known,
  mutable std::vector<replica_id> hashed_without_;  // but for these
  departed_writers departed_;
  std::vector<std::shared_ptr<listener>> listeners_;
};

/// An object that nobody opened here: its deltas as received, each once.
class unopened final : public object {
 public:
  using object::object;

  bool open() const override { return false; }
  std::unique_ptr<decoded> decode(std::span<const std::byte> delta, const wire::limits&) const override;
  merged merge(const decoded& delta) override;
  bool knows(const decoded&) const override { return false; }
  std::unique_ptr<object> blank() const override { return std::make_unique<unopened>(key_, type_name_); }
  pending take_pending(std::size_t, const wire::limits&) override { return {}; }
  std::optional<bytes> join(const bytes&, const bytes&, const wire::limits&) const override {
    return std::nullopt;
  }
  std::optional<std::uint64_t> hash(const writer_test& = {}) const override { return std::nullopt; }
  void fold(const writer_test&, duration, instant) override {}
  std::vector<departure> departures(std::size_t, instant) const override { return {}; }
  void learn(const std::vector<departure>&, instant) override {}
  std::vector<piece> part(cursor& at, std::size_t max_bytes) const override;

  const std::vector<piece>& pieces() const { return pieces_; }
  std::size_t size_bytes() const { return bytes_; }
  void learn_type(std::string name) { type_name_ = std::move(name); }

 private:
  struct raw final : decoded {
    bytes body;
  };
  std::vector<piece> pieces_;
  std::unordered_map<std::uint64_t, std::size_t> places_;  // in these, by hash
  std::size_t bytes_ = 0;
};

}  // namespace hearsay::inline v0::gossip
