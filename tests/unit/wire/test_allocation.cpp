// SPDX-License-Identifier: BSL-1.0
#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/unit/wire/crdt_samples.hpp"
#include "tests/unit/wire/wire_test.hpp"

using namespace wire_test;

namespace {
std::atomic<std::size_t> allocated = 0;
}

// Counts every byte ever asked for, so memory that was freed again counts too.
[[gnu::noinline]] void* operator new(std::size_t size) {
  allocated += size;
  if (void* const memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  allocated += size;
  return std::malloc(size == 0 ? 1 : size);
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace {

/// What decoding `in` asked for, if it was refused or not.
template <class T>
std::size_t cost(const bytes& in) {
  const std::size_t before = allocated;
  try {
    wire::decode<T>(in);
  } catch (const decode_error&) {
  }
  return allocated - before;
}

/// The dearest honest input is a vector of empty strings: 32 bytes for one. A vector that doubles asks for
/// less than four times what it holds in the end. The rest is what is reserved ahead, and the text of an
/// error.
std::size_t allowed(const bytes& in) { return (4 * 32 + 8) * in.size() + 512; }

template <class T>
void frugal(const T& value) {
  const bytes good = wire::encode(value);
  REQUIRE(cost<T>(good) <= allowed(good));
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (unsigned width = 7; width < 64; width += 7) {
      bytes lying(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(at));
      wire::encode_to(lying, (std::uint64_t{1} << width) - 1);
      lying.insert(lying.end(), good.begin() + static_cast<std::ptrdiff_t>(at), good.end());
      CAPTURE(at, width);
      REQUIRE(cost<T>(lying) <= allowed(lying));
    }
  }
}

}  // namespace

TEST_CASE("sizes that lie allocate nothing to speak of", "[wire][limits]") {
  const bytes huge = raw({255, 255, 255, 255, 255, 255, 255, 255, 255, 1});
  CHECK(cost<std::string>(huge) < 512);
  CHECK(cost<bytes>(huge) < 512);
  CHECK(cost<std::vector<std::uint64_t>>(huge) < 512);
  CHECK(cost<std::vector<everything>>(huge) < 512);
  CHECK(cost<std::map<std::string, std::string>>(huge) < 512);

  // Within the limits and within the input, but not what follows.
  for (const std::size_t size : {1000u, 100'000u}) {
    bytes in = wire::encode(std::uint64_t{size});
    in.resize(in.size() + size, std::byte{0xff});
    CAPTURE(size);
    CHECK(cost<std::vector<std::uint64_t>>(in) <= 8 * in.size() + 512);
    CHECK(cost<std::vector<everything>>(in) <= 8 * in.size() + 2 * sizeof(everything) + 512);
    CHECK(cost<std::vector<std::vector<std::vector<std::string>>>>(in) <= 8 * in.size() + 512);
  }
}

TEST_CASE("vectors that lie at every depth share one budget", "[wire][limits]") {
  const std::size_t claimed = 100'000;
  bytes in;
  for (std::size_t depth = 0; depth < 31; ++depth) wire::encode_to(in, claimed);
  in.resize(in.size() + claimed);
  CHECK(cost<tree>(in) <= allowed(in));
}

TEST_CASE("memory is bounded by a multiple of the input, refused or not", "[wire][limits]") {
  frugal(everything::sample());
  frugal(std::vector<std::vector<std::uint64_t>>(100));
  frugal(std::vector<std::vector<std::vector<std::uint8_t>>>(10, std::vector<std::vector<std::uint8_t>>(10)));
  frugal(std::vector<std::string>(100, "a"));
  frugal(std::map<std::string, std::map<std::uint64_t, std::uint64_t>>{{"a", {{1, 2}, {3, 4}}}, {"b", {}}});
  frugal(std::set<std::uint64_t>{1, 2, 3, 1000});
  frugal(counter_sample());
  frugal(context_sample());
  frugal(set_sample());
  frugal(map_sample());
  frugal(remove_wins_sample());
  frugal(reset_sample());
  frugal(nested_sample());
  frugal(deep_sample());

  std::mt19937_64 random(11);
  for (int round = 0; round < 2000; ++round) {
    bytes in(random() % 300);
    for (std::byte& each : in) each = static_cast<std::byte>(random() % 8 == 0 ? random() : random() % 4);
    CAPTURE(round);
    REQUIRE(cost<std::vector<std::vector<std::uint64_t>>>(in) <= allowed(in));
    REQUIRE(cost<std::map<std::uint64_t, std::vector<std::string>>>(in) <= allowed(in));
    REQUIRE(cost<tree>(in) <= allowed(in));
    REQUIRE(cost<hearsay::or_set<std::uint64_t>>(in) <= allowed(in));
    REQUIRE(cost<hearsay::lww_map<std::uint64_t, std::string>>(in) <= allowed(in));
  }
}

TEST_CASE("sets whose dots are as sparse as can be are bounded too", "[wire][limits][crdt]") {
  constexpr std::uint64_t dots = 10'000;
  for (const std::uint64_t gap : {1u, 63u, 100'000u}) {
    bytes in;
    wire::writer write(in);
    write(std::uint64_t{1}, hearsay::replica_id{1},
          2 * dots);  // a context of one replica, in many runs of one dot
    for (std::uint64_t i = 0; i < dots; ++i) write(gap, std::uint64_t{1});
    write(std::uint64_t{0}, dots);  // all of them alive
    for (std::uint64_t i = 0; i < dots; ++i) write(i);
    write.finish();
    CAPTURE(gap);
    CHECK(wire::decode<hearsay::or_set<std::uint64_t>>(in).size() == dots);
    CHECK(cost<hearsay::or_set<std::uint64_t>>(in) <= allowed(in));
  }
  // 2^62 dots alive, so they say, and items for 1000 of them.
  bytes in;
  wire::encode_to(in, std::tuple(std::uint64_t{1}, hearsay::replica_id{1}, std::uint64_t{2}, std::uint64_t{0},
                                 std::uint64_t{1} << 62, std::uint64_t{0}, std::uint64_t{1000}));
  in.resize(in.size() + 1000);
  CHECK(refuses<hearsay::or_set<std::uint64_t>>(in));
  CHECK(cost<hearsay::or_set<std::uint64_t>>(in) <= 512);
}
