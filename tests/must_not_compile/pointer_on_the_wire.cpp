// SPDX-License-Identifier: BSL-1.0
// expect: no pointers on the wire
// Bytes from strangers never become pointers.
#include <hearsay/wire.hpp>

int main() {
  int number = 1;
#ifdef WITHOUT_MISTAKE
  hearsay::wire::encode(number);
#else
  hearsay::wire::encode(&number);
#endif
}
