// SPDX-License-Identifier: BSL-1.0
#include "tests/golden/golden.hpp"
#include "tests/unit/wire/crdt_samples.hpp"

using namespace wire_test;

// The states are those of tests/unit/wire/crdt_samples.hpp; the comments in crdt.txt say what is in them.
TEST_CASE("the golden states of the data types", "[golden]") {
  golden::golden_file file("crdt.txt");

  file.holds("g_counter, bottom", hearsay::g_counter());
  file.holds("g_counter, three replicas", counter_sample());
  file.holds("causal_context, empty", hearsay::causal_context());
  file.holds("causal_context, two replicas and gaps", context_sample());
  file.holds("or_set<string>, bottom", hearsay::or_set<std::string>());
  file.holds("or_set<string>, the delta of an add", set_add_sample());
  file.holds("or_set<string>, the delta of a remove", set_remove_sample());
  file.holds("or_set<string>, two replicas", set_sample());
  file.holds("lww_map<string,u64>, bottom", hearsay::lww_map<std::string, std::uint64_t>());
  file.holds("lww_map<string,u64>, two replicas and a tombstone", map_sample());
}
