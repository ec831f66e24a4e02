// SPDX-License-Identifier: BSL-1.0
#include "transport/zmq/runner.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

namespace hearsay::inline v0::transport {
namespace {

constexpr std::size_t frames_per_turn = 256;
constexpr gossip::duration receive_per_turn = std::chrono::milliseconds(10);

gossip::instant clock_now() { return std::chrono::steady_clock::now().time_since_epoch(); }

std::uint64_t random_seed() {
  std::random_device entropy;
  return std::uint64_t{entropy()} << 32 | entropy();
}

std::string what(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& known) {
    return known.what();
  } catch (...) {
    return "an exception that is no std::exception";
  }
}

gossip::options engine_options(const runner::ground& made) {
  gossip::options options = made.options.gossip;
  options.cluster = made.options.cluster;
  options.endpoint = made.options.advertise;
  options.seeds = made.options.seeds;
  return options;
}

/// What of an event is worth a line in the log; nothing for the ordinary ones.
std::optional<std::string> log_line(const gossip::event& event) {
  if (event.kind == gossip::event_kind::peer_joined || event.kind == gossip::event_kind::object_heard) {
    return std::nullopt;
  }
  if (event.kind >= gossip::event_kind::member_joined) {
    if (event.text.empty()) return std::nullopt;
    return fmt::format("member '{}', {}: {}", event.object, event.peer, event.text);
  }
  std::string line;
  if (event.peer != replica_id{}) line += fmt::format("node {}: ", event.peer);
  if (!event.object.empty()) line += fmt::format("object '{}': ", event.object);
  return line + event.text;
}

}  // namespace

runner::runner(ground made)
    : node_core(engine_options(made), replica(replica_id::random(), clock(made.options.time)), random_seed(),
                clock_now()),
      options_(std::move(made.options)),
      listen_(std::move(made.listen)),
      in_process_(made.in_process),
      log_(options_.log),
      context_(std::move(made.context)),
      in_(std::move(made.in)),
      signals_(make_signal_context()),
      bell_(make_socket(*signals_, role::signal, options_)),
      ringer_(make_socket(*signals_, role::signal, options_)) {
  links_.emplace(*context_, options_, counters_, log_, random_seed());
  const std::string endpoint = internal_endpoint();
  bell_.bind(endpoint);
  ringer_.connect(endpoint);
  const std::size_t files = 5 * options_.pool + options_.gossip.max_peers + 32;
  if (open_file_limit() < files) {
    log_.tell(
        fmt::format("this process may open {} files, and with {} peers the node may need {}: see ulimit -n",
                    open_file_limit(), options_.gossip.max_peers, files));
  }
}

void runner::start() {
  // The thread keeps what it runs on alive: a node may be destroyed by one of its own listeners.
  thread_ = start_quiet_thread([self = shared_from_this()] { self->main(); });
}

void runner::run(const std::function<void(gossip::engine&)>& work) {
  if (on_own_thread()) return work(engine_);
  std::unique_lock lock(mutex_);
  if (closed_) return work(engine_);  // one at a time, since the lock is held
  call one{&work};
  calls_.push_back(&one);
  wake();
  changed_.wait(lock, [&] { return one.done; });
  if (one.error) std::rethrow_exception(one.error);
}

void runner::touched(const std::shared_ptr<gossip::object>& object, bool urgent) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  touched_[object] |= urgent;
  wake();
}

bool runner::wait_for(std::chrono::nanoseconds timeout, const std::function<bool()>& holds) {
  if (on_own_thread())
    throw std::logic_error("hearsay::node::wait_for: the node's own thread would wait for itself");
  const auto deadline = std::chrono::steady_clock::now() +
                        std::min(timeout, std::chrono::nanoseconds(std::chrono::hours(1 << 16)));
  std::unique_lock lock(mutex_);
  for (;;) {
    const std::uint64_t seen = turns_;
    const bool last = closed_;
    lock.unlock();
    if (holds()) return true;
    if (last) return false;
    lock.lock();
    if (!changed_.wait_until(lock, deadline, [&] { return turns_ != seen || closed_; })) return false;
  }
}

