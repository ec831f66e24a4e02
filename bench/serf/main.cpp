// SPDX-License-Identifier: BSL-1.0
//
// bench_serf serf PATH | hearsay PATH: 16 members of one of the two on this namespace's loopback interface,
// which nobody else may use. Prints medians, a line each. bench/serf/run puts both beside each other.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <sstream>
#include <thread>
#include <tuple>

#include "tests/process/process.hpp"

namespace {

using namespace std::chrono_literals;
using testing::process;
using seconds = std::chrono::duration<double>;
using clock_type = std::chrono::steady_clock;

constexpr std::size_t members = 16;
constexpr std::size_t changes = 11;
constexpr std::size_t deaths = 5;
constexpr auto rest = 10s;  // until what a start or a death set off is over
constexpr auto idle = 30s;
constexpr auto patience = 60s;  // a figure above that is as good as never

/// All members, and a thread for each that reads what it tells.
class cluster {
 public:
  cluster(bool serf, std::string path)
      : serf_(serf), path_(std::move(path)), nodes_(members), readers_(members) {
    for (std::size_t i = 0; i < members; ++i) start(i);
  }
  ~cluster() {
    for (std::size_t i = 0; i < members; ++i) stop(i);
  }

  void start(std::size_t i) {
    const auto name = fmt::format("n{}", i);
    const std::size_t seed = i == 0 ? 1 : 0;
    std::vector<std::string> command{path_, name, fmt::format("{}", 7500 + i),
                                     fmt::format("{}", 7500 + seed)};
    if (serf_) {
      command = {path_,
                 "agent",
                 "-profile=lan",
                 "-node=" + name,
                 fmt::format("-bind=127.0.0.1:{}", 7500 + i),
                 fmt::format("-rpc-addr=127.0.0.1:{}", 7600 + i),
                 fmt::format("-retry-join=127.0.0.1:{}", 7500 + seed),
                 "-retry-interval=1s"};
    }
    nodes_[i] = std::make_unique<process>(command);
    readers_[i] = std::thread([this, i] {
      for (;;) {
        const std::string line = nodes_[i]->hear(1h);
        if (line == "the end") return;
        const auto now = clock_type::now();
        const auto at = line.find("EventMember");
        if (at == std::string::npos) continue;
        std::istringstream words(line.substr(at));
        std::string what, whom;
        words >> what >> whom;
        const std::lock_guard lock(mutex_);
        heard_[{i, what, whom}] = now;
        changed_.notify_all();
      }
    });
  }
  void stop(std::size_t i) {
    if (!nodes_[i]) return;
    nodes_[i]->send(SIGKILL);
    readers_[i].join();
    nodes_[i].reset();
  }
  void forget() {
    const std::lock_guard lock(mutex_);
    heard_.clear();
  }
  /// When the last of all others told that of member i; `patience` after now if one never did.
  clock_type::time_point all_tell(const std::string& what, std::size_t i) { return told(what, i, true); }
  /// When member i told that of itself.
  clock_type::time_point itself_tells(const std::string& what, std::size_t i) { return told(what, i, false); }

  /// Changes the tag of member i. Returns when: for Serf, when its agent has done so, without the command.
  clock_type::time_point retag(std::size_t i, std::size_t value) {
    if (!serf_) {
      const auto now = clock_type::now();
      nodes_[i]->say(fmt::format("{}", value));
      return now;
    }
    process tags(
        {path_, "tags", fmt::format("-rpc-addr=127.0.0.1:{}", 7600 + i), fmt::format("-set=k={}", value)});
    tags.end();
    return itself_tells("EventMemberUpdate:", i);
  }
  /// Processor time of all.
  static seconds busy() {
    std::ifstream children("/proc/thread-self/children");
    double ticks = 0;
    for (std::string id; children >> id;) {
      std::ifstream file("/proc/" + id + "/stat");
      const std::string text(std::istreambuf_iterator<char>(file), {});
      std::istringstream fields(text.substr(text.rfind(')') + 2));
      std::string skipped;
      double user = 0, system = 0;
      for (int i = 0; i < 11; ++i) fields >> skipped;
      fields >> user >> system;
      ticks += user + system;
    }
    return seconds(ticks / static_cast<double>(sysconf(_SC_CLK_TCK)));
  }

 private:
  clock_type::time_point told(const std::string& what, std::size_t i, bool by_others) {
    const auto name = fmt::format("n{}", i);
    std::unique_lock lock(mutex_);
    clock_type::time_point last;
    const auto all_did = [&] {
      for (std::size_t each = 0; each < members; ++each) {
        if ((each == i) == by_others) continue;
        const auto found = heard_.find({each, what, name});
        if (found == heard_.end()) return false;
        last = std::max(last, found->second);
      }
      return true;
    };
    const auto end = clock_type::now() + patience;
    return changed_.wait_until(lock, end, all_did) ? last : end;
  }

  const bool serf_;
  const std::string path_;
  std::vector<std::unique_ptr<process>> nodes_;
  std::vector<std::thread> readers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::tuple<std::size_t, std::string, std::string>, clock_type::time_point> heard_;
};

/// Bytes sent on the loopback interface, and thereby received.
double loopback_bytes() {
  std::ifstream file("/proc/net/dev");
  for (std::string line; std::getline(file, line);) {
    const auto at = line.find("lo:");
    if (at == std::string::npos) continue;
    double received = 0;
    std::istringstream(line.substr(at + 3)) >> received;
    return received;
  }
  throw std::runtime_error("no loopback interface");
}

void print(const char* what, std::vector<double> all) {
  std::ranges::sort(all);
  fmt::print("{}\t{:.3g}\t{:.3g}\t{:.3g}\n", what, all[all.size() / 2], all.front(), all.back());
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  cluster all(std::string_view(argv[1]) == "serf", argv[2]);
  for (std::size_t i = 0; i < members; ++i) all.all_tell("EventMemberJoin:", i);
  std::this_thread::sleep_for(rest);

  std::vector<double> sent, spent, told, found;
  for (int i = 0; i < 3; ++i) {
    const auto bytes = loopback_bytes();
    const auto busy = all.busy();
    std::this_thread::sleep_for(idle);
    const double share = static_cast<double>(members) * seconds(idle).count();
    sent.push_back((loopback_bytes() - bytes) / share);
    spent.push_back((all.busy() - busy).count() * 1e6 / share);
  }
  for (std::size_t i = 0; i < changes; ++i) {
    all.forget();
    const auto from = all.retag(i, i + 1);
    told.push_back(seconds(all.all_tell("EventMemberUpdate:", i) - from).count());
    std::this_thread::sleep_for(1s);
  }
  for (std::size_t i = 1; i <= deaths; ++i) {
    all.forget();
    const auto from = clock_type::now();
    all.stop(i);
    found.push_back(seconds(all.all_tell("EventMemberFailed:", i) - from).count());
    all.start(i);
    all.all_tell("EventMemberJoin:", i);
    std::this_thread::sleep_for(rest);
  }
  print("all see a tag change, s", told);
  print("all see a killed member failed, s", found);
  print("idle, bytes a member and second", sent);
  print("idle, us of CPU a member and second", spent);
}
