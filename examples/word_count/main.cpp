// SPDX-License-Identifier: BSL-1.0
//
// Counts the words of files with five processes, each with a share of the files and a hearsay::node, and
// compares what they agree on with the count of a single process.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <system_error>

#include "cluster.hpp"

namespace word_count {
namespace {

constexpr const char* usage = R"(usage: word_count [--pace SECONDS] FILE...

Counts the words of the files with five processes, each with a share of the files and a node of a cluster on this
machine. They share how many words there are, which, and for each word where it was read last. At the end all five
must hold equal states, and these must equal the count of a single process.

  --pace SECONDS  take about so long, so that one can watch; default: 5 in a terminal, else 0 (as fast as it goes)
  --help          print this

A word is a run of ASCII letters and digits, in lower case, and of bytes above 0x7f; an apostrophe within it belongs to
it; what follows its first 256 bytes does not.

exit code: 0 all is equal, 1 it is not, or a process failed, 2 wrong usage or an unreadable file, 128 + n ended by signal n
)";

/// Says what differs between the nodes' state and the count of one process; true if nothing does.
bool compare(const state& theirs, const count& own, screen& out) {
  bool equal = true;
  const auto line = [&](const char* what, std::uint64_t nodes_say, std::uint64_t one_says, bool same) {
    equal = equal && same;
    out.print(fmt::format(
        "  {:<9}{:>12}   {}", what, grouped(nodes_say),
        same ? "as one process counts" : fmt::format("but one process counts {}", grouped(one_says))));
  };
  line("words", theirs.words.value(), own.words, theirs.words.value() == own.words);

  const auto known = [&](const std::string& word) { return own.last.contains(word); };
  // Which node read a word last is a matter of time, but it was the last occurrence in that node's share.
  const auto right = [&](const auto& entry) {
    const auto found = own.last.find(entry.first);
    return found != own.last.end() && std::ranges::find(found->second, entry.second) != found->second.end();
  };
  const auto compare_all = [&](const char* what, const auto& entries, const auto& holds) {
    const auto good = static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), holds));
    line(what, good, own.last.size(), good == own.last.size() && good == entries.size());
  };
  compare_all("distinct", theirs.distinct, known);
  compare_all("places", theirs.last_seen, right);
  return equal;
}

/// What is wrong with a file; nothing if it can be counted.
std::string complaint(const std::string& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (std::filesystem::is_directory(status)) return "is a directory";
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    return "is not a regular file";
  errno = 0;
  if (std::ifstream(file, std::ios::binary)) return {};
  return std::generic_category().message(errno);
}

struct options {
  std::optional<double> pace;
  std::vector<std::string> files;
};

options parse(const std::vector<std::string>& arguments) {
  options result;
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    if (*at == "--pace") {
      if (++at == arguments.end()) throw std::invalid_argument("--pace needs a number of seconds");
      std::istringstream text(*at);
      double seconds = 0;
      if (!(text >> seconds) || !text.eof() || !(seconds >= 0 && seconds <= 86400)) {
        throw std::invalid_argument("--pace needs a number of seconds, not '" + *at + "'");
      }
      result.pace = seconds;
    } else if (*at == "--") {
      result.files.insert(result.files.end(), at + 1, arguments.end());
      break;
    } else if (at->starts_with('-') && *at != "-") {
      throw std::invalid_argument("there is no option " + *at);
    } else {
      result.files.push_back(*at);
    }
  }
  if (result.files.empty()) throw std::invalid_argument("which files?");
  return result;
}

int run_demo(const std::string& program, const options& wanted) {
  bool readable = true;
  for (const auto& file : wanted.files) {
    const auto wrong = complaint(file);
    if (wrong.empty()) continue;
    readable = false;
    fmt::print(stderr, "word_count: {}: {}\n", file, wrong);
  }
  if (!readable) return 2;

  screen out(stdout);
  const auto work = divide(wanted.files);
  const auto begin = cluster::clock::now();
  count own;
  try {
    own = count_alone(work);
  } catch (const std::runtime_error& error) {
    fmt::print(stderr, "word_count: {}\n", error.what());
    return 2;
  }
  catch_signals();  // before this there is nothing to clean up
  signal(SIGPIPE, SIG_IGN);

  out.print(fmt::format(
      "{} file{}; a process alone counts {} words in {:.2f} s. Now five processes, each with a node:",
      wanted.files.size(), wanted.files.size() == 1 ? "" : "s", grouped(own.words),
      std::chrono::duration<double>(cluster::clock::now() - begin).count()));

  cluster nodes_here(program, work, wanted.pace.value_or(out.live() ? 5 : 0), out);
  const auto seconds = nodes_here.run();
  const auto theirs = nodes_here.show();
  const auto& all = nodes_here.all();
  nodes_here.stop();

  out.print(fmt::format("\nAll {} nodes hold the same state, with hash {:016x}:", nodes, all[0].now.hash));
  const bool equal = compare(theirs, own, out);
  std::uint64_t sent = 0;
  for (const auto& each : all) sent += each.now.sent;
  out.print(fmt::format("{:.1f} s, {} sent by all nodes together. {}", seconds, size_text(sent),
                        equal ? "Everything is equal." : "NOT EQUAL."));
  return equal ? 0 : 1;
}

int run_main(const std::vector<std::string>& arguments, const std::string& program) {
  if (!arguments.empty() && arguments[0] == "--node") return run_node(arguments);
  if (std::ranges::find(arguments, "--help") != arguments.end()) {
    fmt::print("{}", usage);
    return 0;
  }
  options wanted;
  try {
    wanted = parse(arguments);
  } catch (const std::invalid_argument& error) {
    fmt::print(stderr, "word_count: {}; try --help\n", error.what());
    return 2;
  }
  return run_demo(program, wanted);
}

}  // namespace
}  // namespace word_count

int main(int argc, char** argv) {
  try {
    return word_count::run_main({argv + 1, argv + argc}, argv[0]);
  } catch (const word_count::stopped& stop) {
    fmt::print(stderr, "word_count: {}\n", stop.what());
    return 128 + stop.signal;
  } catch (const std::exception& error) {
    fmt::print(stderr, "word_count: {}\n", error.what());
    return 1;
  }
}
