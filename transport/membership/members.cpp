// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <algorithm>
#include <hearsay/membership/members.hpp>
#include <iterator>
#include <stdexcept>

namespace hearsay::inline v0::membership {
namespace {

std::size_t size_of(const tag_map& tags) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : tags) bytes += key.size() + value.size();
  return bytes;
}

// Leaves out what the horizon has forgotten; false if nothing is left. What is said of an incarnation and the
// profile go by their own stamps, so that it does not matter what came first.
bool remember(member& one, timestamp horizon) {
  if (one.incarnation <= horizon) {
    one.incarnation = {};
    one.status = status::alive;
    one.accusers.clear();
  }
  if (one.told <= horizon) {
    one.told = {};
    one.about = {};
  }
  return one.incarnation.value != 0 || one.told.value != 0;
}

// Joins what is said of an incarnation; returns what of it is news, of incarnation 0 if nothing is.
member join_status(member& mine, const member& theirs) {
  member news;
  const auto rank = [](const member& one) { return std::pair(one.incarnation, one.status); };
  if (rank(mine) < rank(theirs)) {
    mine.incarnation = theirs.incarnation;
    mine.status = theirs.status;
    mine.accusers = theirs.accusers;
    news = {theirs.incarnation, theirs.status, theirs.accusers, {}, {}};
  } else if (rank(mine) == rank(theirs) && theirs.status == status::suspect) {
    std::vector<replica_id> all;
    std::ranges::set_union(mine.accusers, theirs.accusers, std::back_inserter(all));
    all.resize(std::min(all.size(), max_accusers));
    std::ranges::set_difference(all, mine.accusers, std::back_inserter(news.accusers));
    mine.accusers = std::move(all);
    if (!news.accusers.empty()) {
      news.incarnation = theirs.incarnation;
      news.status = theirs.status;
    }
  }
  return news;
}

}  // namespace

std::string_view to_string(status one) noexcept {
  constexpr std::string_view names[] = {"alive", "suspect", "dead", "left"};
  return names[static_cast<std::size_t>(one)];
}

std::string profile::fault() const {
  if (endpoint.empty() || endpoint.size() > max_name_bytes || name.size() > max_name_bytes)
    return fmt::format("a member's endpoint has 1 to {0} bytes, and its name at most {0}", max_name_bytes);
  if (const std::size_t bytes = size_of(tags); bytes > max_tags_bytes)
    return fmt::format("a member's tags have at most {} bytes, not {}", max_tags_bytes, bytes);
  return {};
}

void member::check() const {
  if (status == status::suspect) {
    const auto falls = [](replica_id a, replica_id b) { return a >= b; };
    if (accusers.empty() || accusers.size() > max_accusers ||
        std::ranges::adjacent_find(accusers, falls) != accusers.end()) {
      throw decode_error("the accusers of a member are not canonical");
    }
  }
  if (incarnation.value == 0 && told.value == 0) throw decode_error("nothing is said of a member");
  if (told.value == 0) return;
  if (const std::string what = about.fault(); !what.empty()) throw decode_error(what);
}

fmt::appender member::print(fmt::appender out) const {
  if (told.value != 0) out = fmt::format_to(out, "{} at {} ", about.name, about.endpoint);
  if (incarnation.value != 0) out = fmt::format_to(out, "{} in {}", to_string(status), incarnation);
  if (status == status::suspect) out = fmt::format_to(out, " by {}", accusers.size());
  return out;
}

members members::announce(replica& by, profile about) {
  if (const std::string what = about.fault(); !what.empty()) throw std::invalid_argument(what);
  members delta;
  const member* known = find(by.id());
  member said;
  said.incarnation = said.told = by.time().now(known ? floor_of(*known) : horizon_);
  said.about = std::move(about);
  delta.members_.emplace(by.id(), std::move(said));
  merge(delta);
  return delta;
}

members members::refute(replica& by) {
  members delta;
  const member* known = find(by.id());
  if (!known || known->told.value == 0) return delta;
  delta.members_[by.id()].incarnation = by.time().now(floor_of(*known));
  merge(delta);
  return delta;
}

members members::retag(replica& by, tag_map tags) {
  members delta;
  const member* known = find(by.id());
  if (!known || known->told.value == 0 || known->about.tags == tags) return delta;
  member said;
  said.about = known->about;
  said.about.tags = std::move(tags);
  if (const std::string what = said.about.fault(); !what.empty()) throw std::invalid_argument(what);
  said.told = by.time().now(floor_of(*known));
  delta.members_.emplace(by.id(), std::move(said));
  merge(delta);
  return delta;
}

