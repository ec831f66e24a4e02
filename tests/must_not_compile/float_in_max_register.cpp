// SPDX-License-Identifier: BSL-1.0
// expect: Floating point does not
// NaN is neither above nor below anything, so merge would not be commutative.
#include <hearsay/crdt/max_register.hpp>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::max_register<long> highest;
#else
  hearsay::max_register<double> highest;
#endif
}
