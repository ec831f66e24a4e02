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

TEST_CASE("damaged states of counters and registers are refused, or canonical", "[wire][crdt]") {
  SECTION("pn_counter") { torture_type(pn_counter_sample()); }
  SECTION("bounded_counter") { torture_type(bounded_counter_sample()); }
  SECTION("max_register") { torture_type(max_sample()); }
  SECTION("min_register") { torture_type(min_sample()); }
  SECTION("lww_register") { torture_type(register_sample()); }
}
