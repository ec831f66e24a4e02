// SPDX-License-Identifier: BSL-1.0
#include "report.hpp"

#include <fmt/format.h>

#include <cstddef>

#include "report_page.hpp"  // made of page/ by embed.cmake

namespace simulate {
namespace {

template <class Items, class Write>
std::string array(const Items& items, Write&& write) {
  std::string out = "[";
  for (const auto& each : items) {
    if (out.size() > 1) out += ',';
    out += write(each);
  }
  return out + "]";
}

std::string pair(const std::pair<double, double>& p) {
  return fmt::format("[{:.6g},{:.6g}]", p.first, p.second);
}

std::string json(const series& s) {
  return fmt::format(R"({{"name":{},"colour":{},"theory":{},"points":{},"ranges":{}}})", quoted(s.name),
                     s.colour, s.theory, array(s.points, pair), array(s.ranges, pair));
}

std::string json(const chart& c) {
  return fmt::format(R"({{"title":{},"x":{},"y":{},"logX":{},"percent":{},"clock":{},"curves":{}}})",
                     quoted(c.title), quoted(c.x), quoted(c.y), c.log_x, c.percent, c.clock,
                     array(c.curves, [](const series& s) { return json(s); }));
}

std::string json(const report& r) {
  return fmt::format(
      R"({{"title":{},"about":{},"facts":{},)"
      "\n"
      R"("charts":{},"table":{},)"
      "\n"
      R"("replay":{}}})",
      quoted(r.title), quoted(r.about),
      array(r.facts, [](const auto& f) { return fmt::format("[{},{}]", quoted(f.first), quoted(f.second)); }),
      array(r.charts, [](const chart& c) { return json(c); }),
      array(r.table,
            [](const auto& row) { return array(row, [](const auto& cell) { return quoted(cell); }); }),
      r.replay);
}

}  // namespace

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == '<' || c == '>' || c == '&') {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string page_of(const report& r) {
  constexpr std::string_view place = "@data@";
  constexpr std::size_t at = report_page.find(place);
  static_assert(at != std::string_view::npos);
  return fmt::format("{}{}{}", report_page.substr(0, at), json(r), report_page.substr(at + place.size()));
}

}  // namespace simulate