node_stats runner::stats() {
  node_stats all;
  run([&](gossip::engine& engine) {
    all.gossip = engine.stats();
    all.transport = counters_;
    all.peers = engine.peers().known();
    all.objects = engine.objects().all().size();
    all.origins = engine.versions().entries().size();
    all.versions_hash = engine.versions().hash();
    all.log_bytes = engine.log().size_bytes();
    all.log_intervals = engine.log().intervals();
    all.transferring = engine.transferring();
  });
  return all;
}

void runner::add_peer(const std::string& endpoint) {
  const std::string text = parse_endpoint(endpoint, purpose::connect, options_.allow_insecure_network).text;
  run([&](gossip::engine& engine) {
    if (text != engine.options().endpoint) engine.add_peer(text, clock_now());
  });
}

void runner::set_online(bool wanted) {
  if (on_own_thread())
    throw std::logic_error("hearsay::node::set_online: not in a listener, which may run on a socket's news");
  run([&](gossip::engine&) {
    if (wanted == (in_ != nullptr)) return;
    if (!wanted) return go_offline(gossip::duration::zero());
    if (!on_own_thread()) throw std::logic_error("hearsay::node::set_online: the node has stopped");
    go_online();
  });
}

bool runner::online() {
  bool answer = false;
  run([&](gossip::engine&) { answer = in_ != nullptr; });
  return answer;
}

void runner::go_online() {
  auto context = make_context(options_, in_process_);
  in_ = std::make_unique<inbox>(*context, listen_, options_);
  context_ = std::move(context);
  links_.emplace(*context_, options_, counters_, log_, random_seed());
  engine_.reconnect(clock_now());
}

void runner::go_offline(gossip::duration linger) {
  if (!in_) return;
  links_->close(linger);
  links_.reset();
  in_.reset();
  context_.reset();  // waits for what lingers, and until the port is free
}

std::exception_ptr runner::error() {
  const std::lock_guard lock(mutex_);
  return error_;
}

void runner::stop() noexcept {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (!closed_) wake();
  }
  if (on_own_thread()) return;
  const std::lock_guard lock(joining_);
  if (thread_.joinable()) thread_.join();
}

void runner::release() noexcept {
  stop();
  if (on_own_thread()) thread_.detach();
}

void runner::wake() {
  if (rung_) return;
  rung_ = true;
  while (zmq_send(ringer_.handle(), nullptr, 0, ZMQ_DONTWAIT) != 0 && zmq_errno() == EINTR) {
  }
}

void runner::main() {
  own_thread_ = std::this_thread::get_id();
  gossip::duration linger{0};
  std::exception_ptr failure;
  try {
    linger = loop();
  } catch (...) {
    failure = std::current_exception();
    log_.tell(fmt::format("the node has stopped: {}", what(failure)));
  }
  {
    const std::lock_guard lock(mutex_);
    error_ = failure;
    closed_ = true;
    for (call* each : calls_) answer(*each);
    for (call* each : calls_) each->done = true;
    changed_.notify_all();
  }
  own_thread_ = std::thread::id();
  go_offline(linger);
  bell_.close();
  ringer_.close();
  signals_.reset();
}

void runner::answer(call& one) {
  try {
    (*one.work)(engine_);
  } catch (...) {
    one.error = std::current_exception();
  }
}

gossip::duration runner::loop() {
  std::optional<instant> end;
  bool busy = false;
  for (;;) {
    const instant now = clock_now();
    busy |= take_commands(now);
    if (leaving_ && !end) {
      end = now + options_.farewell;
      engine_.flush(now);
      note_news();
    }
    busy |= receive();
    if (engine_.next_tick() <= now) engine_.tick(now);
    note_news();
    if (links_) links_->tick(now);
    busy |= send(now);
    busy |= tell_events(now);
    if (busy) {
      const std::lock_guard lock(mutex_);
      ++turns_;
      changed_.notify_all();
    }
    const bool told = known_ == 0 || telling() > told_ || engine_.peers().known() == 0;
    if (end && (told || now >= *end)) return *end - now;
    const instant links_due = links_ ? links_->next_tick() : instant::max();
    busy = sleep(std::min({engine_.next_tick(), links_due, end.value_or(instant::max())}));
  }
}

