// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "hearsay/crdt/min_register.hpp"
#include "hearsay/laws/alphabet.hpp"
#include "hearsay/laws/mutate.hpp"
#include "hearsay/laws/print.hpp"

namespace hearsay::inline v0::laws {

/// The smallest of the values seen, in a vector; an empty one if there was none.
template <class T>
struct model<min_register<T>> {
  struct op {
    T value;
  };

  static op draw(source& c) { return {c.item<T>()}; }

  static std::vector<T> expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::vector<T> values;
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (seen.test(i)) values.push_back(all[i].what.value);
    }
    if (values.empty()) return {};
    return {*std::ranges::min_element(values)};
  }

  static std::vector<T> value(const min_register<T>& x) {
    if (x.get() == nullptr) return {};
    return {*x.get()};
  }
};

template <class T>
struct mutate<min_register<T>> {
  static min_register<T> apply(min_register<T>& x, replica& me, source& c) {
    auto op = model<min_register<T>>::draw(c);
    if (c.wordy()) c.note("lower({})", print(op.value));
    return x.lower(me, std::move(op.value));
  }
};

}  // namespace hearsay::inline v0::laws
