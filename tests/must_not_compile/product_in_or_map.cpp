// SPDX-License-Identifier: BSL-1.0
// expect: causal_type
// The values of a map share its causal context: a product of them would have a context for each field.
#include <hearsay/crdt/ew_flag.hpp>
#include <hearsay/crdt/or_map.hpp>
#include <hearsay/crdt/product.hpp>
#include <utility>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::or_map<int, hearsay::ew_flag> map;
#else
  hearsay::or_map<int, hearsay::product<std::pair<hearsay::ew_flag, hearsay::ew_flag>>> map;
#endif
}
