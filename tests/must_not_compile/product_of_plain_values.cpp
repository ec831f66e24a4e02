// SPDX-License-Identifier: BSL-1.0
// expect: every field has to be a CRDT
// A plain number does not know how to merge.
#include <hearsay/crdt/g_counter.hpp>
#include <hearsay/crdt/product.hpp>

struct stock {
  hearsay::g_counter sold;
#ifndef WITHOUT_MISTAKE
  int left = 0;
#endif
};

int main() { hearsay::product<stock> x; }
