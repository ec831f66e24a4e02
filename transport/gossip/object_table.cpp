// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>

#include <hearsay/gossip/object_table.hpp>
#include <stdexcept>

namespace hearsay::inline v0::gossip {

std::uint32_t type_tag(std::string_view type_name) {
  return static_cast<std::uint32_t>(wire::hash(std::as_bytes(std::span(type_name))));
}

std::unique_ptr<object::decoded> unopened::decode(std::span<const std::byte> delta,
                                                  const wire::limits&) const {
  auto made = std::make_unique<raw>();
  made->decoded::raw = true;
  made->body.assign(delta.begin(), delta.end());
  return made;
}

object::merged unopened::merge(const decoded& delta) {
  const bytes& body = static_cast<const raw&>(delta).body;
  const auto [known, fresh] = places_.try_emplace(wire::hash(body), pieces_.size());
  if (!fresh && pieces_[known->second].body == body) return {};
  pieces_.push_back({body, delta.newest});
  bytes_ += body.size();
  return {true, {}, {}};
}

std::vector<piece> unopened::part(cursor& at, std::size_t max_bytes) const {
  std::vector<piece> next;
  std::size_t size = 0;
  while (at.first < pieces_.size() && (next.empty() || size + pieces_[at.first].body.size() <= max_bytes)) {
    size += pieces_[at.first].body.size();
    next.push_back(pieces_[at.first++]);
  }
  at.end = at.first >= pieces_.size();
  return next;
}

void object_table::take(object_table&& other) {
  objects_ = std::move(other.objects_);
  types_ = std::move(other.types_);
  unopened_bytes_ = other.unopened_bytes_;
  dropped_ = other.dropped_;
}

object* object_table::find(const object_key& key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() ? nullptr : found->second.get();
}

std::shared_ptr<object> object_table::adopt(std::shared_ptr<object> made) {
  const object_key& key = made->key();
  if (key.name.empty() || key.name.size() > limits_.max_name_bytes) {
    throw std::invalid_argument(
        fmt::format("an object's name has 1 to {} bytes, not {}", limits_.max_name_bytes, key.name.size()));
  }
  const auto found = objects_.find(key);
  if (found == objects_.end()) {
    if (objects_.size() >= limits_.max_objects) {
      throw std::length_error(fmt::format(
          "no room for object '{}': there are {} already (option max_objects)", key.name, objects_.size()));
    }
    types_.try_emplace(key.type, made->type_name());
    return objects_.emplace(key, std::move(made)).first->second;
  }
  if (found->second->open()) return found->second;
  const auto& before = static_cast<const unopened&>(*found->second);
  for (const piece& each : before.pieces()) {
    try {
      made->merge(*made->decode(each.body, limits_.wire));
    } catch (const decode_error&) {
      ++dropped_;
    }
  }
  unopened_bytes_ -= before.size_bytes();
  types_.try_emplace(key.type, made->type_name());
  return found->second = std::move(made);
}

std::unique_ptr<object::decoded> object_table::decode(const object_delta& delta) const {
  const object_key& key = delta.object;
  if (key.name.empty() || key.name.size() > limits_.max_name_bytes ||
      delta.type_name.size() > limits_.max_name_bytes) {
    throw decode_error("the name of an object or type is empty or too long");
  }
  if (!delta.type_name.empty() && type_tag(delta.type_name) != key.type) {
    throw decode_error("the name of a type does not fit its tag");
  }
  const object* known = find(key);
  return known ? known->decode(delta.delta, limits_.wire)
               : unopened(key, {}).decode(delta.delta, limits_.wire);
}

object_table::prepared object_table::prepare(std::span<const std::byte> body) const {
  return prepare(wire::decode<batch>(body, limits_.wire));
}

object_table::prepared object_table::prepare(batch contents) const {
  prepared made{std::move(contents), {}};
  for (const object_delta& each : made.contents.deltas) {
    auto decoded = decode(each);
    if (decoded->newest > made.contents.newest) throw decode_error("a stamp is later than its batch says");
    if (const object* known = find(each.object); !known || !known->open())
      decoded->newest = made.contents.newest;
    made.deltas.push_back(std::move(decoded));
  }
  return made;
}

bool object_table::has_room(const prepared& ready) const {
  std::size_t objects = objects_.size();
  std::size_t raw = unopened_bytes_;
  for (const object_delta& each : ready.contents.deltas) {
    const object* known = find(each.object);
    if (!known) ++objects;
    if (!known || !known->open()) raw += each.delta.size();
  }
  return objects <= limits_.max_objects && raw <= limits_.unopened_bytes;
}

object_table::applied object_table::apply(const prepared& ready) {
  applied result;
  for (std::size_t i = 0; i < ready.deltas.size(); ++i) {
    const object_delta& delta = ready.contents.deltas[i];
    if (!delta.type_name.empty()) learn(delta.object, delta.type_name);
    auto& slot = objects_[delta.object];
    if (!slot) {
      slot = std::make_shared<unopened>(delta.object, type_name(delta.object.type));
      result.made.push_back(delta.object);
    }
    std::unique_ptr<object::decoded> late;
    if (slot->open() && ready.deltas[i]->raw) {  // a listener of an earlier delta has opened it meanwhile
      try {
        late = slot->decode(delta.delta, limits_.wire);
      } catch (const decode_error&) {
        ++dropped_;
        continue;
      }
    }
    object::merged merged = slot->merge(late ? *late : *ready.deltas[i]);
    if (merged.news) result.changed.push_back(delta.object);
    if (merged.news && !slot->open()) unopened_bytes_ += delta.delta.size();
    if (!merged.failure.empty()) result.failures.emplace_back(delta.object, std::move(merged.failure));
    if (!merged.collision.empty()) result.collisions.emplace_back(delta.object, std::move(merged.collision));
  }
  return result;
}

std::optional<std::uint64_t> object_table::hash(const writer_test& gone) const {
  std::vector<std::pair<object_key, std::uint64_t>> states;
  for (const auto& [key, each] : objects_) {
    const std::optional<std::uint64_t> state = each->hash(gone);
    if (!state) return std::nullopt;
    if (*state != object::no_content) states.emplace_back(key, *state);
  }
  return wire::hash(wire::encode(states));
}

std::optional<bytes> object_table::join(const bytes& older, const bytes& newer) const {
  auto joined = wire::decode<batch>(older, limits_.wire);
  auto next = wire::decode<batch>(newer, limits_.wire);
  joined.newest = std::max(joined.newest, next.newest);
  std::map<object_key, std::size_t> last;
  for (std::size_t i = 0; i < joined.deltas.size(); ++i) last[joined.deltas[i].object] = i;
  for (object_delta& each : next.deltas) {
    const auto same = last.find(each.object);
    const object* known = find(each.object);
    if (same != last.end() && known) {
      object_delta& before = joined.deltas[same->second];
      if (std::optional<bytes> both = known->join(before.delta, each.delta, limits_.wire)) {
        before.delta = std::move(*both);
        if (before.type_name.empty()) before.type_name = std::move(each.type_name);
        continue;
      }
    }
    last[each.object] = joined.deltas.size();
    joined.deltas.push_back(std::move(each));
  }
  return wire::encode(joined);
}

std::string object_table::type_name(std::uint32_t tag) const {
  const auto found = types_.find(tag);
  return found == types_.end() ? std::string() : found->second;
}

void object_table::learn(const object_key& key, const std::string& type_name) {
  types_.try_emplace(key.type, type_name);
  if (const auto found = objects_.find(key); found != objects_.end() && !found->second->open()) {
    static_cast<unopened&>(*found->second).learn_type(type_name);
  }
}

}  // namespace hearsay::inline v0::gossip
