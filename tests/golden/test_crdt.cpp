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
  file.holds("g_set<string>, bottom", hearsay::g_set<std::string>());
  file.holds("g_set<string>, three elements", grown_sample());
  file.holds("two_phase_set<string>, bottom", hearsay::two_phase_set<std::string>());
  file.holds("two_phase_set<string>, one element there and two removed", two_phase_sample());
  file.holds("product<g_counter,g_set<string>>, both fields", product_sample());
  file.holds("lexicographic<max_register<u64>,g_counter>, 2 and then 5", lexicographic_sample());
  file.holds("pn_counter, bottom", hearsay::pn_counter());
  file.holds("pn_counter, two replicas", pn_counter_sample());
  file.holds("bounded_counter, bottom", hearsay::bounded_counter());
  file.holds("bounded_counter, two replicas and a transfer", bounded_counter_sample());
  file.holds("max_register<u64>, bottom", hearsay::max_register<std::uint64_t>());
  file.holds("max_register<u64>, 300", max_sample());
  file.holds("min_register<i64>, -3", min_sample());
  file.holds("lww_register<string>, bottom", hearsay::lww_register<std::string>());
  file.holds("lww_register<string>, \"red\"", register_sample());
  file.holds("rw_set<string>, one element there and one removed", remove_wins_sample());
  file.holds("mv_register<u64>, two concurrent values", values_sample());
  file.holds("ew_flag, bottom", hearsay::ew_flag());
  file.holds("ew_flag, enabled", flag_sample());
  file.holds("resettable_counter, up 300 and down 2", reset_sample());
  file.holds("or_map<string,or_set<string>>, two keys", nested_sample());
}
