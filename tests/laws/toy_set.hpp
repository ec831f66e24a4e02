// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "hearsay/laws.hpp"
#include "hearsay/laws/types/observed.hpp"

namespace toy {

/// The ways in which the set below can be wrong.
enum class mistake {
  none,
  keeps_what_both_have,    // merge: an element that is on both sides stays, whatever its dots
  compacts_over_gaps,      // merge: the highest counter stands for all below it, as in a version vector
  moves_before_reading,    // merge: takes its own items out, then reads the other's, which may be the same
  delta_forgets_observed,  // add: the delta does not say that the element's older dots are gone
  counts_the_living,       // add: the next counter is the number of elements, plus one
  removes_one_dot,         // remove: only the element's oldest dot goes
  news_without_deaths,     // absorb: returns what came, not what went
  news_is_the_delta,       // absorb: returns all of the delta
  parts_of_the_living,     // part: leaves out the dots whose items are gone
  parts_without_end,       // part: never says that nothing is left
  parts_overlap,           // part: begins with the last dot of the part before
  saves_no_context,        // save: only the items
  loads_what_there_is,     // load: bytes that end after the context are taken for a set without items
};

/// An observed-remove set as simple as can be, correct, or with one mistake.
template <mistake Wrong = mistake::none>
class set {
 public:
  set add(hearsay::replica& me, const std::string& element) {
    const auto next = Wrong == mistake::counts_the_living ? items_.size() + 1 : seen_.next(me.id());
    set delta = observed(element);
    delta.items_.emplace(hearsay::dot{me.id(), next}, element);
    delta.seen_.insert({me.id(), next});
    merge(delta);
    if constexpr (Wrong == mistake::delta_forgets_observed) {
      set less;
      less.items_ = delta.items_;
      less.seen_.insert({me.id(), next});
      return less;
    }
    return delta;
  }

  set remove(const std::string& element) {
    const set delta = observed(element);
    merge(delta);
    return delta;
  }

  void merge(const set& other) {
    if constexpr (Wrong == mistake::moves_before_reading) {
      for (auto& [dot, element] : std::exchange(items_, {})) {
        if (!other.is_dead(dot)) items_.emplace(dot, element);
      }
    } else {
      std::erase_if(items_, [&](const auto& item) {
        const bool saved = Wrong == mistake::keeps_what_both_have && other.contains(item.second);
        return other.is_dead(item.first) && !saved;
      });
    }
    const auto mine = elements();
    for (const auto& [dot, element] : other.items_) {
      const bool saved = Wrong == mistake::keeps_what_both_have && mine.contains(element);
      if (!seen_.contains(dot) || saved) items_.emplace(dot, element);
    }
    seen_.merge(other.seen_);
    if constexpr (Wrong == mistake::compacts_over_gaps) {
      hearsay::causal_context whole;
      seen_.for_each_interval([&](hearsay::replica_id by, hearsay::interval) {
        whole.insert(by, {1, seen_.max(by)});
      });
      seen_ = whole;
    }
  }

  set absorb(const set& delta) {
    set news;
    news.seen_ = delta.seen_.minus(seen_);
    if constexpr (Wrong != mistake::news_without_deaths) {
      for (const auto& [dot, element] : items_) {
        if (delta.is_dead(dot)) news.seen_.insert(dot);
      }
    }
    for (const auto& [dot, element] : delta.items_) {
      if (news.seen_.contains(dot)) news.items_.emplace(dot, element);
    }
    merge(delta);
    if constexpr (Wrong == mistake::news_is_the_delta) return delta;
    return news;
  }

  set part(hearsay::cursor& at, std::size_t max_bytes) const {
    set out;
    std::size_t room = std::max<std::size_t>(1, max_bytes / 16);
    hearsay::dot next{{at.first}, at.second};
    for (auto run = seen_.next_interval(next); run && room != 0; run = seen_.next_interval(next)) {
      if (run->by != next.by) next = {run->by, 0};
      next.counter = std::max(next.counter, run->counters.lo);
      const auto item = items_.find(next);
      if (item != items_.end()) out.items_.insert(*item);
      if (item != items_.end() || Wrong != mistake::parts_of_the_living) out.seen_.insert(next);
      ++next.counter;
      --room;
    }
    at.end = !seen_.next_interval(next) && Wrong != mistake::parts_without_end;
    if (Wrong == mistake::parts_overlap && !at.end && max_bytes >= 32) --next.counter;
    at.first = next.by.value;
    at.second = next.counter;
    return out;
  }

  const hearsay::causal_context& context() const { return seen_; }
  bool contains(const std::string& element) const { return elements().contains(element); }
  std::set<std::string> elements() const {
    std::set<std::string> all;
    for (const auto& [dot, element] : items_) all.insert(element);
    return all;
  }

  friend bool operator==(const set&, const set&) = default;
  fmt::appender print(fmt::appender out) const {
    return fmt::format_to(out, "{{{}}}", fmt::join(elements(), ", "));
  }

  template <class Archive>
  void save(Archive& archive) const {
    if constexpr (Wrong == mistake::saves_no_context) {
      archive(items_);
    } else {
      archive(seen_, items_);
    }
  }

  template <class Archive>
  void load(Archive& archive) {
    if constexpr (Wrong == mistake::saves_no_context) {
      archive(items_);
      seen_ = {};
      for (const auto& [dot, element] : items_) seen_.insert(dot);
    } else {
      archive(seen_);
      if (Wrong == mistake::loads_what_there_is && archive.remaining() == 0) return;
      archive(items_);
    }
  }

 private:
  bool is_dead(hearsay::dot dot) const { return seen_.contains(dot) && !items_.contains(dot); }

  /// A delta in which the element's dots are gone.
  set observed(const std::string& element) const {
    set delta;
    for (const auto& item : items_) {
      if (item.second == element) delta.seen_.insert(item.first);
      if (Wrong == mistake::removes_one_dot && !delta.seen_.empty()) break;
    }
    return delta;
  }

  std::map<hearsay::dot, std::string> items_;
  hearsay::causal_context seen_;
};

}  // namespace toy

template <toy::mistake Wrong>
struct hearsay::laws::mutate<toy::set<Wrong>> {
  static toy::set<Wrong> apply(toy::set<Wrong>& x, replica& me, source& c) {
    const bool removes = c.flip();
    const auto element = c.item<std::string>();
    c.note("{}({})", removes ? "remove" : "add", element);
    return removes ? x.remove(element) : x.add(me, element);
  }
};

/// An element is there if an add of it was seen, and no operation that observed that add.
template <toy::mistake Wrong>
struct hearsay::laws::model<toy::set<Wrong>> {
  struct op {
    bool removes;
    std::string element;
  };

  static op draw(source& c) {
    const bool removes = c.flip();
    return {removes, c.item<std::string>()};
  }

  static std::set<std::string> expected(std::span<const issued<op>> all, const operation_set& seen) {
    const auto there = surviving(
        all, seen, [](const op& later, const op& earlier) { return later.element == earlier.element; });
    std::set<std::string> elements;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (there.test(i) && !all[i].what.removes) elements.insert(all[i].what.element);
    }
    return elements;
  }

  static std::set<std::string> value(const toy::set<Wrong>& x) { return x.elements(); }
};
