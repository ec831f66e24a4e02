// SPDX-License-Identifier: BSL-1.0
// expect: Floating point does not
// NaN is neither above nor below anything, so merge would not be commutative.
#include <hearsay/crdt/min_register.hpp>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::min_register<long> lowest;
#else
  hearsay::min_register<double> lowest;
#endif
}
