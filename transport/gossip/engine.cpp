// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <hearsay/gossip/engine.hpp>

namespace hearsay::inline v0::gossip {
namespace {

constexpr std::size_t kept_events = 1024;
constexpr unsigned silent_seed = 6;  // greetings without an answer: some three seconds
constexpr int growth = 4;            // of the pause between rounds, when nothing is new any more

}  // namespace

engine::engine(gossip::options options, replica self, std::uint64_t seed, instant now)
    : engine(alone(), std::move(options), std::move(self), seed, now) {
  if (options_.members) join_members(now);
}

engine::engine(alone, gossip::options options, replica self, std::uint64_t seed, instant now)
    : options_(std::move(options)),
      self_(std::move(self)),
      cluster_(wire::cluster_tag(options_.cluster)),
      random_(seed),
      objects_(options_),
      log_(options_.log_bytes, options_.flush_bytes),
      peers_(options_),
      usual_trip_(options_.first_rtt),
      interval_(options_.round_min),
      next_round_(now),
      next_audit_(now + options_.audit) {
  for (const std::string& seed_endpoint : options_.seeds) {
    if (seed_endpoint != options_.endpoint) peers_.add_seed(seed_endpoint, now);
  }
}

engine::engine(gossip::options options, engine&& before, std::uint64_t seed, instant now)
    : engine(alone(), std::move(options), (before.flush(now), std::move(before.self_)), seed, now) {
  objects_.take(std::move(before.objects_));
  versions_ = std::move(before.versions_);
  log_ = std::move(before.log_);
  folded_ = std::move(before.folded_);
  announced_ = std::move(before.announced_);
  if (options_.members) join_members(now);
}

void engine::touched(std::shared_ptr<object> object, bool urgent, instant now) {
  dirty_.insert(std::move(object));
  const instant at = urgent ? now : now + options_.flush_delay;
  flush_at_ = flush_at_ ? std::min(*flush_at_, at) : at;
}

void engine::flush(instant now) {
  flush_at_.reset();
  batch contents;
  std::size_t size = 0;
  const auto objects = std::exchange(dirty_, {});
  // In the order of their keys, not of their addresses: a run is a function of its seed.
  std::map<object_key, object*> ordered;
  for (const auto& each : objects) ordered.emplace(each->key(), each.get());
  for (const auto& [key, each] : ordered) {
    object::pending pending = each->take_pending(options_.flush_bytes, options_.wire);
    if (!pending.failure.empty()) {
      tell(event_kind::too_large, {}, key.name, "an update stays on this node: " + pending.failure);
    }
    for (piece& piece : pending.pieces) {
      const std::size_t more = key.name.size() + piece.body.size() + 16;
      if (size + more > options_.flush_bytes && size > 0) {
        seal_batch(contents, now);
        size = 0;
      }
      size += more;
      contents.newest = std::max(contents.newest, piece.newest);
      contents.deltas.push_back(
          {key, announced_.insert(key).second ? each->type_name() : std::string(), std::move(piece.body)});
    }
  }
  if (size > 0) seal_batch(contents, now);
}

void engine::seal_batch(batch& contents, instant now) {
  const std::uint64_t sequence = versions_.at(self_.id()) + 1;
  bytes body = wire::encode(contents);
  ++stats_.flushed;
  stats_.flushed_bytes += body.size();
  log_.append(self_.id(), {sequence, sequence, std::move(body)},
              [this](const bytes& older, const bytes& newer) { return objects_.join(older, newer); });
  raise(self_.id(), sequence, now);
  contents = {};
  wake(now);
}

void engine::raise(replica_id origin, std::uint64_t sequence, instant now) {
  const std::uint64_t before = versions_.at(origin);
  if (!versions_.raise(origin, sequence)) return;
  recent_.changed(origin, before, sequence, now, window());
  news_ = true;
}

engine::outcome engine::merge(const object_table::prepared& batch, replica_id from) {
  const std::uint64_t newest = batch.contents.newest.milliseconds();
  if (const std::uint64_t wall = self_.time().wall(); newest > wall && !credible(batch.contents.newest)) {
    ++stats_.future;
    tell(event_kind::future_stamp, from, {},
         fmt::format("a batch is stamped {} ms in the future and has to wait", newest - wall));
    return outcome::future;
  }
  if (!objects_.has_room(batch)) {
    ++stats_.no_room;
    tell(event_kind::no_room, from, {},
         "a batch has to wait: it would pass the limit max_objects or unopened_bytes");
    return outcome::no_room;
  }
  self_.time().witness(batch.contents.newest);
  object_table::applied applied = objects_.apply(batch);
  for (const object_key& key : applied.made) {
    tell(event_kind::object_heard, from, key.name, objects_.type_name(key.type));
  }
  for (auto& [key, what] : applied.failures)
    tell(event_kind::listener_failed, from, key.name, std::move(what));
  for (auto& [key, what] : applied.collisions)
    tell(event_kind::id_collision, from, key.name, std::move(what));
  stats_.collisions += applied.collisions.size();
  for (const object_delta& each : batch.contents.deltas) {
    if (!each.type_name.empty()) check_types(each.object);
  }
  return outcome::merged;
}

bool engine::credible(timestamp stamp) {
  const auto ms = [](duration span) {
    return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(span).count());
  };
  // Where the wall clock was set back, what follows on stamps that were accepted before is accepted, too.
  const std::uint64_t most = std::max(self_.time().wall() + ms(options_.max_clock_lead),
                                      self_.time().last().milliseconds() + ms(std::chrono::seconds(1)));
  return stamp.milliseconds() <= most;
}

