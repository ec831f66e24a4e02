// SPDX-License-Identifier: BSL-1.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using input = std::vector<std::uint8_t>;

/// A few small changes, some of them splices with another input.
input mutated(input from, const input& other, std::mt19937_64& random) {
  for (std::size_t changes = 1 + random() % 4; changes > 0; --changes) {
    const auto at = static_cast<std::ptrdiff_t>(random() % (from.size() + 1));
    const auto cut = static_cast<std::ptrdiff_t>(random() % (other.size() + 1));
    const auto any = static_cast<std::uint8_t>(random());
    switch (random() % 5) {
      case 0:
        from.insert(from.begin() + at, any);
        break;
      case 1:
        from.resize(static_cast<std::size_t>(at));
        from.insert(from.end(), other.begin() + cut, other.end());
        break;
      case 2:
        if (at < std::ssize(from)) from.erase(from.begin() + at);
        break;
      default:
        if (at < std::ssize(from))
          from[static_cast<std::size_t>(at)] ^= static_cast<std::uint8_t>(1u << any % 8);
    }
  }
  return from;
}

}  // namespace

/// replay FOLDER [MUTATIONS]: runs every file of the folder, and so many mutations of each, by default 500;
/// the same ones each time. Whatever is wrong aborts.
int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: %s FOLDER [MUTATIONS]\n", argv[0]);
    return 2;
  }
  const unsigned long mutations = argc > 2 ? std::stoul(argv[2]) : 5000;

  std::vector<std::filesystem::path> paths;
  for (const auto& file : std::filesystem::directory_iterator(argv[1])) paths.push_back(file.path());
  std::ranges::sort(paths);
  std::vector<input> corpus;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }

  std::mt19937_64 random(1);
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    std::fprintf(stderr, "%s\n", paths[i].filename().c_str());  // the last one named is the one that failed
    LLVMFuzzerTestOneInput(corpus[i].data(), corpus[i].size());
    for (unsigned long left = mutations; left > 0; --left) {
      const input changed = mutated(corpus[i], corpus[random() % corpus.size()], random);
      LLVMFuzzerTestOneInput(changed.data(), changed.size());
    }
  }
  std::printf("%zu inputs, each with %lu mutations\n", corpus.size(), mutations);
  return corpus.empty() ? 1 : 0;
}
