// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <algorithm>
#include <hearsay/gossip/engine.hpp>

namespace hearsay::inline v0::gossip {
namespace {

// What an exchange adds to the bodies of its intervals, generously.
constexpr std::size_t run_overhead = 16;
constexpr std::size_t interval_overhead = 24;

// While whole objects are on their way here, batches would only bring the same.
constexpr std::uint8_t wishes_of(mode mode, bool transferring) {
  std::uint8_t wishes = 0;
  if (mode != mode::push && !transferring) wishes |= static_cast<std::uint8_t>(wish::batches);
  if (mode != mode::pull) wishes |= static_cast<std::uint8_t>(wish::request);
  return wishes;
}

// The same wishes, seen from the other side.
constexpr std::uint8_t answered(std::uint8_t wishes) {
  std::uint8_t own = 0;
  if (has(wishes, wish::request)) own |= static_cast<std::uint8_t>(wish::batches);
  if (has(wishes, wish::batches)) own |= static_cast<std::uint8_t>(wish::request);
  return own;
}

std::uint64_t payload(const exchange& body) {
  std::uint64_t sum = 0;
  for (const origin_run& run : body.runs) {
    for (const batch_interval& each : run.intervals) sum += each.body.size();
  }
  return sum;
}

}  // namespace

void engine::begin_contact(instant now) {
  if (eager_ > 0) --eager_;
  peer* const to = peers_.draw(random_, versions_.hash(), now);
  if (!to) {
    contacts_left_ = 0;
    return;
  }
  --contacts_left_;
  recent_.settle(now, window());
  digest body;
  body.hash = versions_.hash();
  body.wishes = wishes_of(options_.mode, transferring());
  body.hot.origins_tag = versions_.origins_tag();
  for (const auto& [origin, past] : recent_.hot()) {
    const std::uint64_t sequence = versions_.at(origin);
    body.hot.add(*versions_.rank(origin), sequence, sequence - past.settled);
  }
  if (audit_due(now)) {
    body.states = hash();
    next_audit_ = now + options_.audit;
  }
  contact_ = contact{to->id, now, now + wait_for(*to)};
  ++stats_.rounds;
  // Most do not know yet where a new member is, and could not answer.
  if (now < young_until_) send(to->endpoint, kind::hello, hello{options_.endpoint, true});
  send(to->endpoint, kind::digest, body);
}

// Where nothing has happened for a while, the answer to a ping tells what the silence after a digest would.
bool engine::compared(instant now) const {
  return same_ == versions_.hash() && now - same_at_ < 2 * options_.round_max && !audit_due(now);
}

void engine::compare(replica_id with, std::uint32_t all, instant now) {
  peer* const one = peers_.find(with);
  if (!one || interval_ < options_.round_max) return;  // rounds go on anyway
  if (all == short_hash()) {
    one->agreed = same_ = versions_.hash();
    same_at_ = now;
  } else {
    one->agreed = 0;
    peers_.prefer(with);
    next_round_ = std::min(next_round_, std::max(now, soonest_round_));
  }
}

void engine::on_digest(peer& from, digest body, instant now) {
  if (body.hash == versions_.hash()) {
    ++stats_.equal;
    from.agreed = body.hash;
    news_ = false;
    // States differ at equal vectors if one holds what was lost with its origin before it had a number in the
    // vector of anybody: the rest of a transfer that ended early.
    if (const auto mine = body.states ? hash() : std::nullopt; mine && mine != body.states) {
      ++stats_.unequal;
      make_offer(from, nullptr, now);
    }
    return;
  }
  recent_.settle(now, window());
  if (const auto theirs = understand(body)) {
    respond(from, *theirs, body.wishes, true, now);
    return;
  }
  ++stats_.mismatches;
  const auto mine = versions_.entries();
  send(from.endpoint, kind::vector, full_vector{answered(body.wishes), {mine.begin(), mine.end()}});
}

std::optional<std::vector<version_vector::entry>> engine::understand(const digest& digest) const {
  const auto mine = versions_.entries();
  if (digest.hot.origins_tag != versions_.origins_tag()) return std::nullopt;
  std::vector<version_vector::entry> listed;
  std::uint64_t hash = versions_.hash();
  for (const vector_sketch::entry& told : digest.hot.entries) {
    if (told.rank >= mine.size()) return std::nullopt;
    const auto& [origin, own] = mine[told.rank];
    const std::uint64_t sequence = vector_sketch::resolve(told, own);
    hash += version_vector::hash_of(origin, sequence) - version_vector::hash_of(origin, own);
    listed.push_back({origin, sequence});
  }
  // Of what is not listed the peer has what was settled here before the window, or all that is here.
  std::vector<version_vector::entry> settled = listed;
  std::uint64_t settled_hash = hash;
  for (const auto& [origin, past] : recent_.hot()) {
    if (std::ranges::binary_search(listed, origin, {}, &version_vector::entry::origin)) continue;
    settled.push_back({origin, past.settled});
    settled_hash +=
        version_vector::hash_of(origin, past.settled) - version_vector::hash_of(origin, versions_.at(origin));
  }
  if (settled_hash == digest.hash) return settled;
  if (hash == digest.hash) return listed;
  return std::nullopt;
}

void engine::on_vector(peer& from, full_vector body, instant now) {
  check_vector(body.entries);
  if (contact_ && contact_->peer == from.id) contact_.reset();
  // Origins of which the peer has nothing are missing in its vector.
  std::vector<version_vector::entry> theirs = std::move(body.entries);
  const std::size_t told = theirs.size();
  for (const auto& [origin, sequence] : versions_.entries()) {
    const auto end = theirs.begin() + static_cast<std::ptrdiff_t>(told);
    const auto found =
        std::ranges::lower_bound(theirs.begin(), end, origin, {}, &version_vector::entry::origin);
    if (found == end || found->origin != origin) theirs.push_back({origin, 0});
  }
  respond(from, theirs, body.wishes, false, now);
}

void engine::respond(peer& to, const std::vector<version_vector::entry>& theirs, std::uint8_t wishes,
                     bool ranked, instant now) {
  if (contact_ && contact_->peer == to.id) contact_->crossed = true;
  exchange body;
  std::vector<version_vector::entry> lacking;
  std::size_t room = exchange_room();
  bool behind_log = false;
  for (const auto& [origin, known] : theirs) {
    if (known > reached(origin)) unfold(origin, now);
    const std::uint64_t own = versions_.at(origin);
    if (own > known && has(wishes, wish::batches)) {
      if (known == 0 && fading(origin)) continue;  // it has been folded there; who is new gets the objects
      if (known < log_.floor(origin)) {
        behind_log = true;
      } else {
        add_run(body, origin, known, room);
      }
    } else if (known > own && origin == self_.id()) {
      tell(event_kind::identity_taken, to.id, {},
           fmt::format("a peer knows batch {} of this node, which made {}", known, own));
    } else if (known > reached(origin) && has(wishes, wish::request)) {
      lacking.push_back({origin, known});
    }
  }
  if (behind_log) {
    body.runs.clear();  // the objects hold these batches, too
    make_offer(to, nullptr, now);
  }
  // Nothing is asked for twice: not while an own digest or transfer is out, which will bring the same.
  const bool asked = transfer_ || (contact_ && contact_->until > now);
  if (!asked) request(body, lacking, ranked, wait_for(to), now);
  if (body.runs.empty() && body.request.entries.empty() && body.missing.empty()) return;
  stats_.payload_out += payload(body);
  send(to.endpoint, kind::exchange, body);
}

void engine::request(exchange& body, std::vector<version_vector::entry>& lacking, bool ranked, duration wait,
                     instant now) {
  std::ranges::sort(lacking, {}, &version_vector::entry::origin);
  body.request.origins_tag = versions_.origins_tag();
  for (const auto& [origin, theirs] : lacking) {
    const std::uint64_t own = versions_.at(origin);
    const auto claimed = claims_.find(origin);
    if (claimed != claims_.end() && claimed->second.until > now && claimed->second.sequence >= theirs)
      continue;
    if (own == 0 && versions_.entries().size() >= options_.max_origins) continue;
    if (ranked && own > 0) {
      body.request.add(*versions_.rank(origin), own, theirs - own);
    } else {
      body.missing.push_back({origin, own});
    }
    claims_[origin] = {theirs, now + wait};
  }
}

void engine::add_run(exchange& body, replica_id origin, std::uint64_t known, std::size_t& room) {
  origin_run run{origin, {}};
  log_.from(origin, known, [&](const batch_interval& each) {
    const std::size_t size =
        each.body.size() + interval_overhead + (run.intervals.empty() ? run_overhead : 0);
    if (size > room) return false;
    room -= size;
    run.intervals.push_back(each);
    return true;
  });
  if (!run.intervals.empty()) body.runs.push_back(std::move(run));
}

void engine::on_exchange(peer& from, exchange body, instant now) {
  check_vector(body.missing);
  if (contact_ && contact_->peer == from.id) {
    if (!contact_->crossed) measured(from, now - contact_->sent);
    contact_.reset();
    news_ = false;
  }
  merge_runs(from, std::move(body.runs), now);
  from.agreed = versions_.hash();  // in all likelihood, once it has the answer
  exchange answer;
  std::size_t room = exchange_room();
  std::vector<version_vector::entry> wanted = std::move(body.missing);
  if (body.request.origins_tag == versions_.origins_tag()) {
    for (const vector_sketch::entry& told : body.request.entries) {
      if (told.rank >= versions_.entries().size()) break;
      const auto& [origin, own] = versions_.entries()[told.rank];
      wanted.push_back({origin, vector_sketch::resolve(told, own)});
    }
  }
  for (const auto& [origin, known] : wanted) {
    if (versions_.at(origin) <= known) continue;
    if (known < log_.floor(origin)) {
      make_offer(from, nullptr, now);  // which has the rest, too
      return;
    }
    add_run(answer, origin, known, room);
  }
  if (answer.runs.empty()) return;
  stats_.payload_out += payload(answer);
  send(from.endpoint, kind::exchange, answer);
}

void engine::measured(peer& with, duration trip) {
  const auto smooth = [trip](duration before) { return (7 * before + trip) / 8; };
  with.rtt = with.rtt > duration{0} ? smooth(with.rtt) : trip;
  usual_trip_ = usual_trip_ == options_.first_rtt ? trip : smooth(usual_trip_);
}

std::size_t engine::exchange_room() const {
  // The request and the envelope take some of a frame; a batch always fits into what is left.
  const std::size_t taken = wire::frame_overhead + 16 * versions_.entries().size() + 64;
  return options_.wire.frame_bytes - std::min(taken, options_.wire.frame_bytes / 2);
}

void engine::merge_runs(peer& from, std::vector<origin_run> runs, instant now) {
  for (origin_run& run : runs) {
    if (run.origin == self_.id()) continue;
    for (batch_interval& each : run.intervals) {
      stats_.payload_in += each.body.size();
      const std::uint64_t known = reached(run.origin);
      if (each.hi <= known) {
        ++stats_.repeated;
        continue;
      }
      unfold(run.origin, now);
      if (each.lo > known + 1) {
        ++stats_.gaps;
        break;
      }
      if (known == 0 && versions_.entries().size() >= options_.max_origins) {
        ++stats_.no_room;
        break;
      }
      if (merge(objects_.prepare(each.body), from.id) != outcome::merged) break;
      ++stats_.merged;
      const std::uint64_t sequence = each.hi;
      log_.append(run.origin, std::move(each),
                  [this](const bytes& older, const bytes& newer) { return objects_.join(older, newer); });
      raise(run.origin, sequence, now);
      wake(now);
    }
    const auto claimed = claims_.find(run.origin);
    if (claimed != claims_.end() && versions_.at(run.origin) >= claimed->second.sequence)
      claims_.erase(claimed);
  }
}

}  // namespace hearsay::inline v0::gossip
