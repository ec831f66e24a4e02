// SPDX-License-Identifier: BSL-1.0
// expect: unordered containers have different orders
// Equal states would have different bytes.
#include <hearsay/wire.hpp>
#include <map>
#include <unordered_map>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::wire::encode(std::map<int, int>{});
#else
  hearsay::wire::encode(std::unordered_map<int, int>{});
#endif
}
