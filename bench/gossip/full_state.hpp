// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "network.hpp"

namespace bench {

/// Each round sends the whole state.
template <class Workload>
class full_state {
 public:
  using type = typename Workload::type;
  struct options {};
  struct message {
    shared_parcel<Workload> state;
    traffic cost() const { return {.elements = state->elements, .payload = state->bytes}; }
  };
  using outbox = std::vector<std::pair<std::size_t, message>>;

  full_state(std::size_t, const std::vector<std::size_t>&, std::size_t, const options&) {}

  template <class Change>
  void update(Change&& change) {
    change(state_);
  }

  void tick(const std::vector<std::size_t>& peers, outbox& out) {
    const auto whole = std::make_shared<parcel<Workload>>(state_);
    for (const std::size_t to : peers) out.push_back({to, {whole}});
  }

  type receive(std::size_t, const message& heard, outbox&) { return state_.absorb(heard.state->state); }

  const type& state() const { return state_; }
  std::size_t buffer_bytes() const { return 0; }
  bool idle() const { return true; }

 private:
  type state_;
};

}  // namespace bench
