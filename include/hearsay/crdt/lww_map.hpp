// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <cereal/cereal.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/string.hpp>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "hearsay/crdt/clock.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/entry_table.hpp"
#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/print.hpp"
#include "hearsay/crdt/detail/sequence.hpp"
#include "hearsay/crdt/detail/slot_table.hpp"
#include "hearsay/crdt/errors.hpp"
#include "hearsay/crdt/metrics.hpp"
#include "hearsay/crdt/replica.hpp"
#include "hearsay/crdt/total_order.hpp"
#include "hearsay/crdt/type_name.hpp"

namespace hearsay::inline v0 {

/// A map in which, per key, the write with the largest stamp wins: the latest by the replicas' hybrid logical
/// clocks, and of two at the same time the one by the higher replica id.
///
///     hearsay::replica alice, bob;
///     hearsay::lww_map<std::string, int> here, there;
///     there.merge(here.put(alice, "x", 1));
///     there.put(bob, "x", 2);  // above every stamp seen for "x", whatever bob's clock says
///     here.merge(there);       // *here.get("x") == 2
///
/// An erase is a write too: it leaves a tombstone, the key with a stamp, so that older writes cannot bring
/// the key back (the LWW-element-set of Shapiro et al., 2011, per key; hybrid clocks: Kulkarni et al., 2014).
///
/// `K` and `V` are totally ordered at compile time (total_order.hpp) and move without throwing; `K` is also
/// hashable by std::hash or boost::hash. Mutators offer the strong guarantee. Below, n is the number of
/// entries, tombstones included.
template <detail::hashable K, std::regular V>
class lww_map {
  static_assert(
      total_order<K> && total_order<V>,
      "hearsay: keys and values of an lww_map need an operator<=> that orders all of them "
      "(std::strong_ordering), so that equal ones are equal everywhere. Floating point has none: NaN, "
      "-0.0. Store an integer in a fixed unit; give a type of your own a defaulted operator<=>.");
  static_assert(std::is_nothrow_move_constructible_v<K> && std::is_nothrow_move_constructible_v<V> &&
                    std::is_nothrow_move_assignable_v<V>,
                "keys and values have to be movable without exceptions");

  struct entry {
    entry(K&& k, std::optional<V>&& v, stamp s) : key(std::move(k)), value(std::move(v)), written(s) {}

    bool live() const noexcept { return value.has_value(); }
    std::pair<const K&, const V&> shown() const { return {key, *value}; }
    bool alike(const entry& other) const { return written == other.written && value == other.value; }

    K key;
    std::optional<V> value;  // none: erased
    stamp written;
  };
  using table = detail::entry_table<K, entry>;
  using code = typename table::code;
  using slot_number = detail::slot_number;

 public:
  /// Iterates over the live entries as pairs of references, in no order that means anything. Valid until the
  /// map changes.
  using const_iterator = typename table::const_iterator;
  using iterator = const_iterator;

  lww_map() = default;
  lww_map(const lww_map&) = default;
  lww_map(lww_map&& other) noexcept { *this = std::move(other); }
  lww_map& operator=(const lww_map& other) {
    if (this != &other) *this = lww_map(other);
    return *this;
  }
  lww_map& operator=(lww_map&& other) noexcept {
    if (this != &other) {
      entries_ = std::move(other.entries_);
      newest_ = std::exchange(other.newest_, {});
    }
    return *this;
  }

  /// Writes a value under a key, above every stamp that the replica's clock has seen and above the one it
  /// overwrites. Returns the delta. O(1). Throws std::overflow_error where no time is left.
  lww_map put(replica& by, K key, V value) { return write(by, std::move(key), std::move(value)); }

  /// Erases a key: writes a tombstone. Returns the delta, bottom if the key is not there. O(1). Throws
  /// std::overflow_error where no time is left.
  lww_map erase(replica& by, const K& key) {
    return contains(key) ? write(by, key, std::nullopt) : lww_map();
  }

  /// The value under a key, or null. Valid until the map changes. O(1).
  const V* get(const K& key) const {
    const auto* found = entries_.find(key);
    return found != nullptr && found->value ? &*found->value : nullptr;
  }
  /// O(1).
  bool contains(const K& key) const { return get(key) != nullptr; }
  /// How many keys have a value. O(1).
  std::size_t size() const noexcept { return entries_.live(); }
  /// Whether no key has a value. O(1).
  bool empty() const noexcept { return size() == 0; }
  /// Whether nothing was ever written.
  bool is_bottom() const noexcept { return entries_.size() == 0; }

  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }

  /// The largest stamp in the map; zero if there is none. O(1).
  timestamp newest() const noexcept { return newest_; }

