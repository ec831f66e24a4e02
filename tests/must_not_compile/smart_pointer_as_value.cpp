// SPDX-License-Identifier: BSL-1.0
// expect: addresses, .*mv_register.*addresses, .*max_register.*addresses, .*lww_map.*addresses, .*or_set
// Smart pointers are compared as pointers are, not by what they point to. All four are refused.
#include <hearsay/crdt/lww_map.hpp>
#include <hearsay/crdt/max_register.hpp>
#include <hearsay/crdt/mv_register.hpp>
#include <hearsay/crdt/or_set.hpp>
#include <memory>
#include <optional>

#ifdef WITHOUT_MISTAKE
template <class T>
using shared = T;
template <class T>
using owner = T;
#else
template <class T>
using shared = std::shared_ptr<T>;
template <class T>
using owner = std::unique_ptr<T>;
#endif

int main() {
  hearsay::mv_register<shared<short>> name;
  hearsay::max_register<owner<int>> highest;
  hearsay::lww_map<int, std::optional<shared<long>>> facts;
  hearsay::or_set<shared<int>> numbers;
}
