// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <array>
#include <cereal/cereal.hpp>
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace word_count {

inline constexpr std::size_t nodes = 5;

/// Where a word stands. A value of a replicated map: a stable name, an order, and cereal's `serialize`.
struct place {
  static constexpr std::string_view crdt_name = "word_count.place";

  std::string file;
  std::uint64_t line = 0;

  auto operator<=>(const place&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(CEREAL_NVP(file), CEREAL_NVP(line));
  }
};

/// A run of bytes of one file. The words in it are those that begin in it.
struct slice {
  std::string file;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
using share = std::vector<slice>;

std::uint64_t bytes_in(const share& work);

/// All files end to end, cut into shares of the same number of bytes, wherever that is. Throws
/// std::filesystem::filesystem_error.
std::array<share, nodes> divide(const std::vector<std::string>& files);

struct occurrence {
  std::string word;
  place where;
};

/// Reads the words of a share, one after the other.
///
/// A word is a run of ASCII letters and digits, taken as lower case, and of bytes above 0x7f, taken as they
/// are. An apostrophe between two of these belongs to the word ("don't"). Of a longer word only the first 256
/// bytes count. Everything else, zero bytes too, is between words.
class word_reader {
 public:
  static constexpr std::size_t longest = 256;

  explicit word_reader(share work) : work_(std::move(work)) {}

  /// The next word; false after the last. Throws std::runtime_error, which names the file, if it cannot be
  /// read.
  bool next(occurrence& out);
  /// How many bytes of the share lie behind.
  std::uint64_t bytes_read() const;

 private:
  bool scan(const slice& part, occurrence& out);

  share work_;
  std::size_t at_ = 0;      // the slice
  std::uint64_t done_ = 0;  // bytes of the slices before it
  std::filebuf file_;
  std::uint64_t offset_ = 0;
  std::uint64_t line_ = 1;
};

/// What one process alone finds.
struct count {
  std::uint64_t words = 0;
  /// Per word, where it stands last in each share; line 0: nowhere.
  std::unordered_map<std::string, std::array<place, nodes>> last;
};

count count_alone(const std::array<share, nodes>& work);

}  // namespace word_count
