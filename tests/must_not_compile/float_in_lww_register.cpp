// SPDX-License-Identifier: BSL-1.0
// expect: Floating point has none
// 0.0 and -0.0 are equal and have different bytes; NaN is not equal to itself.
#include <hearsay/crdt/lww_register.hpp>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::lww_register<long> price;
#else
  hearsay::lww_register<double> price;
#endif
}
