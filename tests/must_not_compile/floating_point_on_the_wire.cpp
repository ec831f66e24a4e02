// SPDX-License-Identifier: BSL-1.0
// expect: floating point has no canonical bytes
// Equal numbers would have several encodings, or compare unequal to themselves.
#include <hearsay/wire.hpp>
#include <vector>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::wire::encode(std::vector<long>{1});
#else
  hearsay::wire::encode(std::vector<double>{1});
#endif
}
