// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/cereal.hpp>
#include <cereal/types/array.hpp>
#include <cereal/types/common.hpp>
#include <cereal/types/map.hpp>
#include <cereal/types/optional.hpp>
#include <cereal/types/set.hpp>
#include <cereal/types/string.hpp>
#include <cereal/types/tuple.hpp>
#include <cereal/types/utility.hpp>
#include <cereal/types/vector.hpp>
#include <cstddef>
#include <type_traits>

namespace hearsay::inline v0::detail {

/// A cereal archive that writes nothing and counts: about what values take when encoded, numbers at their
/// full width. Good for any type that cereal can save.
class size_counter : public cereal::OutputArchive<size_counter, cereal::AllowEmptyClassElision> {
 public:
  size_counter() : OutputArchive(this) {}

  std::size_t bytes() const noexcept { return bytes_; }
  void add(std::size_t bytes) noexcept { bytes_ += bytes; }

 private:
  std::size_t bytes_ = 0;
};

template <class T>
requires std::is_arithmetic_v<T>
void CEREAL_SAVE_FUNCTION_NAME(size_counter& counter, const T&) { counter.add(sizeof(T)); }
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(size_counter& counter, const cereal::BinaryData<T>& data) {
  counter.add(data.size);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(size_counter& counter, const cereal::NameValuePair<T>& named) {
  counter(named.value);
}
template <class T>
void CEREAL_SAVE_FUNCTION_NAME(size_counter& counter, const cereal::SizeTag<T>&) {
  counter.add(2);
}

}  // namespace hearsay::inline v0::detail
