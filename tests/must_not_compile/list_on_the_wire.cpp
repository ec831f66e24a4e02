// SPDX-License-Identifier: BSL-1.0
// expect: not read within limits
// Its load would allocate what a size claims.
#include <hearsay/wire.hpp>
#include <list>
#include <vector>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::wire::encode(std::vector<int>{1});
#else
  hearsay::wire::encode(std::list<int>{1});
#endif
}
