// SPDX-License-Identifier: BSL-1.0
// expect: has no total order: it needs operator<=> that returns std::strong_ordering
// NaN would be an element that nobody finds again, and 0.0 and -0.0 one element with two encodings.
#include <hearsay/crdt/or_set.hpp>

int main() {
#ifdef WITHOUT_MISTAKE
  hearsay::or_set<long> prices;
#else
  hearsay::or_set<double> prices;
#endif
}
