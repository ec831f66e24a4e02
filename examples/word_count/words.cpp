// SPDX-License-Identifier: BSL-1.0
#include "words.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <ios>
#include <stdexcept>
#include <system_error>

namespace word_count {
namespace {

constexpr int end_of_file = std::filebuf::traits_type::eof();

bool in_word(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c >= 0x80;
}

char lower(int c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c); }

[[noreturn]] void cannot_read(const std::string& file) {
  throw std::runtime_error(file + ": " + std::generic_category().message(errno));
}

}  // namespace

std::uint64_t bytes_in(const share& work) {
  std::uint64_t sum = 0;
  for (const auto& part : work) sum += part.end - part.begin;
  return sum;
}

std::array<share, nodes> divide(const std::vector<std::string>& files) {
  share all;
  for (const auto& file : files) all.push_back({file, 0, std::filesystem::file_size(file)});
  const auto total = bytes_in(all);

  std::array<share, nodes> shares;
  auto part = all.begin();
  for (std::size_t node = 0; node < nodes; ++node) {
    auto room = total * (node + 1) / nodes - total * node / nodes;
    while (room != 0) {
      const auto taken = std::min(room, part->end - part->begin);
      if (taken != 0) shares[node].push_back({part->file, part->begin, part->begin + taken});
      part->begin += taken;
      room -= taken;
      if (part->begin == part->end) ++part;
    }
  }
  return shares;
}

bool word_reader::next(occurrence& out) {
  for (; at_ != work_.size(); ++at_) {
    const auto& part = work_[at_];
    if (!file_.is_open()) {
      errno = 0;
      if (!file_.open(part.file, std::ios::in | std::ios::binary)) cannot_read(part.file);
      offset_ = 0;
      line_ = 1;
    }
    try {
      if (scan(part, out)) return true;
    } catch (const std::ios_base::failure&) {
      cannot_read(part.file);
    }
    file_.close();
    done_ += part.end - part.begin;
  }
  return false;
}

std::uint64_t word_reader::bytes_read() const {
  if (at_ == work_.size()) return done_;
  return done_ + std::clamp(offset_, work_[at_].begin, work_[at_].end) - work_[at_].begin;
}

// Every scan of a file starts at its first byte, so all agree on where words and lines begin.
bool word_reader::scan(const slice& part, occurrence& out) {
  const auto advance = [this] {
    ++offset_;
    return file_.snextc();
  };
  const auto append = [&](int c) {
    if (out.word.size() < longest) out.word.push_back(lower(c));
  };
  int c = file_.sgetc();
  for (;;) {
    for (; c != end_of_file && !in_word(c); c = advance()) {
      if (offset_ >= part.end) return false;
      if (c == '\n') ++line_;
    }
    if (c == end_of_file || offset_ >= part.end) return false;

    const auto start = offset_;
    out.word.clear();
    while (in_word(c)) {
      append(c);
      c = advance();
      if (c != '\'') continue;
      c = advance();
      if (in_word(c)) append('\'');
    }
    if (start >= part.begin) {
      out.where = {part.file, line_};
      return true;
    }
  }
}

count count_alone(const std::array<share, nodes>& work) {
  count result;
  occurrence found;
  for (std::size_t node = 0; node < nodes; ++node) {
    for (word_reader reader(work[node]); reader.next(found); ++result.words) {
      result.last[found.word][node] = found.where;
    }
  }
  return result;
}

}  // namespace word_count
