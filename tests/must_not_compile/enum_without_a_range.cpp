// SPDX-License-Identifier: BSL-1.0
// expect: Specialize hearsay::wire::enum_range
// A byte from a stranger would become a value that the program does not know.
#include <hearsay/wire.hpp>

enum class color { red, green };
#ifdef WITHOUT_MISTAKE
template <>
struct hearsay::wire::enum_range<color> {
  static constexpr color first = color::red, last = color::green;
};
#endif

int main() { hearsay::wire::encode(color::red); }
