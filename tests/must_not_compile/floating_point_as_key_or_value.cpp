// SPDX-License-Identifier: BSL-1.0
// expect: an mv_register has.*an rw_set has.*set<T>: T has.*an or_map has.*an lww_map need
// NaN would be a value that nobody finds again, and 0.0 and -0.0 one value with two encodings. All are
// refused.
#include <hearsay/crdt/ew_flag.hpp>
#include <hearsay/crdt/lww_map.hpp>
#include <hearsay/crdt/mv_register.hpp>
#include <hearsay/crdt/or_map.hpp>
#include <hearsay/crdt/rw_set.hpp>
#include <hearsay/crdt/two_phase_set.hpp>

#ifdef WITHOUT_MISTAKE
using real = long;
using single = int;
#else
using real = double;
using single = float;
#endif

int main() {
  hearsay::mv_register<real> price;
  hearsay::rw_set<single> sizes;
  hearsay::two_phase_set<real> weights;
  hearsay::or_map<real, hearsay::ew_flag> seen;
  hearsay::lww_map<real, int> counts;
}
