// SPDX-License-Identifier: BSL-1.0
// expect: Floating point has none
// 0.0 and -0.0 are equal and have different bytes; NaN is not equal to itself.
#include <hearsay/crdt/lww_map.hpp>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::lww_map<int, long> prices;
#else
  hearsay::lww_map<int, double> prices;
#endif
}