  /// O(n log r) for r replicas. What counts as a dot is an entry or a tombstone.
  hearsay::metrics metrics() const {
    std::set<replica_id> writers;
    entries_.for_each([&](const entry& e) { writers.insert(e.written.by); });
    return {size(), entries_.size(), writers.size(), 0, sizeof *this + entries_.heap()};
  }

  /// Equal are maps with the same values and tombstones from the same writes. O(n).
  friend bool operator==(const lww_map& a, const lww_map& b) {
    return a.newest_ == b.newest_ && a.entries_ == b.entries_;
  }

  /// Joins `other` into this map. O(m) for m entries of `other`. Throws collision_error if the two have
  /// writes with one stamp and different values. If it throws, or memory runs out, a part of `other` has been
  /// joined, as if only that had come.
  void merge(const lww_map& other) { join(other, nullptr); }
  /// The same, but keys and values are moved, not copied: `other` is bottom afterwards.
  void merge(lww_map&& other) {
    if (this == &other) return;
    lww_map taken = std::move(other);
    join(taken, nullptr);
  }

  /// Merges `delta` and returns what of it was news: the writes that won.
  lww_map absorb(const lww_map& delta) {
    lww_map news;
    join(delta, &news);
    return news;
  }

  /// The next part, in the order in which keys first came here, which no write changes; the cursor's first
  /// number counts them.
  lww_map part(cursor& at, std::size_t max_bytes) const {
    constexpr std::size_t stamp_bytes = 6;  // in a table of replicas, and relative to the newest
    lww_map out;
    detail::size_counter size;
    while (!at.end &&
           size.bytes() + stamp_bytes * out.entries_.size() < std::max<std::size_t>(1, max_bytes)) {
      if (at.first < entries_.size()) {
        const auto& next = entries_[static_cast<slot_number>(at.first++)];
        out.add(next.key, next.value, next.written);
        size(next.key, next.value);
      }
      at.end = at.first >= entries_.size();
    }
    return out;
  }

  fmt::appender print(fmt::appender out) const
      requires(fmt::is_formattable<K>::value&& fmt::is_formattable<V>::value) {
    *out++ = '{';
    const char* comma = "";
    for (const auto* e : by_key()) {
      if (e->value) out = fmt::format_to(out, "{}{}: {}", std::exchange(comma, ", "), e->key, *e->value);
    }
    *out++ = '}';
    return out;
  }

  /// The newest time; the replicas in ascending order, each with how many entries it wrote; of their entries,
  /// the latest first, how long each was written before the one before it, then all values, or none, then all
  /// keys: what is alike stands together, which is good for compression.
  template <class Archive>
  void save(Archive& archive) const {
    const auto all = by_writer();
    few<std::pair<replica_id, std::uint64_t>> writers;
    for (const auto* e : all) {
      if (writers.empty() || writers.back().first != e->written.by) writers.emplace_back(e->written.by, 0);
      ++writers.back().second;
    }
    const auto save_writers = [&](auto& out) {
      for (const auto& writer : writers) {
        out(detail::saved_fields{[&](auto& fields) {
          fields(cereal::make_nvp("by", writer.first), cereal::make_nvp("entries", writer.second));
        }});
      }
    };
    const auto save_times = [&](auto& out) {
      const entry* last = nullptr;
      for (const auto* e : all) {
        const bool first = last == nullptr || last->written.by != e->written.by;
        out((first ? newest_ : last->written.time).value - e->written.time.value);
        last = e;
      }
    };
    const auto save_values = [&](auto& out) {
      for (const auto* e : all) out(e->value);
    };
    const auto save_keys = [&](auto& out) {
      for (const auto* e : all) out(e->key);
    };
    archive(cereal::make_nvp("newest", newest_));
    archive(cereal::make_nvp("replicas", detail::saved_sequence{writers.size(), save_writers}));
    archive(cereal::make_nvp("before", detail::saved_sequence{all.size(), save_times}));
    archive(cereal::make_nvp("values", detail::saved_known_sequence{all.size(), save_values}));
    archive(cereal::make_nvp("keys", detail::saved_known_sequence{all.size(), save_keys}));
  }