void engine::check_types(const object_key& key) {
  // Objects of one name are neighbours in the table.
  std::string mine;
  std::vector<object_key> others;
  const auto& all = objects_.all();
  for (auto each = all.lower_bound({key.name, 0}); each != all.end() && each->first.name == key.name;
       ++each) {
    if (each->second->open()) {
      mine = each->second->type_name();
    } else {
      others.push_back(each->first);
    }
  }
  if (mine.empty()) return;
  for (const object_key& other : others) {
    const std::string theirs = objects_.type_name(other.type);
    if (theirs.empty() || !conflicts_.insert(other).second) continue;
    tell(event_kind::type_conflict, {}, key.name,
         fmt::format("'{}' is a {} here and a {} elsewhere: these are two objects", key.name, mine, theirs));
  }
}

wire::fault engine::receive(std::span<const std::byte> bytes, instant now) {
  const auto [frame, fault] = wire::open(bytes, cluster_, options_.wire);
  if (fault != wire::fault::none) {
    ++stats_.refused;
    if (fault == wire::fault::cluster && detector_ && next_other_cluster_ <= now) {
      next_other_cluster_ = now + std::chrono::minutes(1);
      tell(event_kind::other_cluster, {}, {},
           fmt::format("a node of another cluster than '{}' was refused", options_.cluster));
    }
    return fault;
  }
  if (frame.sender == self_.id()) {  // an own endpoint among the seeds
    if (frame.kind == static_cast<std::uint8_t>(kind::hello)) {
      try {
        peers_.drop(wire::decode<hello>(frame.body, options_.wire).endpoint);
      } catch (const decode_error&) {
        ++stats_.refused;
      }
    }
    return fault;
  }
  peer* from = peers_.heard(frame.sender, now);
  if (!from && detector_) from = recall(frame.sender, now);
  try {
    if (frame.kind == 0 || frame.kind >= kinds)
      throw decode_error(fmt::format("no frame is of kind {}", frame.kind));
    ++stats_.frames_in[frame.kind];
    stats_.bytes_in[frame.kind] += bytes.size();
    switch (static_cast<kind>(frame.kind)) {
      case kind::hello:
        on_hello(frame.sender, wire::decode<hello>(frame.body, options_.wire), now);
        break;
      case kind::digest:
        dispatch(from, frame, now, &engine::on_digest);
        break;
      case kind::vector:
        dispatch(from, frame, now, &engine::on_vector);
        break;
      case kind::exchange:
        dispatch(from, frame, now, &engine::on_exchange);
        break;
      case kind::offer:
        dispatch(from, frame, now, &engine::on_offer);
        break;
      case kind::fetch:
        dispatch(from, frame, now, &engine::on_fetch);
        break;
      case kind::chunk:
        dispatch(from, frame, now, &engine::on_chunk);
        break;
      case kind::ping:
      case kind::ack:
      case kind::relay:
      case kind::nack:
        on_watch(frame, now);
        break;
    }
  } catch (const decode_error& error) {
    ++stats_.refused;
    // Its place in the table may have gone to another meanwhile.
    if (peer* const sender = peers_.find(frame.sender)) sender->demoted_until = now + options_.demotion;
    tell(event_kind::refused, frame.sender, {}, error.what());
  }
  if (detector_) attend(now);
  return fault;
}

template <class Body>
void engine::dispatch(peer* from, const wire::frame& frame, instant now,
                      void (engine::*handle)(peer&, Body, instant)) {
  if (!from) {
    ++stats_.unknown_sender;  // it will say hello
    return;
  }
  (this->*handle)(*from, wire::decode<Body>(frame.body, options_.wire), now);
}

void engine::on_hello(replica_id sender, const hello& body, instant now) {
  if (body.endpoint.empty() || body.endpoint.size() > options_.max_name_bytes) {
    throw decode_error("an endpoint is empty or too long");
  }
  if (detector_) detector_->greeted(sender, body.endpoint, now);
  bool fresh = false;
  if (!peers_.greeted(sender, body.endpoint, now, fresh)) {
    tell(event_kind::no_room, sender, {}, "no room for another peer (option max_peers)");
    return;
  }
  if (!body.answer) send(body.endpoint, kind::hello, hello{options_.endpoint, true});
  if (!fresh) return;
  tell(event_kind::peer_joined, sender, {}, body.endpoint);
  wake(now);
}

