// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <functional>
#include <hearsay/node/detail/core.hpp>
#include <memory>
#include <string>
#include <utility>

namespace hearsay::inline v0 {

/// A handle to a replicated object of type `T`; copies are handles to the same object.
///
/// Any number of threads may use it. Every member locks the object, and `change`, `look` and listeners run
/// under that lock, which is recursive: within them this object may be updated and read. `change` and `look`
/// must not wait for the node's thread, which may be waiting for the lock: no call on the node but `id`,
/// `endpoint` and `error`. None of them should lock two objects in one order here and the other order there.
///
/// A handle keeps its object alive. After `node::stop` all of this still works on the local copy; only,
/// nobody hears of it any more.
template <crdt T>
class shared {
 public:
  using listener = std::function<void(const T& now, const T& news)>;

  /// Calls `change(state, me)` with a `T&` and the `replica&` that writes. It changes the state through a
  /// mutator and returns the delta, or the join of several; the delta reaches the other nodes within
  /// milliseconds. If it throws, so does this, and whatever it has changed until then is sent. Never blocks
  /// for the network. The cost is that of `change` and of merging its delta.
  template <class Change>
  void update(Change&& change) {
    object_->update(core_->self(), std::forward<Change>(change), core_->flush_bytes(),
                    [this](bool urgent) { core_->touched(object_, urgent); });
  }

  /// The value: what `T::value()` returns, or a copy of the state where a type has no such member.
  auto value() const {
    return object_->read([](const T& state) {
      if constexpr (requires { state.value(); }) {
        return state.value();
      } else {
        return state;
      }
    });
  }

  /// Calls `look(state)` with a `const T&`, and returns a copy of what it returns.
  template <class Look>
  auto read(Look&& look) const {
    return object_->read(std::forward<Look>(look));
  }

  /// Calls `listen(now, news)` on the node's thread after each merge that brought something from another
  /// node: `now` is the state, `news` that part of it which is new. Local updates are not told. A listener
  /// lasts as long as the object, and should be quick: the node does nothing else meanwhile. What it throws
  /// becomes an event.
  void on_change(listener listen) { object_->on_change(std::move(listen)); }

  const std::string& name() const { return object_->key().name; }

 private:
  friend class node;
  shared(std::shared_ptr<detail::node_core> core, std::shared_ptr<detail::node_object<T>> object)
      : core_(std::move(core)), object_(std::move(object)) {}

  std::shared_ptr<detail::node_core> core_;
  std::shared_ptr<detail::node_object<T>> object_;
};

}  // namespace hearsay::inline v0
