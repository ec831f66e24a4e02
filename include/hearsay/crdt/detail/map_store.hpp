// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <boost/container/small_vector.hpp>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>

#include "hearsay/crdt/causal.hpp"
#include "hearsay/crdt/causal_context.hpp"
#include "hearsay/crdt/detail/boxed.hpp"
#include "hearsay/crdt/detail/encoded_size.hpp"
#include "hearsay/crdt/detail/item_table.hpp"
#include "hearsay/crdt/detail/key_index.hpp"
#include "hearsay/crdt/detail/map_table.hpp"
#include "hearsay/crdt/detail/slot_iterator.hpp"
#include "hearsay/crdt/dot.hpp"
#include "hearsay/crdt/errors.hpp"

namespace hearsay::inline v0::detail {

template <class V, class Store>
void made_of(const causal<V, Store>&);

/// A causal type: one made of a context and a store. (A product or a lexicographic pair is none.)
template <class V>
concept causal_type = requires(const V& value) {
  made_of<V>(value);
};

/// The store of an or_map: values by key, without empty ones, and by dot. The values are causal states whose
/// contexts are empty, since the context of the map stands for all. One entry is held in place. A leaf is a
/// leaf of the value in a slot. The members are those of item_store.
template <hashable Key, causal_type V>
class map_store {
  using value_store = std::remove_cvref_t<decltype(causal_access::store(std::declval<V&>()))>;
  using table = map_table<Key, V, typename value_store::index>;
  template <class T>
  using few = boost::container::small_vector<T, 1>;  // one needs no memory of its own

 public:
  using index = typename value_store::index;
  static constexpr bool one_by_one = value_store::one_by_one;
  static constexpr bool hashes_all = value_store::hashes_all;

  using entry = map_entry<Key, V>;

  /// Iterates over the entries as pairs of references, in no order that means anything.
  using const_iterator = slot_iterator<map_store, std::pair<const Key&, const V&>>;

  map_store() = default;
  map_store(const map_store&) = default;
  map_store(map_store&& other) noexcept { *this = std::move(other); }
  map_store& operator=(const map_store& other) {
    if (this != &other) *this = map_store(other);
    return *this;
  }
  map_store& operator=(map_store&& other) noexcept {
    if (this != &other) {
      one_.reset();
      if (other.one_) one_.emplace(std::move(*other.one_));
      other.one_.reset();
      many_ = std::move(other.many_);
    }
    return *this;
  }

  /// Changes the value under a key, a new one if there is none or `anew`, by `f(V&)`, which returns its
  /// delta.
  template <class F>
  void edit(causal_context& context, Key key, bool anew, F&& f, causal_context& seen, map_store& delta) {
    const auto reached = reach(key);
    const auto at = reached.at;
    const bool added = reached.added;
    auto& value = entry_at(at).value;
    const auto before = counted(at, reached.hash);
    std::optional<V> old;
    if (anew && !added) old = std::exchange(value, V());
    try {
      const auto change = [&] { return with_context(context, value, f); };
      delta.one_.emplace(std::move(key), change);
      seen = std::move(causal_access::context(delta.one_->value));
      if (is_empty(delta.one_->value)) delta.one_.reset();
      if (old) {
        causal_access::store(*old).for_each_dot([&](replica_id by, interval run) { seen.insert(by, run); });
      }
      if (many_) {
        seen.for_each_interval([&](replica_id by, interval within) {
          if (!added) many_->dots.erase(by, within);
          store_at(at).for_each_item(by, within,
                                     [&](interval run, auto) { many_->dots.insert(by, run, at); });
        });
        many_->hash ^= before ^ counted(at, reached.hash);
      }
    } catch (...) {
      if (added) {
        forget(at);
      } else {
        if (old) value = std::move(*old);
        index_anew();
        if (is_empty(value)) forget(at);
      }
      throw;
    }
    if (is_empty(value)) forget(at);
  }

  void erase(const Key& key, causal_context& seen) {
    const auto hash = hash_if_many(key);
    const auto at = find(key, hash);
    if (at == no_slot) return;
    store_at(at).for_each_dot([&](replica_id by, interval run) { seen.insert(by, run); });
    if (many_) many_->hash ^= counted(at, hash);
    forget(at);
  }

