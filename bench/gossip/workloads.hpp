// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <hearsay/crdt.hpp>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

/// The workloads of Enes et al., "Efficient Synchronization of State-based CRDTs", ICDE 2019. Each has
///
///     type                                         the data type
///     update(state, me, node, number) -> type      makes a node's next update, and returns its delta
///     elements(state) -> std::size_t               what is counted of a state
///     for_each_update_in(news, heard)              calls `heard(node, number)` for what is in there
namespace bench {

/// Each update adds an element that nobody else adds: 24 bytes of text, or a number.
template <class Element>
struct unique_adds {
  using type = hearsay::g_set<Element>;

  type update(type& state, hearsay::replica& me, std::size_t node, std::size_t number) const {
    if constexpr (std::integral<Element>) {
      return state.add(me, static_cast<Element>(node << 32 | number));
    } else {
      return state.add(me, fmt::format("{:08}#{:015}", node, number));
    }
  }

  static std::size_t elements(const type& state) { return state.size(); }

  template <class Heard>
  void for_each_update_in(const type& news, Heard&& heard) const {
    for (const Element& each : news) {
      if constexpr (std::integral<Element>) {
        heard(each >> 32, each & 0xffff'ffff);
      } else {
        heard(std::stoul(each), std::stoul(each.substr(9)));
      }
    }
  }
};

/// Each update adds one to a counter.
struct increments {
  using type = hearsay::g_counter;

  type update(type& state, hearsay::replica& me, std::size_t node, std::size_t) {
    nodes[me.id()] = node;
    return state.increment(me);
  }

  static std::size_t elements(const type& state) { return state.metrics().dots; }

  template <class Heard>
  void for_each_update_in(const type& news, Heard&& heard) const {
    // A counter tells only its value; its entries are in its bytes.
    using entries = std::map<hearsay::replica_id, std::uint64_t>;
    for (const auto& entry : hearsay::wire::decode<entries>(hearsay::wire::encode(news))) {
      heard(nodes.at(entry.first), entry.second);
    }
  }

  std::map<hearsay::replica_id, std::size_t> nodes{};  ///< by the replicas that write there
};

/// A map of 1000 keys, a run of them for each node. Each update writes again to some of its node's keys, so
/// that in each round as many per cent of all are overwritten.
struct overwrites {
  using type = hearsay::lww_map<std::uint64_t, std::uint64_t>;

  std::size_t percent;
  std::size_t nodes;

  type update(type& state, hearsay::replica& me, std::size_t node, std::size_t number) const {
    std::vector<std::uint64_t> own(std::min(share(), keys - node * share()));
    std::iota(own.begin(), own.end(), node * share());
    std::mt19937_64 random(node << 32 | number);
    type delta;
    for (std::size_t i = 0; i < std::min(own.size(), share() * percent / 100 + 1); ++i) {
      std::swap(own[i], own[i + random() % (own.size() - i)]);
      delta.merge(state.put(me, own[i], number));
    }
    return delta;
  }

  static std::size_t elements(const type& state) { return state.size(); }

  template <class Heard>
  void for_each_update_in(const type& news, Heard&& heard) const {
    for (const auto& entry : news) heard(entry.first / share(), entry.second);
  }

 private:
  static constexpr std::size_t keys = 1000;
  std::size_t share() const { return (keys + nodes - 1) / nodes; }
};

}  // namespace bench
