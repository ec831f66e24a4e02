// SPDX-License-Identifier: BSL-1.0
#include "hearsay/laws/catch2.hpp"
#include "hearsay/laws/types/bounded_counter.hpp"
#include "hearsay/laws/types/pn_counter.hpp"

HEARSAY_CHECK_LAWS(hearsay::pn_counter);
HEARSAY_CHECK_LAWS(hearsay::bounded_counter);

TEST_CASE("longer histories of a bounded counter", "[laws]") {
  const auto found =
      hearsay::laws::check<hearsay::bounded_counter>({.cases = 20'000, .seed = 7, .steps = 40});
  CAPTURE(found.text());
  CHECK(found.holds());
}
