// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cereal/archives/binary.hpp>
#include <cereal/archives/json.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/crdt.hpp"
#include "hearsay/wire.hpp"
#include "tests/catch.hpp"

namespace crdt_test {

/// Random choices; the seed is captured by the test.
class choices {
 public:
  explicit choices(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t bound) {
    return std::uniform_int_distribution<std::uint64_t>(0, bound - 1)(engine_);
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& all) {
    return all[below(all.size())];
  }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

/// A replica with a fixed id, whose wall clock is `*ms`.
inline hearsay::replica replica_with_id(std::uint64_t id, std::shared_ptr<std::uint64_t> ms = nullptr) {
  if (!ms) ms = std::make_shared<std::uint64_t>(1'700'000'000'000);
  return hearsay::replica({id}, hearsay::clock([ms] { return *ms; }));
}

template <class T>
std::string to_json(const T& value) {
  std::stringstream text;
  {
    cereal::JSONOutputArchive out(text, cereal::JSONOutputArchive::Options::NoIndent());
    out(cereal::make_nvp("value", value));
  }
  auto json = text.str();
  std::erase(json, '\n');
  return json;
}

template <class T>
T from_json(const std::string& json) {
  std::stringstream text(json);
  cereal::JSONInputArchive in(text);
  T value;
  in(cereal::make_nvp("value", value));
  return value;
}

template <class T>
std::string to_binary(const T& value) {
  std::stringstream raw;
  cereal::BinaryOutputArchive out(raw);
  out(value);
  return raw.str();
}

template <class T>
T from_binary(const std::string& bytes) {
  std::stringstream raw(bytes);
  cereal::BinaryInputArchive in(raw);
  T value;
  in(value);
  return value;
}

/// The value comes back from every archive.
template <class T>
void check_round_trips(const T& value) {
  CHECK(from_json<T>(to_json(value)) == value);
  CHECK(from_binary<T>(to_binary(value)) == value);
  CHECK(hearsay::wire::decode<T>(hearsay::wire::encode(value)) == value);
}

/// x ⊑ y
template <class T>
bool below_or_equal(const T& x, T y) {
  const T before = y;
  y.merge(x);
  return y == before;
}

template <class T>
T joined(T x, const T& y) {
  x.merge(y);
  return x;
}

/// The parts of a state, walked while `change()` changes it, join to all that was there at the first, and to
/// nothing that was not there in the end.
template <class T, class Change>
void check_parts(T& x, std::size_t max_bytes, Change change) {
  CAPTURE(max_bytes);
  const T start = x;
  T together;
  std::size_t count = 0;
  for (hearsay::cursor at; !at.end; ++count) {
    const auto part = hearsay::part(x, at, max_bytes);
    REQUIRE((part != T{} || at.end));
    REQUIRE(below_or_equal(part, x));
    together.merge(part);
    REQUIRE(count < 10'000);
    change();
  }
  CHECK(below_or_equal(start, together));
  CHECK(below_or_equal(together, x));
}

}  // namespace crdt_test
