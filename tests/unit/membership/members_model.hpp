// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <array>
#include <hearsay/laws.hpp>
#include <hearsay/membership/members.hpp>
#include <map>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <vector>

namespace hearsay::inline v0::laws {

/// What is believed of a member is the latest of what was said of it and seen: by incarnation, then by
/// status. A profile is the latest that was told. What a seen horizon is not below is unsaid.
template <>
struct model<membership::members> {
  using status = membership::status;
  enum class verb : std::uint8_t { announce, refute, accuse, bury, retag, leave, forget };
  struct op {
    verb what = verb::announce;
    std::uint64_t who = 0;  ///< of those remembered, modulo their number
    std::string tag;
  };

  static op draw(source& c) {
    op drawn;
    drawn.what = static_cast<verb>(c.weighted(std::array<std::uint64_t, 7>{6, 3, 5, 4, 2, 1, 2}));
    const bool tells = drawn.what == verb::announce || drawn.what == verb::retag;
    const bool points = drawn.what == verb::accuse || drawn.what == verb::bury || drawn.what == verb::forget;
    if (tells) drawn.tag = c.item<std::string>();
    if (points) drawn.who = c.below(3);
    return drawn;
  }

  struct belief {
    std::uint64_t incarnation = 0;
    status state = status::alive;
    std::set<std::size_t> accusers = {};
    std::uint64_t told = 0;
    std::string tag = {};
    auto operator<=>(const belief&) const = default;

    fmt::appender print(fmt::appender out) const {
      return fmt::format_to(out, "{} in {} by {}, {} of {}", to_string(state), incarnation, accusers.size(),
                            tag, told);
    }
    template <class Archive>
    void serialize(Archive& archive) {
      auto number = static_cast<std::uint8_t>(state);
      archive(incarnation, number, accusers, told, tag);
      state = static_cast<status>(number);
    }
  };
  using beliefs =
      std::pair<std::uint64_t, std::map<std::size_t, belief>>;  // horizon, by number of the replica

  struct statement {
    bool said = false;
    std::size_t about = 0;
    belief content = {};  // accusers: the one who says it
    std::uint64_t horizon = 0;
  };

  static beliefs fold(const std::vector<statement>& said, const operation_set& seen) {
    beliefs all;
    for (std::size_t i = 0; i < said.size(); ++i) {
      if (seen.test(i)) all.first = std::max(all.first, said[i].horizon);
    }
    for (std::size_t i = 0; i < said.size(); ++i) {
      const auto& [is, about, content, horizon] = said[i];
      if (!seen.test(i) || !is || horizon != 0) continue;
      if (content.incarnation > all.first) {
        belief& one = all.second[about];
        const auto before = std::tie(one.incarnation, one.state);
        const auto after = std::tie(content.incarnation, content.state);
        if (before < after) one.accusers.clear();
        if (before <= after) one.accusers.insert(content.accusers.begin(), content.accusers.end());
        if (before < after) std::tie(one.incarnation, one.state) = after;
      }
      if (content.told > all.first) {
        belief& one = all.second[about];
        if (one.told < content.told) std::tie(one.told, one.tag) = std::tie(content.told, content.tag);
      }
    }
    return all;
  }

