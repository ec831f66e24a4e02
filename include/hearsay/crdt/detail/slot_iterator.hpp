// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <type_traits>

#include "hearsay/crdt/detail/slot_table.hpp"

namespace hearsay::inline v0::detail {

/// Iterates over some of the slots of a `Table`, its friend: from each to the one that `shown_from(next)`
/// names, or no_slot. What it points to is `shown(slot)`, a reference, or a pair of them and then there is no
/// `->`. A forward iterator, valid until the table changes.
template <class Table, class Reference>
class slot_iterator {
  static constexpr bool plain = std::is_reference_v<Reference>;

 public:
  using iterator_category = std::conditional_t<plain, std::forward_iterator_tag, std::input_iterator_tag>;
  using iterator_concept = std::forward_iterator_tag;
  using value_type = std::remove_cvref_t<Reference>;
  using difference_type = std::ptrdiff_t;
  using pointer = std::conditional_t<plain, std::add_pointer_t<Reference>, void>;
  using reference = Reference;

  slot_iterator() = default;
  reference operator*() const { return table_->shown(slot_); }
  pointer operator->() const requires plain { return std::addressof(**this); }
  slot_iterator& operator++() {
    slot_ = table_->shown_from(slot_ + 1);
    return *this;
  }
  slot_iterator operator++(int) {
    auto before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const slot_iterator& a, const slot_iterator& b) { return a.slot_ == b.slot_; }

 private:
  friend Table;
  slot_iterator(const Table* table, slot_number slot) : table_(table), slot_(slot) {}

  const Table* table_ = nullptr;
  slot_number slot_ = no_slot;
};

}  // namespace hearsay::inline v0::detail
