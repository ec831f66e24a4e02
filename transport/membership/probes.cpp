// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <hearsay/membership/detector.hpp>
#include <hearsay/wire/codec.hpp>

namespace hearsay::inline v0::membership {

// A suspect that learns of it at once refutes at once.
timestamp detector::doubt(const members& all, replica_id who) const {
  const member* one = all.find(who);
  const bool doubted = options_.lifeguard && one && one->status != status::alive;
  return doubted && one->status != status::left ? one->incarnation : timestamp{};
}

void detector::send_ping(const members& all, replica_id who, std::uint32_t number, bool tell_endpoint) {
  send(all.find(who)->about.endpoint, kind::ping,
       ping{number, doubt(all, who), tell_endpoint ? endpoint_ : std::string()});
}

void detector::begin(const members& all, replica_id who, bool challenge, instant now) {
  if (probes_.size() >= options_.max_probes) return;
  for (probe& each : probes_) {
    if (each.who != who) continue;
    each.challenge = each.challenge || challenge;
    return;
  }
  const auto number = static_cast<std::uint32_t>(random_());
  probes_.push_back({.number = number,
                     .who = who,
                     .challenge = challenge,
                     .due = now + slowed(options_.direct_timeout),
                     .end = now + slowed(options_.probe_timeout)});
  send_ping(all, who, number, false);
}

void detector::ask_others(const members& all, probe& one) {
  one.indirect = true;
  one.due = one.end;
  send_ping(all, one.who, one.number, true);
  const auto ask = [&](replica_id helper) {
    if (helper != one.who && std::ranges::binary_search(ring_, helper) &&
        std::ranges::find(one.helpers, helper) == one.helpers.end())
      one.helpers.push_back(helper);
  };
  if (const auto found = helped_.find(one.who); found != helped_.end()) ask(found->second);
  ask(reached_);  // a node that reaches few should not ask only those it does not
  const std::size_t most = one.helpers.size() + options_.indirect;
  for (unsigned tries = 0; tries < 4 * most && one.helpers.size() < most; ++tries) {
    const replica_id helper = ring_[random_() % ring_.size()];
    if (!suspicions_.contains(helper)) ask(helper);
  }
  for (const replica_id helper : one.helpers) {
    send(all.find(helper)->about.endpoint, kind::relay,
         relay{one.number, one.who, all.find(one.who)->about.endpoint, doubt(all, one.who)});
  }
}

void detector::fail(const probe& one) {
  if (leaving_) {
    silent_.insert(one.who);
    return;
  }
  // Helpers that say that they had no answer either prove that this node hears well.
  if (one.nacks < one.helpers.size() || one.helpers.empty()) worse();
  helped_.erase(one.who);
  want(one.challenge ? intent::what::bury : intent::what::accuse, one.who);
}

void detector::answered(replica_id sender, std::uint32_t number) {
  const auto asked =
      std::ranges::find_if(relayed_, [&](const relayed& each) { return each.number == number; });
  if (asked != relayed_.end() && asked->who == sender) {
    send(asked->asker, kind::ack, ack{.number = asked->theirs});
    relayed_.erase(asked);
    return;
  }
  const auto found = std::ranges::find_if(probes_, [&](const probe& each) { return each.number == number; });
  if (found == probes_.end()) return;
  if (found->who != sender) {
    if (std::ranges::find(found->helpers, sender) == found->helpers.end()) return;
    helped_[found->who] = sender;
  }
  reached_ = sender;
  if (health_ > 0) --health_;
  probes_.erase(found);
}

void detector::receive(const members& all, kind kind, replica_id sender, std::span<const std::byte> body,
                       const knowledge& known, const wire::limits& limits, instant now) {
  awake(now);
  const member* from = all.find(sender);
  const std::string* reply = from && from->told.value != 0 ? &from->about.endpoint : nullptr;
  const auto check = [&](timestamp doubted) {
    const member* own = all.find(self_);
    if (!leaving_ && own && doubted.value != 0 && doubted >= own->incarnation) {
      worse();
      want(intent::what::refute, self_);
    }
  };
  switch (kind) {
    case kind::ping: {
      const auto asked = wire::decode<ping>(body, limits);
      if (asked.endpoint.size() > max_name_bytes) throw decode_error("an endpoint is too long");
      check(asked.doubted);
      if (!reply && !asked.endpoint.empty()) reply = &asked.endpoint;
      if (reply) send(*reply, kind::ack, ack{asked.number, doubt(all, sender), known.of_asker, known.all});
      break;
    }
    case kind::ack: {
      const auto answer = wire::decode<ack>(body, limits);
      check(answer.doubted);
      if (std::ranges::binary_search(ring_, sender)) {
        silent_.erase(sender);
        std::uint64_t& before = known_by_[sender];
        before = std::max(before, answer.known);
        intents_.push_back({.does = intent::what::compare, .who = sender, .all = answer.all});
      }
      answered(sender, answer.number);
      break;
    }
    case kind::relay: {
      const auto asked = wire::decode<relay>(body, limits);
      if (asked.endpoint.size() > max_name_bytes) throw decode_error("an endpoint is too long");
      if (!reply || relayed_.size() >= options_.max_relayed) break;
      const auto number = static_cast<std::uint32_t>(random_());
      const duration wait = (options_.probe_timeout - options_.direct_timeout) * 3 / 5;
      relayed_.push_back({number, asked.number, *reply, asked.who, false, now + wait});
      send(asked.endpoint, kind::ping, ping{number, asked.doubted, endpoint_});
      break;
    }
    case kind::nack: {
      const auto answer = wire::decode<nack>(body, limits);
      const auto found =
          std::ranges::find_if(probes_, [&](const probe& each) { return each.number == answer.number; });
      if (found != probes_.end() && std::ranges::find(found->helpers, sender) != found->helpers.end())
        ++found->nacks;
      break;
    }
  }
}

}  // namespace hearsay::inline v0::membership
