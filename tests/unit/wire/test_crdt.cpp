// SPDX-License-Identifier: BSL-1.0
#include "tests/unit/wire/crdt_samples.hpp"
#include "tests/unit/wire/wire_test.hpp"

using namespace wire_test;

namespace {

template <class T>
void torture_type(const T& sample) {
  torture(T{});
  torture(sample);
  torture_at_random(sample, 30, 20'000);
}

}  // namespace

TEST_CASE("damaged states of the data types are refused, or canonical", "[wire][crdt]") {
  SECTION("g_counter") { torture_type(counter_sample()); }
  SECTION("causal_context") { torture_type(context_sample()); }
  SECTION("or_set") { torture_type(set_sample()); }
  SECTION("or_set, the delta of an add") { torture_type(set_add_sample()); }
  SECTION("or_set, the delta of a remove") { torture_type(set_remove_sample()); }
  SECTION("lww_map") { torture_type(map_sample()); }
  SECTION("g_set") { torture_type(grown_sample()); }
  SECTION("two_phase_set") { torture_type(two_phase_sample()); }
  SECTION("product") { torture_type(product_sample()); }
  SECTION("lexicographic") { torture_type(lexicographic_sample()); }
  SECTION("rw_set") { torture_type(remove_wins_sample()); }
  SECTION("mv_register") { torture_type(values_sample()); }
  SECTION("ew_flag") { torture_type(flag_sample()); }
  SECTION("resettable_counter") { torture_type(reset_sample()); }
  SECTION("or_map") { torture_type(nested_sample()); }
  SECTION("or_map of or_map") { torture_type(deep_sample()); }
}

TEST_CASE("larger states survive the wire", "[wire][crdt]") {
  auto a = writer(7), b = writer(8);
  hearsay::or_set<std::uint64_t> numbers;
  hearsay::lww_map<std::uint64_t, std::string> names;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    numbers.add(i % 3 == 0 ? b : a, i * i % 1000);
    names.put(i % 3 == 0 ? a : b, i % 500, std::to_string(i));
    if (i % 7 == 0) numbers.remove(a, i);
    if (i % 11 == 0) names.erase(b, i % 500);
  }
  CHECK((wire::decode<hearsay::or_set<std::uint64_t>>(wire::encode(numbers)) == numbers));
  CHECK((wire::decode<hearsay::lww_map<std::uint64_t, std::string>>(wire::encode(names)) == names));
}

TEST_CASE("a merge of what was decoded is the merge of what was encoded", "[wire][crdt]") {
  auto a = writer(7), b = writer(8);
  hearsay::or_set<std::string> here = set_sample(), there;
  for (const auto& delta : {here.add(a, "x"), here.remove(a, "apple"), here.add(b, "y"), here.clear(b)}) {
    there.merge(wire::decode<hearsay::or_set<std::string>>(wire::encode(delta)));
  }
  there.merge(wire::decode<hearsay::or_set<std::string>>(wire::encode(set_sample())));
  CHECK((here == there));
  CHECK((wire::encode(here) == wire::encode(there)));
}
