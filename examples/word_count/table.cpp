// SPDX-License-Identifier: BSL-1.0
#include "table.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <stdexcept>
#include <string_view>

namespace word_count {
namespace {

std::uint64_t percent(std::uint64_t part, std::uint64_t whole, bool done) {
  return done ? 100
         : whole == 0
             ? 0
             : static_cast<std::uint64_t>(99. * static_cast<double>(part) / static_cast<double>(whole));
}

bool is_terminal(std::FILE* out) {
  const char* term = std::getenv("TERM");
  return isatty(fileno(out)) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

std::size_t columns(std::FILE* out) {
  winsize size{};
  return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col : 80;
}

}  // namespace

std::string grouped(std::uint64_t number) {
  auto text = std::to_string(number);
  for (auto at = text.size(); at > 3; text.insert(at, 1, ',')) at -= 3;
  return text;
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  auto value = static_cast<double>(bytes) / 1024;
  std::string_view units = "KMGTPE";
  for (; value >= 1000; value /= 1024) units.remove_prefix(1);
  return fmt::format("{:.1f} {}iB", value, units.front());
}

std::size_t agreeing(const rows& all, std::size_t node) {
  const auto same = [&](const row& other) { return other.now.hash == all[node].now.hash; };
  return static_cast<std::size_t>(std::ranges::count_if(all, same));
}

std::vector<std::string> table(const rows& all) {
  constexpr std::size_t width = 10;
  std::vector<std::string> lines = {fmt::format("{:>4} {:^12} {:>4} {:>10} {:>9} {:>9} {:>9} {:>9} {:>5}",
                                                "node", "read", "", "words", "distinct", "places", "sent",
                                                "received", "agree")};
  for (std::size_t node = 0; node < nodes; ++node) {
    const auto& [bytes, now] = all[node];
    const auto part = percent(now.bytes_read, bytes, now.done);
    const std::string bar(width * part / 100, '#');
    lines.push_back(fmt::format("{:>4} [{:.<{}}] {:>3}% {:>10} {:>9} {:>9} {:>9} {:>9} {:>5}", node + 1, bar,
                                width, part, grouped(now.words), grouped(now.distinct), grouped(now.places),
                                size_text(now.sent), size_text(now.received),
                                fmt::format("{}/{}", agreeing(all, node), nodes)));
  }
  return lines;
}

std::string summary(const rows& all) {
  std::uint64_t bytes = 0, read = 0, sent = 0;
  std::size_t agree = 0;
  bool done = true;
  std::string words;
  for (std::size_t node = 0; node < nodes; ++node) {
    const auto& now = all[node].now;
    bytes += all[node].share;
    read += now.bytes_read;
    sent += now.sent;
    done = done && now.done;
    agree = std::max(agree, agreeing(all, node));
    words += fmt::format(" {}", now.words);
  }
  return fmt::format("read {}%; words{}; sent {}; {} of {} agree", percent(read, bytes, done), words,
                     size_text(sent), agree, nodes);
}

screen::screen(std::FILE* out) : out_(out), live_(is_terminal(out)) {}

void screen::show(const rows& all, double seconds, bool last) {
  if (!live_) {
    if (seconds < next_ && !last) return;
    next_ = seconds + 1;
    print(fmt::format("{:5.1f} s  {}", seconds, summary(all)));
    return;
  }
  // A line that wraps would be two to go back.
  const auto width = columns(out_) - 1;
  const auto lines = table(all);
  std::string text = drawn_ == 0 ? "" : fmt::format("\x1b[{}A", drawn_);
  for (const auto& line : lines) text += line.substr(0, width) + "\x1b[K\n";
  drawn_ = last ? 0 : lines.size();
  write(text);
}

void screen::print(const std::string& line) {
  write((drawn_ == 0 ? "" : fmt::format("\x1b[{}A\x1b[J", drawn_)) + line + '\n');
  drawn_ = 0;
}

void screen::write(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), out_) != text.size() || std::fflush(out_) != 0) {
    throw std::runtime_error("the output cannot be written");
  }
}

}  // namespace word_count
