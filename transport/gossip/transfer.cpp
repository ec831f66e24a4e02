// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <hearsay/gossip/engine.hpp>

namespace hearsay::inline v0::gossip {
namespace {

constexpr unsigned most_tries = 5;
constexpr std::size_t most_departures = 1024;  // in one chunk; whom it does not name waits longer

}  // namespace

void engine::make_offer(const peer& to, const object_key* after, instant now, std::uint32_t number) {
  flush(now);  // nothing leaves this node without a number
  offer body;
  body.transfer = number;
  if (!after) {
    const auto mine = versions_.entries();
    body.vector.assign(mine.begin(), mine.end());
    body.first = true;
    ++stats_.offers;
  }
  std::size_t size = 0;
  auto each = after ? objects_.all().upper_bound(*after) : objects_.all().begin();
  for (; each != objects_.all().end() && size < options_.chunk_bytes; ++each) {
    const object& one = *each->second;
    const auto hash = one.hash(gone());
    if (hash == object::no_content) continue;
    body.entries.push_back({one.key(), one.type_name(), hash.value_or(0)});
    size += one.key().name.size() + one.type_name().size() + 16;
  }
  body.last = each == objects_.all().end();
  send(to.endpoint, kind::offer, body);
}

void engine::on_offer(peer& from, offer body, instant now) {
  check_vector(body.vector);
  const auto falls = [](const offer::entry& a, const offer::entry& b) { return a.object >= b.object; };
  if (std::ranges::adjacent_find(body.entries, falls) != body.entries.end()) {
    throw decode_error("the objects of an offer are not in order");
  }
  if (contact_ && contact_->peer == from.id) contact_.reset();
  if (transfer_) {
    const bool next = transfer_->peer == from.id && transfer_->id == body.transfer && transfer_->more &&
                      !body.first && transfer_->wanted.empty() &&
                      (body.entries.empty() || body.entries.front().object > transfer_->last_offered);
    if (!next) return;
  } else {
    const auto ahead = [this](const auto& each) { return each.sequence > reached(each.origin); };
    if (!body.first) return;
    if (std::ranges::none_of(body.vector, ahead) && !std::ranges::equal(body.vector, versions_.entries()))
      return;
    transfer_ = transfer{
        .peer = from.id, .id = static_cast<std::uint32_t>(random_()), .vector = std::move(body.vector)};
  }
  transfer_->more = !body.last;
  for (const offer::entry& each : body.entries) {
    const object* mine = objects_.find(each.object);
    if (each.hash == 0 || !mine || mine->hash(gone()) != each.hash) transfer_->wanted.push_back(each.object);
    transfer_->last_offered = each.object;
  }
  transfer_->tries = 0;
  next_fetch(now);
}

void engine::next_fetch(instant now) {
  peer* const from = peers_.find(transfer_->peer);
  if (!from) {
    transfer_.reset();
    return;
  }
  if (transfer_->wanted.empty() && !transfer_->more) {
    finish_transfer(now);
    return;
  }
  // A retry waits longer each time: the chunk may be large, or the link slow.
  transfer_->retry = now + wait_for(*from) * (std::int64_t{2} << transfer_->tries);
  fetch body{
      .transfer = transfer_->id, .object = {}, .page = transfer_->wanted.empty(), .at = {}, .open = false};
  body.object = body.page ? transfer_->last_offered : transfer_->wanted.front();
  if (!body.page) {
    body.at = transfer_->at;
    body.open = transfer_->open;
  }
  send(from->endpoint, kind::fetch, body);
}

void engine::ask_again(instant now) {
  if (++transfer_->tries > most_tries) {
    transfer_.reset();  // a later round begins another; what has arrived stays
    return;
  }
  next_fetch(now);
}

void engine::on_fetch(peer& from, fetch body, instant now) {
  if (body.page) {
    make_offer(from, &body.object, now, body.transfer);
    return;
  }
  flush(now);
  chunk answer{.transfer = body.transfer, .object = body.object, .from = body.at};
  if (const object* known = objects_.find(body.object); known && !body.at.end) {
    answer.open = known->open();
    // Opened since the last chunk: the walk begins again.
    if (answer.open == body.open) answer.next = body.at;
    for (piece& part : known->part(answer.next, options_.chunk_bytes)) {
      answer.newest = std::max(answer.newest, part.newest);
      stats_.payload_out += part.body.size();
      answer.parts.push_back(std::move(part.body));
    }
    if (answer.next.end) answer.departed = known->departures(most_departures, now);
  } else {
    answer.next.end = true;
  }
  send(from.endpoint, kind::chunk, answer);
}

void engine::on_chunk(peer& from, chunk body, instant now) {
  for (const bytes& part : body.parts) stats_.payload_in += part.size();
  if (!transfer_ || transfer_->peer != from.id || transfer_->id != body.transfer ||
      transfer_->wanted.empty() || transfer_->wanted.front() != body.object || transfer_->at != body.from) {
    return;  // the answer to a fetch that was repeated
  }
  batch contents{body.newest, {}};
  for (bytes& part : body.parts) contents.deltas.push_back({body.object, {}, std::move(part)});
  if (merge(objects_.prepare(std::move(contents)), from.id) != outcome::merged) {
    transfer_.reset();
    return;
  }
  transfer_->tries = 0;
  transfer_->at = body.next;
  transfer_->open = body.open;
  if (body.next.end) {
    if (object* const known = objects_.find(body.object)) known->learn(body.departed, now);
    transfer_->wanted.pop_front();
    transfer_->at = {};
  }
  next_fetch(now);
}

void engine::finish_transfer(instant now) {
  // Every object holds at least what the offering peer had when it told its vector.
  for (const auto& [origin, sequence] : transfer_->vector) {
    if (origin == self_.id() || reached(origin) >= sequence) continue;
    folded_.erase(origin);
    log_.skip_to(origin, sequence);
    raise(origin, sequence, now);
  }
  transfer_.reset();
  ++stats_.transfers;
  wake(now);
}

}  // namespace hearsay::inline v0::gossip
