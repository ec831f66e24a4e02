// SPDX-License-Identifier: BSL-1.0
#include "data.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>

namespace program {

template <class T>
hearsay::shared<T> data::open(const std::string& name) {
  const std::lock_guard lock(opening_);
  if (const auto found = open_.find(name); found != open_.end()) {
    if (const auto& known = std::get<handle<T>>(found->second)) return *known;
  }
  auto fresh = node_.open<T>(name);
  fresh.on_change([this, name](const T&, const T&) { changed(name); });
  std::get<handle<T>>(open_[name]).emplace(fresh);
  return fresh;
}

void data::changed(const std::string& name) {
  const std::lock_guard lock(watching_);
  const auto [first, last] = watchers_.equal_range(name);
  for (auto at = first; at != last; ++at) eventfd_write(at->second, 1);
}

std::int64_t data::incr(const std::string& name, std::int64_t amount) {
  auto counted = open<counter>(name);
  std::int64_t now = 0;
  counted.update([&](counter& state, hearsay::replica& me) {
    const auto size = static_cast<std::uint64_t>(amount);
    auto delta = amount < 0 ? state.decrement(me, 0 - size) : state.increment(me, size);
    now = state.value();
    return delta;
  });
  changed(name);
  return now;
}

bool data::add(const std::string& name, const std::string& element) {
  bool fresh = false;
  open<set>(name).update([&](set& state, hearsay::replica& me) {
    fresh = !state.contains(element);
    return state.add(me, element);
  });
  changed(name);
  return fresh;
}

bool data::remove(const std::string& name, const std::string& element) {
  bool there = false;
  open<set>(name).update([&](set& state, hearsay::replica& me) {
    there = state.contains(element);
    return state.remove(me, element);
  });
  changed(name);
  return there;
}

void data::put(const std::string& name, const std::string& key, const std::string& value) {
  open<map>(name).update([&](map& state, hearsay::replica& me) { return state.put(me, key, value); });
  changed(name);
}

objects data::look(const std::string& name) {
  objects found;
  open<counter>(name).read([&](const counter& state) {
    if (!state.is_bottom()) found.counter = state.value();
    return 0;
  });
  open<set>(name).read([&](const set& state) {
    if (!state.is_bottom()) found.set.emplace(state.begin(), state.end());
    return 0;
  });
  open<map>(name).read([&](const map& state) {
    if (!state.is_bottom()) found.map.emplace();
    for (const auto& [key, value] : state) found.map->emplace(key, value);
    return 0;
  });
  if (found.set) std::ranges::sort(*found.set);
  return found;
}

data::watcher::watcher(data& all, const std::string& name)
    : all_(all), event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (event_.get() < 0) throw std::runtime_error("no more descriptors for a watch");
  const std::lock_guard lock(all_.watching_);
  place_ = all_.watchers_.emplace(name, event_.get());
}

data::watcher::~watcher() {
  const std::lock_guard lock(all_.watching_);
  all_.watchers_.erase(place_);
}

void data::watcher::clear() const {
  eventfd_t count = 0;
  eventfd_read(event_.get(), &count);
}

}  // namespace program
