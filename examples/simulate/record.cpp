// SPDX-License-Identifier: BSL-1.0
// What a stage has recorded, as the page wants it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string_view>

#include "stage.hpp"

namespace simulate {
namespace {

using hearsay::gossip::kinds;

constexpr std::array<std::string_view, kinds> kind_names{
    "", "hello", "digest", "vector", "exchange", "offer", "fetch", "chunk", "ping", "ack", "relay", "nack"};
constexpr std::size_t most_links = 600;   // drawn; more would be a grey disc
constexpr std::size_t most_points = 400;  // of a curve

template <class Items, class Write>
std::string array(const Items& items, Write&& write) {
  std::vector<std::string> parts;
  for (const auto& each : items) parts.push_back(write(each));
  return fmt::format("[{}]", fmt::join(parts, ","));
}

std::string size_of(std::uint64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{:.1f} kB", static_cast<double>(bytes) / 1e3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

// Some of the points, the first and the last among them.
std::vector<std::pair<double, double>> some_of(const std::vector<std::pair<double, double>>& points) {
  const std::size_t step = points.size() / most_points + 1;
  std::vector<std::pair<double, double>> some;
  for (std::size_t i = 0; i < points.size(); i += step) some.push_back(points[i]);
  if (!points.empty() && some.back() != points.back()) some.push_back(points.back());
  return some;
}

}  // namespace

std::vector<chart> stage::charts() const {
  chart spread{.title = "Nodes that know an update",
               .x = "rounds, one a second",
               .y = "share of the nodes alive",
               .percent = true,
               .clock = true};
  for (std::size_t u = 0; u < written_; ++u) {
    const auto name = fmt::format("update {}, by n{}", u + 1, writers_[u].first);
    spread.curves.push_back(
        {.name = name, .colour = static_cast<unsigned>(u), .points = some_of(spread_[u])});
    if (spread_[u].back().first < now()) {
      spread.curves.back().points.emplace_back(now(), spread_[u].back().second);
    }
  }
  chart bytes{.title = "Bytes that arrive, by kind of frame",
              .x = "rounds, one a second",
              .y = "bytes a second",
              .clock = true};
  for (std::size_t kind = 1; kind < kinds; ++kind) {
    if (totals_[kind] == 0) continue;
    series one{.name = std::string(kind_names[kind]), .colour = static_cast<unsigned>(bytes.curves.size())};
    for (std::size_t i = 0; i < bars_.size(); ++i) {
      one.points.emplace_back((static_cast<double>(i) + 0.5) * bar_,
                              static_cast<double>(bars_[i][kind]) / bar_);
    }
    bytes.curves.push_back(std::move(one));
  }
  return {std::move(spread), std::move(bytes)};
}

std::vector<std::pair<std::string, std::string>> stage::facts() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (std::size_t u = 0; u < written_; ++u) {
    const auto& [writer, start] = writers_[u];
    const auto when = [&, from = start](double share) {
      const auto found = std::ranges::find_if(spread_[u], [&](const auto& p) { return p.second >= share; });
      return found == spread_[u].end() ? "never" : fmt::format("{:.1f} rounds", found->first - from);
    };
    all.emplace_back(fmt::format("update {}, by n{} at {:.1f}", u + 1, writer, start),
                     knowing_[u] == 0 ? "lost: its writer crashed before it told anybody"
                                      : fmt::format("half know after {}, all after {}", when(0.5), when(1)));
  }
  std::uint64_t bytes = 0;
  std::vector<std::string> parts;
  for (std::size_t kind = 1; kind < kinds; ++kind) {
    bytes += totals_[kind];
    if (totals_[kind] != 0) parts.push_back(fmt::format("{} {}", kind_names[kind], size_of(totals_[kind])));
  }
  all.emplace_back("frames that arrived",
                   fmt::format("{}, {}: {}", frames_seen_, size_of(bytes), fmt::join(parts, ", ")));
  return all;
}

std::string stage::replay() const {
  std::size_t count = 0;
  for (const auto& each : links_) count += each.size();
  std::vector<std::pair<std::size_t, std::size_t>> links;
  for (std::size_t i = 0; i < size() && count / 2 <= most_links; ++i) {
    for (const std::size_t each : links_[i]) {
      if (i < each) links.emplace_back(i, each);
    }
  }
  const auto frame = [](const arrival& a) {
    return fmt::format("[{:.3f},{},{},{}]", a.at, a.from, a.to, a.kind);
  };
  const auto states = [](const std::vector<state>& row) {
    return array(row, [](const state& s) { return fmt::format("[{:.3f},{}]", s.at, s.known); });
  };
  return fmt::format(
      R"({{"end":{:.3f},"framesSeen":{},"kinds":{},)"
      "\n"
      R"("positions":{},)"
      "\n"
      R"("links":{},)"
      "\n"
      R"("updates":{},"cuts":{},"notes":{},)"
      "\n"
      R"("states":{},)"
      "\n"
      R"("news":{},)"
      "\n"
      R"("others":{}}})",
      now(), frames_seen_, array(kind_names, quoted),
      array(layout_, [](const auto& p) { return fmt::format("[{:.4f},{:.4f}]", p.first, p.second); }),
      array(links, [](const auto& l) { return fmt::format("[{},{}]", l.first, l.second); }),
      array(writers_, [](const auto& w) { return fmt::format("[{},{:.3f}]", w.first, w.second); }),
      array(cuts_,
            [this](const partition& c) {
              return fmt::format(R"({{"from":{:.3f},"to":{:.3f},"reach":{}}})", c.from,
                                 c.to < 0 ? now() : c.to, c.reach);
            }),
      array(notes_, [](const auto& n) { return fmt::format("[{:.3f},{}]", n.first, quoted(n.second)); }),
      array(history_, states), array(news_.items(), frame), array(others_.items(), frame));
}

}  // namespace simulate
