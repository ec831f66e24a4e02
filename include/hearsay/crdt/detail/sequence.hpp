// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace hearsay::inline v0::detail {

/// Saves `size` values as one sequence, in text archives an array; `write(archive)` writes them.
template <class Write>
struct saved_sequence {
  std::size_t size;
  Write write;

  template <class Archive>
  void save(Archive& archive) const {
    archive(cereal::make_size_tag(static_cast<cereal::size_type>(size)));
    write(archive);
  }
};
template <class Write>
saved_sequence(std::size_t, Write) -> saved_sequence<Write>;

/// Loads such a sequence; `read(archive, size)` reads the values. The size is what the archive claims, so
/// nothing is allocated by it: values are appended as they are read.
template <class Read>
struct loaded_sequence {
  Read read;

  template <class Archive>
  void load(Archive& archive) {
    cereal::size_type size = 0;
    archive(cereal::make_size_tag(size));
    read(archive, static_cast<std::uint64_t>(size));
  }
};
template <class Read>
loaded_sequence(Read) -> loaded_sequence<Read>;

/// Saves `size` values as a sequence of which the reader knows the size: only text archives tell it.
template <class Write>
struct saved_known_sequence {
  std::size_t size;
  Write write;

  template <class Archive>
  void save(Archive& archive) const {
    if constexpr (cereal::traits::is_text_archive<Archive>::value) {
      archive(cereal::make_size_tag(static_cast<cereal::size_type>(size)));
    }
    write(archive);
  }
};
template <class Write>
saved_known_sequence(std::size_t, Write) -> saved_known_sequence<Write>;

/// Loads such a sequence by `read(archive)`.
template <class Read>
struct loaded_known_sequence {
  Read read;

  template <class Archive>
  void load(Archive& archive) {
    cereal::size_type told = 0;
    if constexpr (cereal::traits::is_text_archive<Archive>::value) archive(cereal::make_size_tag(told));
    read(archive);
  }
};
template <class Read>
loaded_known_sequence(Read) -> loaded_known_sequence<Read>;

/// Saves what `write(archive)` writes as one value with named fields, in text archives an object.
template <class Write>
struct saved_fields {
  Write write;

  template <class Archive>
  void save(Archive& archive) const {
    write(archive);
  }
};
template <class Write>
saved_fields(Write) -> saved_fields<Write>;

/// Loads such a value by `read(archive)`.
template <class Read>
struct loaded_fields {
  Read read;

  template <class Archive>
  void load(Archive& archive) {
    read(archive);
  }
};
template <class Read>
loaded_fields(Read) -> loaded_fields<Read>;

}  // namespace hearsay::inline v0::detail
