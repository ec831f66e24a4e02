// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <hearsay/gossip/engine.hpp>
#include <stdexcept>

namespace hearsay::inline v0::gossip {
namespace {

constexpr duration young = std::chrono::seconds(2);
constexpr auto first_watch = static_cast<std::uint8_t>(kind::ping);
static_assert(first_watch + membership::kinds == kinds);

event_kind event_of(membership::change what) {
  switch (what) {
    case membership::change::joined:
      return event_kind::member_joined;
    case membership::change::suspected:
      return event_kind::member_suspected;
    case membership::change::cleared:
      return event_kind::member_cleared;
    case membership::change::retagged:
      return event_kind::member_changed;
    case membership::change::died:
      return event_kind::member_died;
    case membership::change::left:
      return event_kind::member_left;
    case membership::change::refused:
      break;
  }
  return event_kind::member_refused;
}

}  // namespace

void engine::join_members(instant now) {
  membership::options& own = *options_.members;
  if (own.name.empty()) own.name = options_.endpoint;
  const membership::profile about{own.name, options_.endpoint, {}, own.tags};
  if (const std::string fault = about.fault(); !fault.empty()) throw std::invalid_argument(fault);
  members_ = objects_.open<membership::members, no_mutex>(members_name);
  said_of_ = std::make_shared<std::vector<replica_id>>();
  members_->on_change([to = std::weak_ptr(said_of_)](const auto&, const membership::members& news) {
    const auto said_of = to.lock();
    if (!said_of) return;  // the engine that opened the object has ended
    for (const auto& [who, what] : news.all()) said_of->push_back(who);
  });
  detector_ = std::make_unique<membership::detector>(own, self_.id(), options_.endpoint, random_(), now);
  for (const auto& [who, what] : known_members().all()) said_of_->push_back(who);
  const membership::member* before = known_members().find(self_.id());
  since_ = before && before->told.value != 0 ? before->about.since : self_.time().now();
  said_of_->push_back(self_.id());
  young_until_ = now + young;
  amend(
      [&](auto& all, replica& me) {
        return all.announce(me, {own.name, options_.endpoint, since_, own.tags});
      },
      now);
  attend(now);
}

const membership::members& engine::known_members() const {
  static const membership::members none;
  if (!members_) return none;
  return members_->read([](const membership::members& all) -> const membership::members& { return all; });
}

std::vector<std::pair<replica_id, membership::member>> engine::members() const {
  std::vector<std::pair<replica_id, membership::member>> here;
  for (const auto& [who, one] : known_members().all()) {
    if (detector_->spared(who)) {
      here.emplace_back(who, one).second.status = membership::status::suspect;
    } else if (one.here() && !detector_->refused(known_members(), who)) {
      here.emplace_back(who, one);
    }
  }
  return here;
}

template <class Change>
void engine::amend(Change change, instant now) {
  members_->update(
      self_,
      [&](membership::members& all, replica& me) {
        membership::members delta = change(all, me);
        for (const auto& [who, what] : delta.all()) said_of_->push_back(who);
        return delta;
      },
      options_.flush_bytes, [&](bool urgent) { touched(members_, urgent, now); });
}

void engine::set_tags(membership::tag_map tags, instant now) {
  if (!detector_) throw std::logic_error("tags are for members: set gossip::options::members");
  amend([&](auto& all, replica& me) { return all.retag(me, tags); }, now);
  options_.members->tags = std::move(tags);
  attend(now);
}

void engine::leave(instant now) {
  if (!detector_) throw std::logic_error("only members leave: set gossip::options::members");
  amend([](auto& all, replica& me) { return all.leave(me); }, now);
  flush(now);
  detector_->leave(versions_.at(self_.id()), now);
  attend(now);
}

std::map<replica_id, std::uint64_t> engine::behind() const {
  std::map<replica_id, std::uint64_t> found;
  if (!detector_) return found;
  const std::uint64_t own = versions_.at(self_.id());
  for (const replica_id who : detector_->others()) {
    const std::uint64_t known = detector_->known_by(who);
    found[who] = own - std::min(own, known);
  }
  return found;
}

void engine::on_watch(const wire::frame& frame, instant now) {
  const auto which = static_cast<membership::kind>(frame.kind - first_watch);
  if (!detector_) {
    ++stats_.unknown_sender;
    return;
  }
  const membership::knowledge known{versions_.at(frame.sender), short_hash()};
  detector_->receive(known_members(), which, frame.sender, frame.body, known, options_.wire, now);
}

void engine::lost(const std::string& endpoint, instant now) {
  if (!detector_) return;
  detector_->lost(known_members(), endpoint, now);
  attend(now);
}

// One who was believed dead may know better.
peer* engine::recall(replica_id sender, instant now) {
  const membership::member* one = known_members().find(sender);
  if (!one || one->told.value == 0 || one->status == membership::status::left) return nullptr;
  bool fresh = false;
  peer* const back = peers_.greeted(sender, one->about.endpoint, now, fresh);
  if (fresh) wake(now);
  return back;
}

void engine::attend(instant now) {
  for (;;) {
    if (const timestamp horizon = known_members().horizon(); horizon != horizon_) {
      horizon_ = horizon;
      detector_->sweep(known_members(), now);
    }
    std::vector<replica_id> said_of = std::exchange(*said_of_, {});
    std::ranges::sort(said_of);
    const auto repeated = std::ranges::unique(said_of);
    said_of.erase(repeated.begin(), repeated.end());
    // Who is here comes first: a restarted process explains the death of the one before it.
    const auto is_here = [this](replica_id who) {
      const membership::member* one = known_members().find(who);
      return one && one->here();
    };
    std::ranges::stable_partition(said_of, is_here);
    for (const replica_id who : said_of) detector_->observe(known_members(), who, now);
    const std::vector<membership::intent> wanted = detector_->take(now);
    if (wanted.empty() && said_of_->empty()) return;
    for (const membership::intent& each : wanted) carry_out(each, now);
  }
}

void engine::carry_out(membership::intent wanted, instant now) {
  using what = membership::intent::what;
  const replica_id who = wanted.who;
  switch (wanted.does) {
    case what::announce:
      amend(
          [&](auto& all, replica& me) {
            const membership::options& own = *options_.members;
            return all.announce(me, {own.name, options_.endpoint, since_, own.tags});
          },
          now);
      break;
    case what::refute:
      amend([](auto& all, replica& me) { return all.refute(me); }, now);
      break;
    case what::accuse:
      amend([who](auto& all, replica& me) { return all.accuse(me, who); }, now);
      break;
    case what::bury:
      amend([who](auto& all, replica& me) { return all.bury(me, who); }, now);
      break;
    case what::forget: {
      const auto age = static_cast<std::uint64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(options_.members->forget).count());
      const std::uint64_t wall = self_.time().wall();
      if (wall <= age) break;
      const auto before = timestamp::from_milliseconds(wall - age);
      amend([before](auto& all, replica& me) { return all.forget(me, before); }, now);
      break;
    }
    case what::send:
      post(wanted.text, static_cast<kind>(first_watch + static_cast<std::uint8_t>(wanted.kind)), wanted.body);
      break;
    case what::greet:
      send(wanted.text, kind::hello, hello{options_.endpoint, false});
      break;
    case what::link:
      peers_.link(who, wanted.text, options_.members->max_peers, now);
      break;
    case what::unlink:
      peers_.unlink(who, now);
      break;
    case what::compare:
      compare(who, wanted.all, now);
      break;
    case what::report:
      if (wanted.change == membership::change::refused) {
        const membership::member* one = known_members().find(who);
        tell(event_kind::member_refused, who, one ? one->about.name : std::string(), wanted.text);
      } else {
        const bool died = wanted.change == membership::change::died;
        tell(event_of(wanted.change), who, wanted.text,
             died ? "it does not answer, or another process took its place: taken for dead" : "");
      }
  }
}

}  // namespace hearsay::inline v0::gossip
