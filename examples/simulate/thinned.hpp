// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <vector>

namespace simulate {

/// At most so many of a long row of items, evenly spread over it: whenever they are too many, every second
/// goes.
template <class T>
class thinned {
 public:
  explicit thinned(std::size_t most) : most_(most) {}

  void add(const T& item) {
    if (seen_++ % step_ != 0 || most_ == 0) return;
    items_.push_back(item);
    while (items_.size() > most_) {
      std::size_t kept = 0;
      for (std::size_t i = 0; i < items_.size(); i += 2) items_[kept++] = items_[i];
      items_.resize(kept);
      step_ *= 2;
      if (kept == 1) break;
    }
  }

  const std::vector<T>& items() const { return items_; }

 private:
  std::size_t most_, seen_ = 0, step_ = 1;
  std::vector<T> items_;
};

}  // namespace simulate