void engine::reconnect(instant now) {
  peers_.greet_all(now);
  wake(now);
  if (!detector_) return;
  detector_->reconnect(known_members());
  attend(now);
}

void engine::tick(instant now) {
  if (detector_) {
    detector_->tick(known_members(), now);
    attend(now);
    if (next_fold_ <= now) fold(now);
  }
  if (flush_at_ && *flush_at_ <= now) flush(now);
  for (peer* one : peers_.due_for_hello(random_, now)) {
    send(one->endpoint, kind::hello, hello{options_.endpoint, false});
    if (one->seed && one->unanswered == silent_seed)
      tell(event_kind::seed_silent, one->id, {},
           fmt::format("the seed {} does not answer: it is down, out of reach, or of another cluster",
                       one->endpoint));
  }
  if (contact_ && contact_->until <= now) {
    contact_.reset();
    if (may_retry()) try_another();
  }
  if (next_round_ <= now) {
    contacts_left_ = compared(now) ? 0 : std::max(1u, options_.fanout);
    retries_left_ = options_.retries;
    // An eighth of jitter to both sides keeps nodes from marching in step.
    const auto jitter = static_cast<std::int64_t>(random_() % 1024);
    const auto after = [&](duration pause) { return now + pause * 7 / 8 + pause * jitter / 4096; };
    next_round_ = after(interval_);
    soonest_round_ = after(options_.round_min);
    if (eager_ == 0) {
      interval_ = std::min(interval_ * growth, std::max(options_.round_min, options_.round_max));
    }
  }
  // While batches are on their way here, another peer would send the same ones.
  if (std::erase_if(claims_, [&](const auto& each) { return each.second.until <= now; }) != 0 &&
      retries_left_ > 0) {
    try_another();
  }
  if (contacts_left_ > 0 && !contact_ && claims_.empty()) begin_contact(now);
  if (transfer_ && transfer_->retry <= now) ask_again(now);
}

instant engine::next_tick() const {
  instant next = std::min(next_round_, peers_.next_hello());
  if (flush_at_) next = std::min(next, *flush_at_);
  if (contacts_left_ > 0) {
    instant free = contact_ ? contact_->until : instant{0};
    for (const auto& [origin, asked] : claims_) free = std::max(free, asked.until);
    next = std::min(next, free);
  }
  if (contact_ && may_retry()) next = std::min(next, contact_->until);
  if (transfer_) next = std::min(next, transfer_->retry);
  if (detector_) next = std::min({next, detector_->next(), next_fold_});
  return next;
}

// No answer to a digest: it was lost, or its answer, or there was nothing to say.
bool engine::may_retry() const { return news_ && retries_left_ > 0; }

void engine::try_another() {
  if (--retries_left_ == 0) news_ = false;  // probably all are equal
  ++contacts_left_;
}

std::optional<outgoing> engine::poll() {
  if (outbox_.empty()) return std::nullopt;
  std::optional<outgoing> first(std::move(outbox_.front()));
  outbox_.pop_front();
  return first;
}

void engine::post(const std::string& endpoint, kind kind, std::span<const std::byte> body) {
  bytes frame = wire::seal(static_cast<std::uint8_t>(kind), cluster_, self_.id(), body);
  ++stats_.frames_out[static_cast<std::size_t>(kind)];
  stats_.bytes_out[static_cast<std::size_t>(kind)] += frame.size();
  if (outbox_.size() >= options_.outbox_frames) {
    outbox_.pop_front();
    ++stats_.dropped_frames;
  }
  outbox_.push_back({endpoint, std::move(frame)});
}

void engine::wake(instant now) {
  interval_ = options_.round_min;
  // So many that hardly anybody is left out, if all who hear of it do the same.
  eager_ = static_cast<unsigned>(std::bit_width(peers_.known()));
  same_ = 0;
  next_round_ = std::min(next_round_, std::max(now, soonest_round_));
}

void engine::tell(event_kind kind, replica_id peer, std::string object, std::string text) {
  if (events_.size() < kept_events) events_.push_back({kind, peer, std::move(object), std::move(text)});
}

void engine::check_vector(const std::vector<version_vector::entry>& entries) const {
  if (entries.size() > options_.max_origins)
    throw decode_error("a version vector passes the limit max_origins");
  const auto falls = [](const auto& a, const auto& b) { return a.origin >= b.origin; };
  if (std::ranges::adjacent_find(entries, falls) != entries.end()) {
    throw decode_error("the origins of a version vector are not in order");
  }
}

duration engine::window() const {
  if (options_.hot_window > duration{0}) return options_.hot_window;
  const auto rounds = static_cast<std::int64_t>(std::bit_width(versions_.entries().size())) + 4;
  return rounds * std::max(options_.round_min, options_.round_max);
}

duration engine::wait_for(const peer& peer) const {
  return std::min(options_.max_wait, 2 * (peer.rtt > duration{0} ? peer.rtt : usual_trip_));
}

}  // namespace hearsay::inline v0::gossip
