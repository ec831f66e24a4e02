// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hearsay/crdt.hpp>
#include <hearsay/wire.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "words.hpp"

namespace word_count {

/// What the nodes share, as one value.
struct state {
  hearsay::g_counter words;                        // how many in all
  hearsay::or_set<std::string> distinct;           // which
  hearsay::lww_map<std::string, place> last_seen;  // where each was read last

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(words), CEREAL_NVP(distinct), CEREAL_NVP(last_seen));
  }
};

/// What a node tells the parent.
struct report {
  std::uint64_t bytes_read = 0;
  bool done = false;  // has read all of its share
  std::uint64_t words = 0;
  std::uint64_t distinct = 0;
  std::uint64_t places = 0;
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  std::uint64_t hash = 0;  // of the encoded state: equal states have equal bytes

  /// What changes only as long as there is something to do.
  auto progress() const { return std::tie(bytes_read, done, words, distinct, places, hash); }
};

/// A node process: reads its share, and talks with the parent in lines. From standard input: `go`, `show`;
/// its end ends the process. To standard output: `at ENDPOINT`, `report …`, `log TEXT`, `state HEX`. Returns
/// the exit code.
///
/// `arguments`: `--node`, the cluster, the seconds to take at least, how many seeds, the seeds, and per slice
/// begin, end, file.
int run_node(const std::vector<std::string>& arguments);
std::vector<std::string> node_arguments(const std::string& cluster, double pace,
                                        const std::vector<std::string>& seeds, const share& work);

}  // namespace word_count