  void clear(causal_context& seen) {
    for_each_dot([&](replica_id by, interval run) { seen.insert(by, run); });
    one_.reset();
    many_.reset();
  }

  const V* get(const Key& key) const {
    const auto at = find(key);
    return at == no_slot ? nullptr : &this->at(at).value;
  }
  const_iterator begin() const { return {this, shown_from(0)}; }
  const_iterator end() const { return {this, no_slot}; }

  std::size_t size() const noexcept { return many_ ? many_->slots.size() : one_ ? 1 : 0; }
  std::size_t items() const {
    std::size_t sum = 0;
    for (auto slot = shown_from(0); slot != no_slot; slot = shown_from(slot + 1))
      sum += store_at(slot).items();
    return sum;
  }
  bool is_large() const noexcept { return size() >= HEARSAY_LARGE_STATE; }
  std::size_t heap() const {
    std::size_t sum = many_ ? sizeof *many_ + many_->heap() : 0;
    for (auto slot = shown_from(0); slot != no_slot; slot = shown_from(slot + 1))
      sum += store_at(slot).heap();
    return sum;
  }

  template <class F>
  void for_each_item(replica_id by, interval within, F&& f) const {
    auto call = going_on(f);
    for_each_run(by, within, [&](interval run, slot_number slot) {
      bool go_on = true;
      store_at(slot).for_each_item(by, run, [&](interval part, auto leaf) {
        return go_on = call(part, path<decltype(leaf)>{slot, leaf});
      });
      return go_on;
    });
  }
  template <class F>
  void for_each_dot(F&& f) const {
    for (auto slot = shown_from(0); slot != no_slot; slot = shown_from(slot + 1))
      store_at(slot).for_each_dot(f);
  }

  bool holds(replica_id by, interval run, const map_store& of, auto leaf) const {
    bool same = false;
    for_each_run(by, run, [&](interval here, slot_number slot) {
      same = (!many_ || here == run) && at(slot).key == of.at(leaf.slot).key &&
             store_at(slot).holds(by, run, of.store_at(leaf.slot), leaf.inner);
      return false;
    });
    return same;
  }
  std::uint64_t hash() const { return many_ ? many_->hash : one_ ? hash_of(0, key_hash_of(one_->key)) : 0; }

  template <class Dropping>
  void retain(replica_id by, interval within, const map_store& other, Dropping&& dropping) {
    few<std::pair<interval, slot_number>> mine;
    for_each_alive_run(by, within, [&](interval run, slot_number slot) { mine.push_back({run, slot}); });
    for (const auto& each : mine) {
      const auto run = each.first;
      const auto slot = each.second;
      std::optional<std::uint64_t> before;
      const auto against = [&](interval piece, const value_store& theirs) {
        try {
          store_at(slot).retain(by, piece, theirs, [&](interval dead) {
            if (many_ && !before) before = counted(slot, key_hash_of(at(slot).key));
            dropping(dead);
            if (many_) many_->dots.erase(by, dead);
          });
        } catch (const std::bad_alloc&) {  // then the value may still hold what left the index
          index_anew();
          before.reset();
          throw;
        }
      };
      {
        const at_end rehash([&] {
          if (before) many_->hash ^= *before ^ counted(slot, key_hash_of(at(slot).key));
        });
        auto from = run.lo;
        other.for_each_alive_run(by, run, [&](interval both, slot_number theirs) {
          if (other.at(theirs).key != at(slot).key) throw_collision({by, both.lo});
          if (from < both.lo) against({from, both.lo - 1}, {});
          against(both, other.store_at(theirs));
          from = both.hi + 1;
        });
        if (from - 1 != run.hi) against({from, run.hi}, {});
      }
      if (is_empty(at(slot).value)) remove(slot);
    }
  }