bool runner::take_commands(instant now) {
  std::unordered_map<std::shared_ptr<gossip::object>, bool> touched;
  std::vector<call*> calls;
  {
    const std::lock_guard lock(mutex_);
    if (!rung_) return false;
    rung_ = false;
    for (zmq::message_t ring; bell_.recv(ring, zmq::recv_flags::dontwait);) {
    }
    touched.swap(touched_);
    calls.swap(calls_);
    leaving_ = stopping_;
  }
  for (const auto& [object, urgent] : touched) engine_.touched(object, urgent, now);
  for (call* each : calls) answer(*each);
  if (!calls.empty()) {
    const std::lock_guard lock(mutex_);
    for (call* each : calls) each->done = true;
    changed_.notify_all();
  }
  return !touched.empty();  // a call only looks, mostly from within wait_for
}

bool runner::receive() {
  const instant start = clock_now();
  instant now = start;
  std::size_t received = 0;
  while (in_ && received < frames_per_turn && now - start < receive_per_turn &&
         in_->receive(counters_, log_, now, [&](auto frame, auto from) { on_frame(frame, from, now); })) {
    ++received;
    send(now);
    now = clock_now();
  }
  return received > 0;
}

void runner::on_frame(std::span<const std::byte> frame, std::string_view from, instant now) {
  wire::fault fault = wire::fault::none;
  try {
    fault = engine_.receive(frame, now);
  } catch (...) {
    // Some type's merge: the objects may be ahead of the version vector now, never behind, and the batch
    // comes again.
    ++counters_.failed;
    log_.tell("failed",
              fmt::format("a frame from {} was not merged: {}", from, what(std::current_exception())), now);
  }
  if (fault == wire::fault::none) return;
  ++counters_.refused[static_cast<std::size_t>(fault)];
  const std::string_view why = to_string(fault);
  log_.tell(fmt::format("refused {} {}", why, from),
            fmt::format("refused a frame of {} bytes from {}: {}", frame.size(), from, why), now);
}

bool runner::send(instant now) {
  bool any = false;
  for (; auto next = engine_.poll(); any = true) {
    if (links_) links_->send(next->endpoint, std::move(next->frame), now);
  }
  return any;
}

bool runner::tell_events(instant now) {
  const auto events = engine_.take_events();
  for (const gossip::event& each : events) {
    if (const auto line = log_line(each)) {
      log_.tell(fmt::format("event {} {} {}", static_cast<int>(each.kind), each.peer, each.object), *line,
                now);
    }
    if (!options_.on_event) continue;
    try {
      options_.on_event(each);
    } catch (...) {
      log_.tell("on_event", fmt::format("on_event threw: {}", what(std::current_exception())), now);
    }
  }
  return !events.empty();
}

std::uint64_t runner::telling() const {
  // Grows when a peer was sent batches, and when one turned out to know the same as this node.
  return engine_.stats().payload_out + engine_.stats().equal;
}

void runner::note_news() {
  const std::uint64_t now_known = engine_.versions().hash();
  if (now_known == known_) return;
  known_ = now_known;
  told_ = telling();
}

bool runner::sleep(instant until) {
  items_.clear();
  items_.push_back({bell_.handle(), 0, ZMQ_POLLIN, 0});
  if (in_) {
    items_.push_back({in_->handle(), 0, ZMQ_POLLIN, 0});
    items_.push_back({in_->monitor_handle(), 0, ZMQ_POLLIN, 0});
    links_->add_to(items_);
  }
  const auto left =
      std::clamp<gossip::duration>(until - std::min(clock_now(), until), {}, std::chrono::hours(1));
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  const int ready = zmq_poll(items_.data(), static_cast<int>(items_.size()), static_cast<long>(timeout));
  if (ready < 0 && zmq_errno() != EINTR) throw zmq::error_t();
  if (ready <= 0) return false;
  const instant now = clock_now();
  if (!in_) return false;
  in_->on_events(counters_, log_, now);
  links_->on_poll(items_, now);
  for (const std::string& endpoint : links_->take_lost()) engine_.lost(endpoint, now);
  return std::any_of(items_.begin() + 2, items_.end(), [](const auto& each) { return each.revents != 0; });
}

}  // namespace hearsay::inline v0::transport
