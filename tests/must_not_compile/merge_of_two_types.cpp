// SPDX-License-Identifier: BSL-1.0
// expect: (cannot convert|no viable conversion)
// States of two types do not merge, whatever they are made of.
#include <hearsay/crdt/causal_context.hpp>
#include <hearsay/crdt/g_counter.hpp>

int main() {
  hearsay::g_counter visits;
  hearsay::causal_context seen;
#ifdef WITHOUT_MISTAKE
  visits.merge(hearsay::g_counter{});
#else
  visits.merge(seen);
#endif
}
