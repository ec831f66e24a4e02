// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <hearsay/node/detail/core.hpp>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <unordered_map>
#include <vector>

#include "transport/zmq/inbox.hpp"
#include "transport/zmq/link_pool.hpp"

namespace hearsay::inline v0::transport {

/// The thread of a node: it owns the engine and every socket, and moves bytes between them.
///
/// Other threads leave word in two lists under a mutex and wake it: which objects were updated, each at most
/// once, and what to run for a caller who waits.
class runner final : public detail::node_core, public std::enable_shared_from_this<runner> {
 public:
  /// What has to stand before the engine is made.
  struct ground {
    node_options options;    // with `advertise` filled in
    parsed_endpoint listen;  // with its port
    bool in_process;         // whether the context is shared
    std::shared_ptr<zmq::context_t> context;
    std::unique_ptr<inbox> in;
  };
  explicit runner(ground made);
  void start();

  void run(const std::function<void(gossip::engine&)>& work) override;
  void touched(const std::shared_ptr<gossip::object>& object, bool urgent) override;
  bool wait_for(std::chrono::nanoseconds timeout, const std::function<bool()>& holds) override;
  node_stats stats() override;
  void add_peer(const std::string& endpoint) override;
  void set_online(bool wanted) override;
  bool online() override;
  std::exception_ptr error() override;
  void stop() noexcept override;
  void release() noexcept override;

 private:
  using instant = gossip::instant;
  struct call {  // on the stack of who waits for it
    const std::function<void(gossip::engine&)>* work;
    std::exception_ptr error{};
    bool done = false;
  };

  void main();
  /// Until the node stops. Returns how long what was sent may still be on its way.
  gossip::duration loop();
  void go_online();
  void go_offline(gossip::duration linger);
  // These tell whether they did anything.
  bool take_commands(instant now);
  bool receive();
  void on_frame(std::span<const std::byte> frame, std::string_view from, instant now);
  bool send(instant now);
  bool tell_events(instant now);
  std::uint64_t telling() const;
  void note_news();
  void answer(call& one);
  bool sleep(instant until);
  void wake();
  bool on_own_thread() const { return own_thread_.load() == std::this_thread::get_id(); }

  // Of the own thread, once it runs.
  const node_options options_;
  const parsed_endpoint listen_;
  const bool in_process_;
  transport_counters counters_;
  reporter log_;
  std::shared_ptr<zmq::context_t> context_;  // this and the next two: only while online
  std::unique_ptr<inbox> in_;
  std::optional<link_pool> links_;
  std::shared_ptr<zmq::context_t> signals_;
  zmq::socket_t bell_;       // rings when other threads left word
  std::uint64_t known_ = 0;  // hash of the version vector
  std::uint64_t told_ = 0;   // what `telling` gave when that changed
  bool leaving_ = false;     // as `stopping_`, when last looked at
  std::vector<zmq_pollitem_t> items_;

  // Of all threads, under the mutex.
  std::mutex mutex_;
  std::condition_variable changed_;
  zmq::socket_t ringer_;
  bool rung_ = false;
  std::unordered_map<std::shared_ptr<gossip::object>, bool> touched_;
  std::vector<call*> calls_;
  std::uint64_t turns_ = 0;  // of the loop, when something happened
  bool stopping_ = false;
  bool closed_ = false;
  std::exception_ptr error_;

  std::atomic<std::thread::id> own_thread_{};
  std::mutex joining_;
  std::thread thread_;
};

}  // namespace hearsay::inline v0::transport