  template <class Archive>
  void load(Archive& archive) {
    lww_map fresh;
    timestamp latest;
    few<std::pair<replica_id, std::uint64_t>> writers;
    few<stamp> written;
    few<std::optional<V>> values;
    const auto load_writers = [&](auto& in, std::uint64_t size) {
      for (; size != 0; --size) {
        std::pair<replica_id, std::uint64_t> next;
        in(detail::loaded_fields{[&](auto& fields) {
          fields(cereal::make_nvp("by", next.first), cereal::make_nvp("entries", next.second));
        }});
        require(next.second != 0 && (writers.empty() || writers.back().first < next.first));
        writers.push_back(next);
      }
    };
    const auto load_times = [&](auto& in, std::uint64_t size) {
      for (const auto& writer : writers) {
        require(writer.second <= size);
        size -= writer.second;
        auto time = latest;
        for (std::uint64_t i = 0; i < writer.second; ++i) {
          std::uint64_t before = 0;
          in(before);
          require(before <= time.value);
          time.value -= before;
          written.push_back({time, writer.first});
        }
      }
      require(size == 0);
    };
    const auto load_values = [&](auto& in) {
      for (std::size_t i = 0; i < written.size(); ++i) in(values.emplace_back());
    };
    const auto load_keys = [&](auto& in) {
      for (std::size_t i = 0; i < written.size(); ++i) {
        K key{};
        in(key);
        const auto known = fresh.entries_.code_of(key);
        require(fresh.entries_.find(key, known) == nullptr);
        if (i != 0 && written[i - 1] == written[i])
          require(fresh.entries_[static_cast<slot_number>(i - 1)].key < key);
        fresh.set(nullptr, std::move(key), std::move(values[i]), written[i], known);
      }
    };
    archive(cereal::make_nvp("newest", latest));
    archive(cereal::make_nvp("replicas", detail::loaded_sequence{load_writers}));
    archive(cereal::make_nvp("before", detail::loaded_sequence{load_times}));
    archive(cereal::make_nvp("values", detail::loaded_known_sequence{load_values}));
    archive(cereal::make_nvp("keys", detail::loaded_known_sequence{load_keys}));
    require(fresh.newest_ == latest);
    *this = std::move(fresh);
  }

 private:
  static void require(bool canonical) {
    if (!canonical) throw decode_error("lww_map: not canonical");
  }

  // With room for one in itself, so that a delta allocates nothing.
  template <class T>
  using few = boost::container::small_vector<T, 1>;

  few<const entry*> sorted(auto&& less) const {
    few<const entry*> all;
    all.reserve(entries_.size());
    entries_.for_each([&](const entry& e) { all.push_back(&e); });
    if (all.size() > 1) std::ranges::sort(all, less);
    return all;
  }
  few<const entry*> by_key() const {
    return sorted([](const entry* a, const entry* b) { return a->key < b->key; });
  }
  // By replica, of one the latest first.
  few<const entry*> by_writer() const {
    return sorted([](const entry* a, const entry* b) {
      if (a->written.by != b->written.by) return a->written.by < b->written.by;
      if (a->written.time != b->written.time) return a->written.time > b->written.time;
      return a->key < b->key;
    });
  }

  lww_map write(replica& by, K key, std::optional<V> value) {
    const auto known = entries_.code_of(key);
    const auto* old = entries_.find(key, known);
    const stamp written{by.time().now(old != nullptr ? old->written.time : timestamp{}), by.id()};
    lww_map delta;
    delta.add(old != nullptr ? std::move(key) : K(key), value, written);
    set(old, std::move(key), std::move(value), written, known);
    return delta;
  }

  // Writes a key that is not here; strong guarantee.
  void add(K key, std::optional<V> value, stamp written) {
    const auto known = entries_.code_of(key);
    set(nullptr, std::move(key), std::move(value), written, known);
  }

  // Writes over the entry that the key has, or null; strong guarantee.
  void set(const entry* old, K&& key, std::optional<V>&& value, stamp written, code known) {
    if (old == nullptr) {
      entries_.add(known, value.has_value(), std::move(key), std::move(value), written);
    } else {
      entries_.change(*old, [&](entry& e) {
        e.value = std::move(value);
        e.written = written;
      });
    }
    if (newest_ < written.time) newest_ = written.time;
  }

  // Moves from `other` if it is not const.
  template <class Other>
  void join(Other& other, lww_map* news) {
    other.entries_.for_each([&](const entry& theirs) {
      const auto known = entries_.code_of(theirs.key);
      const auto* mine = entries_.find(theirs.key, known);
      if (mine != nullptr && mine->written >= theirs.written) {
        if (mine->written != theirs.written || mine->value == theirs.value) return;
        throw collision_error(fmt::format("lww_map: two values have the stamp {}", mine->written));
      }
      if (news != nullptr) news->add(theirs.key, theirs.value, theirs.written);
      std::conditional_t<std::is_const_v<Other>, entry, entry&> from = const_cast<entry&>(theirs);
      set(mine, std::move(from.key), std::move(from.value), theirs.written, known);
    });
  }

  table entries_;
  timestamp newest_;
};

template <class K, class V>
struct name_of<lww_map<K, V>> {
  static std::string get() { return "lww_map<" + type_name<K>() + "," + type_name<V>() + ">"; }
};

}  // namespace hearsay::inline v0
