// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <cctype>
#include <fstream>
#include <map>
#include <string>

#include "tests/catch.hpp"
#include "tests/unit/wire/samples.hpp"

namespace golden {

using hearsay::bytes;
namespace wire = hearsay::wire;

/// A file of lines `name: bytes in hex`; blanks between bytes and what follows a `#` do not count. The bytes
/// never change within a wire version: other programs, and files, depend on them.
class golden_file {
 public:
  explicit golden_file(const std::string& name) : name_(name) {
    std::ifstream file(HEARSAY_GOLDEN_DIR "/" + name);
    REQUIRE(file);
    for (std::string line; std::getline(file, line);) {
      line.resize(std::min(line.size(), line.find('#')));
      const std::size_t colon = line.find(": ");
      if (colon == std::string::npos) continue;
      std::string digits;
      for (const char each : line.substr(colon + 2)) {
        if (std::isxdigit(static_cast<unsigned char>(each)) != 0) digits += each;
      }
      CAPTURE(line);
      REQUIRE(lines_.emplace(line.substr(0, colon), digits).second);
    }
  }
  golden_file(const golden_file&) = delete;
  golden_file& operator=(const golden_file&) = delete;
  ~golden_file() {
    INFO("lines of " << name_ << " that no test knows, from "
                     << (lines_.empty() ? "" : lines_.begin()->first));
    CHECK(lines_.empty());
  }

  /// The bytes of the line `line`, which has to be asked for once.
  bytes take(const std::string& line) {
    INFO("line \"" << line << "\" of " << name_);
    const auto found = lines_.find(line);
    REQUIRE(found != lines_.end());
    bytes out;
    for (std::size_t at = 0; at + 1 < found->second.size(); at += 2) {
      out.push_back(static_cast<std::byte>(std::stoi(found->second.substr(at, 2), nullptr, 16)));
    }
    lines_.erase(found);
    return out;
  }

  /// `value` becomes the bytes of that line, and they become `value`.
  template <class T>
  void holds(const std::string& line, const T& value) {
    INFO("line \"" << line << "\" of " << name_);
    const bytes expected = take(line);
    CHECK(wire_test::hex(wire::encode(value)) == wire_test::hex(expected));
    CHECK((wire::decode<T>(expected) == value));
  }

 private:
  std::string name_;
  std::map<std::string, std::string> lines_;
};

}  // namespace golden
