// SPDX-License-Identifier: BSL-1.0
// expect: addresses, .*or_set.*addresses, .*lww_register.*addresses, .*or_map.*addresses, .*g_set
// The addresses of equal things differ, and have another order in every process. All four are refused.
#include <hearsay/crdt/ew_flag.hpp>
#include <hearsay/crdt/g_set.hpp>
#include <hearsay/crdt/lww_register.hpp>
#include <hearsay/crdt/or_map.hpp>
#include <hearsay/crdt/or_set.hpp>
#include <string>
#include <utility>
#include <vector>

#ifdef WITHOUT_MISTAKE
template <class T>
using pointer = T;
using text = std::string;
#else
template <class T>
using pointer = T*;
using text = const char*;
#endif

int main() {
  hearsay::or_set<pointer<int>> numbers;
  hearsay::lww_register<text> title;
  hearsay::or_map<pointer<long>, hearsay::ew_flag> seen;
  hearsay::g_set<std::vector<std::pair<int, pointer<char>>>> places;
}