  void adopt(replica_id by, interval within, const map_store& other) {
    other.for_each_alive_run(by, within, [&](interval run, slot_number theirs) {
      const Key& key = other.at(theirs).key;
      const auto reached = reach(key);
      const auto slot = reached.at;
      const auto before = counted(slot, reached.hash);
      try {
        store_at(slot).adopt(by, run, other.store_at(theirs));
        if (many_) many_->dots.insert(by, run, slot);
        if (many_) many_->hash ^= before ^ counted(slot, reached.hash);
      } catch (...) {
        store_at(slot).retain(by, run, {}, [](interval) {});
        if (many_) many_->dots.erase(by, run);
        if (is_empty(at(slot).value)) remove(slot);
        throw;
      }
    });
  }
  void adopt_all(const causal_context& among, const map_store& other) {
    among.for_each_interval([&](replica_id by, interval within) { adopt(by, within, other); });
  }

  void tidy() noexcept {
    if (many_ && size() == 0) many_.reset();
  }

  /// The keys that were saved or loaded already are told by the number of their first coming, from 1.
  struct saved {
    few<std::size_t> numbers;  // by slot
    few<typename value_store::saved> values;
  };
  struct loaded {
    struct place {
      slot_number slot;
      std::uint64_t key_hash;
      typename value_store::loaded inner;
    };
    few<place> values;
  };

  template <class Archive>
  void save_item(Archive& out, saved& so_far, interval run, auto leaf) const {
    if (so_far.numbers.size() <= leaf.slot) so_far.numbers.resize(leaf.slot + std::size_t{1});
    auto& number = so_far.numbers[leaf.slot];
    const bool first = number == 0;
    out(saved_fields{[&](auto& fields) {
      fields(cereal::make_nvp("key_number", static_cast<std::uint64_t>(number)));
      if (first) {
        fields(cereal::make_nvp("key", at(leaf.slot).key));
        so_far.values.emplace_back();
        number = so_far.values.size();
      }
      store_at(leaf.slot).save_item(fields, so_far.values[number - 1], run, leaf.inner);
    }});
  }

  template <class Archive>
  std::uint64_t load_item(Archive& in, loaded& so_far, replica_id by, interval run) {
    in(loaded_fields{[&](auto& fields) {
      std::uint64_t number = 0;
      fields(cereal::make_nvp("key_number", number));
      if (number == 0) {
        Key key{};
        fields(CEREAL_NVP(key));
        const auto hash = key_hash_of(key);
        if (find(key, hash) != no_slot) throw decode_error("or_map: a key comes twice");
        so_far.values.push_back({insert(std::move(key)), hash, {}});
        number = so_far.values.size();
      }
      if (number > so_far.values.size()) throw decode_error("or_map: no such key so far");
      auto& [slot, key_hash, inner] = so_far.values[static_cast<std::size_t>(number - 1)];
      const auto before = counted(slot, key_hash);
      run.hi = store_at(slot).load_item(fields, inner, by, run);
      if (many_) many_->dots.insert(by, run, slot);
      if (many_) many_->hash ^= before ^ counted(slot, key_hash);
    }});
    return run.hi;
  }

  void measure(size_counter& size, auto leaf) const {
    size(at(leaf.slot).key);
    store_at(leaf.slot).measure(size, leaf.inner);
  }

 private:
  template <class Inner>
  struct path {
    slot_number slot;
    Inner inner;
  };

  static bool is_empty(const V& value) { return causal_access::store(value).size() == 0; }

  // The value, whose own context is empty, has the context of the map while `f` changes it.
  template <class F>
  static V with_context(causal_context& context, V& value, F&& f) {
    struct loan {
      causal_context& own;
      causal_context& lent;
      loan(causal_context& o, causal_context& l) : own(o), lent(l) { lent = std::move(own); }
      ~loan() { own = std::move(lent); }
    } lending(context, causal_access::context(value));
    return f(value);
  }

