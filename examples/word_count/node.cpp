// SPDX-License-Identifier: BSL-1.0
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <hearsay/node.hpp>
#include <string>

#include "pipes.hpp"
#include "state.hpp"

namespace word_count {
namespace {

using clock = std::chrono::steady_clock;

/// Writes one line to the parent; false if that is gone. Any thread.
bool say(const std::string& line) {
  const auto text = line + '\n';
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

/// A node with its share of the work, which it does a step at a time.
class worker {
 public:
  worker(hearsay::node& node, const share& work, double seconds)
      : node_(node),
        words_(node.open<hearsay::g_counter>("words")),
        distinct_(node.open<hearsay::or_set<std::string>>("distinct")),
        last_seen_(node.open<hearsay::lww_map<std::string, place>>("last seen")),
        reader_(work) {
    const auto steps = static_cast<std::uint64_t>(seconds / std::chrono::duration<double>(pause).count());
    if (steps == 0) return;
    pause_ = pause;
    step_bytes_ = bytes_in(work) / steps + 1;
  }

  void start() { due_ = clock::now(); }
  /// When the next step is due.
  clock::time_point due() const { return due_; }

  void step() {
    until_ += step_bytes_;
    due_ += pause_;
    while (reader_.bytes_read() < until_) {
      if (!reader_.next(found_)) {
        done_ = true;
        due_ = clock::time_point::max();
        return;
      }
      count(found_);
    }
  }

  bool report() {
    const auto now = clock::now();
    if (now >= next_hash_) {
      hashed_all_ = done_;
      hash_ = hearsay::wire::hash(encoded());
      next_hash_ = now + 4 * (clock::now() - now);  // the larger the state, the rarer
    }
    const auto size = [](const auto& object) { return object.size(); };
    const auto stats = node_.stats().transport;
    return say(fmt::format("report {} {:d} {} {} {} {} {} {}", reader_.bytes_read(), hashed_all_,
                           words_.value(), distinct_.read(size), last_seen_.read(size), stats.bytes_sent,
                           stats.bytes_received, hash_));
  }

  bool show() const {
    std::string line = "state ";
    for (const auto byte : encoded()) line += fmt::format("{:02x}", static_cast<unsigned>(byte));
    return say(line);
  }

 private:
  static constexpr clock::duration pause = std::chrono::milliseconds(125);

  void count(const occurrence& found) {
    words_.update([](auto& counter, auto& me) { return counter.increment(me); });
    distinct_.update([&](auto& set, auto& me) {
      return set.contains(found.word) ? hearsay::or_set<std::string>() : set.add(me, found.word);
    });
    last_seen_.update([&](auto& map, auto& me) { return map.put(me, found.word, found.where); });
  }

  /// As `state` is encoded.
  hearsay::bytes encoded() const {
    hearsay::bytes out;
    const auto append = [&](const auto& object) { hearsay::wire::encode_to(out, object); };
    words_.read(append);
    distinct_.read(append);
    last_seen_.read(append);
    return out;
  }

  hearsay::node& node_;
  hearsay::shared<hearsay::g_counter> words_;
  hearsay::shared<hearsay::or_set<std::string>> distinct_;
  hearsay::shared<hearsay::lww_map<std::string, place>> last_seen_;

  word_reader reader_;
  occurrence found_;
  std::uint64_t step_bytes_ = 65536;
  std::uint64_t until_ = 0;
  clock::duration pause_{};
  clock::time_point due_ = clock::time_point::max();
  bool done_ = false;

  std::uint64_t hash_ = 0;
  bool hashed_all_ = false;  // it was done when it was hashed
  clock::time_point next_hash_{};
};

int run(hearsay::node& node, const share& work, double pace) {
  worker here(node, work, pace);
  line_reader orders(STDIN_FILENO);
  if (!say("at " + node.endpoint())) return 1;

  for (auto next_report = clock::now();;) {
    if (clock::now() >= here.due()) here.step();
    if (clock::now() >= next_report) {
      if (!here.report()) return 1;
      next_report = clock::now() + std::chrono::milliseconds(50);
    }
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(std::min(next_report, here.due()) - clock::now());
    pollfd one{STDIN_FILENO, POLLIN, 0};
    if (poll(&one, 1, static_cast<int>(std::max<long long>(0, left.count()))) <= 0) continue;
    if (!orders.fill()) return 0;
    while (const auto order = orders.next()) {
      if (*order == "go") here.start();
      if (*order == "show" && !here.show()) return 1;
    }
  }
}

}  // namespace

std::vector<std::string> node_arguments(const std::string& cluster, double pace,
                                        const std::vector<std::string>& seeds, const share& work) {
  std::vector<std::string> all = {"--node", cluster, std::to_string(pace), std::to_string(seeds.size())};
  all.insert(all.end(), seeds.begin(), seeds.end());
  for (const auto& part : work) {
    all.insert(all.end(), {std::to_string(part.begin), std::to_string(part.end), part.file});
  }
  return all;
}

int run_node(const std::vector<std::string>& arguments) {
  signal(SIGPIPE, SIG_IGN);  // writing to a parent that is gone is an error like any other
  signal(SIGINT, SIG_IGN);   // Ctrl-C goes to all; the parent ends the nodes
  auto next = arguments.begin() + 1;
  hearsay::node_options options;
  options.cluster = *next++;
  options.log = [](std::string_view line) { say("log " + std::string(line)); };
  const auto pace = std::stod(*next++);
  const auto seeds = std::stol(*next++);
  options.seeds.assign(next, next + seeds);
  next += seeds;
  share work;
  for (; next != arguments.end(); next += 3)
    work.push_back({next[2], std::stoull(next[0]), std::stoull(next[1])});

  hearsay::node node(options);
  return run(node, work, pace);
}

}  // namespace word_count