  static beliefs expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::vector<statement> said(all.size());
    std::vector<std::uint64_t> clocks(
        all.size());  // what each operation took its replica's clock to; 0: no use
    for (std::size_t i = 0; i < all.size(); ++i) {
      const auto& [what, me, wall, saw] = all[i];
      const auto [horizon, view] = fold(said, saw);
      const auto own = view.find(me);
      const bool known = own != view.end();
      std::uint64_t above = horizon;
      if (known) above = std::max({above, own->second.incarnation, own->second.told});
      std::uint64_t now = std::max(wall << 16, above + 1);
      for (std::size_t j = 0; j < i; ++j) {
        if (all[j].replica == me) now = std::max(now, clocks[j] + 1);
      }
      const auto said_at_all = [&](std::size_t about, belief content) {
        said[i] = {true, about, std::move(content), 0};
      };
      const auto target = view.empty()
                              ? view.end()
                              : std::next(view.begin(), static_cast<std::ptrdiff_t>(what.who % view.size()));
      const bool profile = known && own->second.told != 0;
      switch (what.what) {
        case verb::announce:
          said_at_all(me, {now, status::alive, {}, now, what.tag});
          clocks[i] = now;
          break;
        case verb::refute:
          if (!profile) break;
          said_at_all(me, {now, status::alive});
          clocks[i] = now;
          break;
        case verb::retag:
          if (!profile || own->second.tag == what.tag) break;
          said_at_all(me, {0, status::alive, {}, now, what.tag});
          clocks[i] = now;
          break;
        case verb::leave:
          if (!known || own->second.state == status::left) break;
          said_at_all(me, {now, status::left});
          clocks[i] = now;
          break;
        case verb::accuse:
          if (target == view.end() || target->second.incarnation == 0) break;
          if (target->second.state > status::suspect || target->second.accusers.contains(me)) break;
          said_at_all(target->first, {target->second.incarnation, status::suspect, {me}});
          break;
        case verb::bury:
          if (target == view.end() || target->second.incarnation == 0) break;
          if (target->second.state >= status::dead) break;
          said_at_all(target->first, {target->second.incarnation, status::dead});
          break;
        case verb::forget: {
          if (target == view.end()) break;
          auto before = std::max(target->second.incarnation, target->second.told);
          for (const auto& [id, one] : view) {
            if (one.incarnation == 0 || one.state >= status::dead) continue;
            before = std::min(before, one.incarnation - 1);
            if (one.told != 0) before = std::min(before, one.told - 1);
          }
          const bool some = std::ranges::any_of(view, [&](const auto& each) {
            return std::max(each.second.incarnation, each.second.told) <= before;
          });
          if (before > horizon && some) said[i] = {true, 0, {}, before};
        }
      }
    }
    return fold(said, seen);
  }

  static beliefs value(const membership::members& x) {
    beliefs all{x.horizon().value, {}};
    std::map<replica_id, std::size_t> numbers;
    for (std::size_t i = 0; i < 3; ++i) numbers[history<membership::members>::id(i)] = i;
    for (const auto& [id, one] : x.all()) {
      belief& is = all.second[numbers.at(id)];
      is.incarnation = one.incarnation.value;
      is.state = one.status;
      for (const replica_id accuser : one.accusers) is.accusers.insert(numbers.at(accuser));
      is.told = one.told.value;
      if (is.told != 0) is.tag = one.about.tags.at("tag");
    }
    return all;
  }
};

template <>
struct mutate<membership::members> {
  static membership::members apply(membership::members& x, replica& me, source& c) {
    using verb = model<membership::members>::verb;
    const auto op = model<membership::members>::draw(c);
    const auto& all = x.all();
    const auto target =
        all.empty() ? all.end() : std::next(all.begin(), static_cast<std::ptrdiff_t>(op.who % all.size()));
    const replica_id who = target == all.end() ? replica_id{} : target->first;
    switch (op.what) {
      case verb::announce:
        if (c.wordy()) c.note("announce({})", print(op.tag));
        return x.announce(me, {"name", "endpoint", {}, {{"tag", op.tag}}});
      case verb::refute:
        if (c.wordy()) c.note("refute()");
        return x.refute(me);
      case verb::retag:
        if (c.wordy()) c.note("retag({})", print(op.tag));
        return x.retag(me, {{"tag", op.tag}});
      case verb::leave:
        if (c.wordy()) c.note("leave()");
        return x.leave(me);
      case verb::accuse:
        if (c.wordy()) c.note("accuse({})", who);
        return x.accuse(me, who);
      case verb::bury:
        if (c.wordy()) c.note("bury({})", who);
        return x.bury(me, who);
      case verb::forget:
        if (c.wordy()) c.note("forget({})", who);
        return target == all.end() ? membership::members{}
                                   : x.forget(me, std::max(target->second.incarnation, target->second.told));
    }
    return {};
  }
};

}  // namespace hearsay::inline v0::laws