  slot_number find(const Key& key) const { return find(key, hash_if_many(key)); }
  slot_number find(const Key& key, std::uint64_t key_hash) const {
    if (many_) return many_->keys.find(many_->slots, key, key_index<Key, entry>::code_in(key_hash));
    return one_ && one_->key == key ? 0 : no_slot;
  }
  const entry& at(slot_number slot) const { return many_ ? many_->slots[slot] : *one_; }
  entry& entry_at(slot_number slot) { return many_ ? many_->slots[slot] : *one_; }
  const value_store& store_at(slot_number slot) const { return causal_access::store(at(slot).value); }
  value_store& store_at(slot_number slot) { return causal_access::store(entry_at(slot).value); }
  static std::uint64_t key_hash_of(const Key& key) { return key_index<Key, entry>::hash_of(key); }
  std::uint64_t hash_if_many(const Key& key) const { return many_ ? key_hash_of(key) : 0; }
  // Of a key and what is under it; 0 of nothing.
  std::uint64_t hash_of(slot_number slot, std::uint64_t key_hash) const {
    if constexpr (hashes_all) return is_empty(at(slot).value) ? 0 : mix(store_at(slot).hash() + key_hash);
    return 0;
  }
  // What of it is in the hash of all.
  std::uint64_t counted(slot_number slot, std::uint64_t key_hash) const {
    return many_ ? hash_of(slot, key_hash) : 0;
  }
  friend const_iterator;
  std::pair<const Key&, const V&> shown(slot_number slot) const { return {at(slot).key, at(slot).value}; }
  slot_number shown_from(slot_number slot) const {
    if (many_) return many_->slots.next_alive(slot);
    return one_ && slot == 0 ? 0 : no_slot;
  }

  // Calls f(interval, slot) for dots that are alive, and maybe, if there is one entry, for others.
  template <class F>
  void for_each_run(replica_id by, interval within, F&& f) const {
    if (many_) {
      many_->dots.for_each(by, within, f);
    } else if (one_) {
      f(within, 0);
    }
  }
  template <class F>
  void for_each_alive_run(replica_id by, interval within, F&& f) const {
    for_each_run(by, within, [&](interval run, slot_number slot) {
      if (many_) {
        f(run, slot);
      } else {
        store_at(slot).for_each_item(by, run, [&](interval alive, auto) { f(alive, slot); });
      }
      return true;
    });
  }

  struct place {
    slot_number at;
    bool added;
    std::uint64_t hash;  // of the key, if many
  };
  // A key that is not here gets an empty value, and maybe the table that makes them many.
  place reach(const Key& key) {
    const auto hash = hash_if_many(key);
    if (const auto at = find(key, hash); at != no_slot) return {at, false, hash};
    const auto at = insert(Key(key));
    return {at, true, hash_if_many(key)};
  }
  slot_number insert(Key&& key) {
    if (many_) return many_->insert(std::move(key));
    if (!one_) {
      one_.emplace(std::move(key));
      return 0;
    }
    boxed<table> grown;
    const auto first = grown.make().insert(Key(one_->key));  // slot 0, as it had
    causal_access::store(one_->value).for_each_dot([&](replica_id by, interval run) {
      grown->dots.insert(by, run, first);
    });
    grown->hash = hash();
    const auto slot = grown->insert(std::move(key));
    grown->slots[first].value = std::move(one_->value);
    many_ = std::move(grown);
    one_.reset();
    return slot;
  }

  void remove(slot_number slot) noexcept {
    if (many_) {
      many_->remove(slot);
    } else {
      one_.reset();
    }
  }

  // Takes out a key and what is under it.
  void forget(slot_number slot) {
    if (many_) store_at(slot).for_each_dot([&](replica_id by, interval run) { many_->dots.erase(by, run); });
    remove(slot);
    tidy();
  }

  // Makes the index and the hash right when it is not known what is wrong. O(n) for n dots of the map.
  void index_anew() {
    if (!many_) return;
    index fresh;
    std::uint64_t hash = 0;
    for (auto slot = shown_from(0); slot != no_slot; slot = shown_from(slot + 1)) {
      store_at(slot).for_each_dot([&](replica_id by, interval run) { fresh.insert(by, run, slot); });
      hash ^= hash_of(slot, key_hash_of(at(slot).key));
    }
    many_->dots = std::move(fresh);
    many_->hash = hash;
  }

  std::optional<entry> one_;
  boxed<table> many_;
};

}  // namespace hearsay::inline v0::detail