members members::leave(replica& by) {
  members delta;
  const member* known = find(by.id());
  if (!known || known->status == status::left) return delta;
  member& said = delta.members_[by.id()];
  said.incarnation = by.time().now(floor_of(*known));
  said.status = status::left;
  merge(delta);
  return delta;
}

members members::accuse(replica& by, replica_id who) {
  const member* known = find(who);
  if (!known || known->incarnation.value == 0 || known->status > status::suspect) return {};
  members said;
  said.members_[who] = {known->incarnation, status::suspect, {by.id()}, {}, {}};
  return absorb(said);
}

members members::bury(replica&, replica_id who) {
  const member* known = find(who);
  if (!known || known->incarnation.value == 0 || known->status >= status::dead) return {};
  members delta;
  delta.members_[who] = {known->incarnation, status::dead, {}, {}, {}};
  merge(delta);
  return delta;
}

members members::forget(replica&, timestamp before) {
  members delta;
  for (const auto& [id, one] : members_) {
    if (one.incarnation.value == 0 || one.status >= status::dead) continue;
    before = std::min(before, timestamp{one.incarnation.value - 1});
    if (one.told.value != 0) before = std::min(before, timestamp{one.told.value - 1});
  }
  const bool some = std::ranges::any_of(members_, [&](const auto& each) {
    return each.second.incarnation <= before && each.second.told <= before;
  });
  if (before <= horizon_ || !some) return delta;
  delta.horizon_ = before;
  merge(delta);
  return delta;
}

const member* members::find(replica_id who) const {
  const auto found = members_.find(who);
  return found == members_.end() ? nullptr : &found->second;
}

hearsay::metrics members::metrics() const {
  std::size_t bytes = sizeof *this;
  for (const auto& [id, one] : members_)
    bytes += sizeof(map::value_type) + 4 * sizeof(void*) + one.accusers.capacity() * sizeof(replica_id);
  return {members_.size(), members_.size(), members_.size(), 0, bytes};
}

timestamp members::newest() const {
  timestamp latest = horizon_;
  for (const auto& [id, one] : members_) latest = std::max({latest, one.incarnation, one.told});
  return latest;
}

void members::join(const members& other, members* news) {
  if (other.horizon_ > horizon_) {
    raise_horizon(other.horizon_);
    if (news) news->horizon_ = horizon_;
  }
  for (const auto& [id, theirs] : other.members_) {
    member said = theirs;
    if (!remember(said, horizon_)) continue;
    member& mine = members_[id];
    member fresh = join_status(mine, said);
    if (std::tie(mine.told, mine.about) < std::tie(said.told, said.about)) {
      fresh.told = mine.told = said.told;
      fresh.about = mine.about = said.about;
    }
    if (news && (fresh.incarnation.value != 0 || fresh.told.value != 0))
      news->members_.insert_or_assign(id, std::move(fresh));
  }
}

void members::raise_horizon(timestamp to) {
  horizon_ = to;
  for (auto each = members_.begin(); each != members_.end();)
    each = remember(each->second, to) ? std::next(each) : members_.erase(each);
}

timestamp members::floor_of(const member& one) const {
  return std::max({one.incarnation, one.told, horizon_});
}

members members::part(cursor& at, std::size_t max_bytes) const {
  constexpr std::size_t entry_bytes = 48;  // without strings
  members out;
  if (at.end) return out;
  if (at.first == 0) out.horizon_ = horizon_;
  std::size_t size = 0;
  auto next = members_.lower_bound(replica_id{at.first});
  for (; next != members_.end() && (out.members_.empty() || size < max_bytes); ++next) {
    const auto& about = next->second.about;
    size += entry_bytes + about.name.size() + about.endpoint.size() + size_of(about.tags);
    out.members_.insert(out.members_.end(), *next);
  }
  at.end = next == members_.end();
  if (!at.end) at.first = next->first.value;
  return out;
}

fmt::appender members::print(fmt::appender out) const {
  out = fmt::format_to(out, "{{");
  const char* comma = "";
  for (const auto& [id, one] : members_)
    out = fmt::format_to(out, "{}{}: {}", std::exchange(comma, ", "), id, one);
  if (horizon_.value != 0) out = fmt::format_to(out, "{}above {}", comma, horizon_);
  return fmt::format_to(out, "}}");
}

void members::append(replica_id id, member one) {
  const bool ascends = members_.empty() || members_.rbegin()->first < id;
  const auto below = [&](timestamp stamp) { return stamp.value != 0 && stamp <= horizon_; };
  if (!ascends || below(one.incarnation) || below(one.told))
    throw decode_error("the members of a cluster are not canonical");
  members_.emplace_hint(members_.end(), id, std::move(one));
}

}  // namespace hearsay::inline v0::membership
