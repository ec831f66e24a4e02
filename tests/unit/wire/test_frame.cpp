// SPDX-License-Identifier: BSL-1.0
#include "tests/unit/wire/wire_test.hpp"

using namespace wire_test;
using wire::fault;

namespace {

constexpr std::uint32_t cluster = 0x01020304;
constexpr hearsay::replica_id sender{0x1122334455667788};

fault fault_of(const bytes& data, std::uint32_t tag = cluster, const wire::limits& most = {}) {
  const auto [frame, reason] = wire::open(data, tag, most);
  const bool is_empty = frame.kind == 0 && frame.sender == hearsay::replica_id{} && frame.body.empty();
  CHECK((reason == fault::none || is_empty));
  return reason;
}

/// `data` with a checksum that is right.
bytes resealed(bytes data) {
  std::uint64_t sum = wire::hash(std::span(data).first(data.size() - 8));
  for (std::size_t at = data.size() - 8; at < data.size(); ++at, sum >>= 8)
    data[at] = static_cast<std::byte>(sum);
  return data;
}

}  // namespace

TEST_CASE("a frame's layout", "[wire][frame]") {
  const bytes body = raw({0xaa, 0xbb});
  const bytes sealed = wire::seal(7, cluster, sender, body);
  REQUIRE(sealed.size() == body.size() + wire::frame_overhead);
  CHECK(bytes(sealed.begin(), sealed.begin() + 18) ==
        raw({'h', 's', 1, 7, 4, 3, 2, 1, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0xaa, 0xbb}));
  CHECK(resealed(sealed) == sealed);
}

TEST_CASE("a frame opens to what was sealed", "[wire][frame]") {
  for (const std::size_t size :
       std::initializer_list<std::size_t>{0, 1, 2, 15, 16, 17, 127, 128, 129, 240, 241, 4096, 100'000}) {
    bytes body(size);
    for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<std::byte>(i * 7);
    const bytes sealed = wire::seal(255, cluster, sender, body);
    const auto [frame, reason] = wire::open(sealed, cluster);
    CAPTURE(size);
    CHECK(reason == fault::none);
    CHECK(frame.kind == 255);
    CHECK(frame.sender == sender);
    CHECK(bytes(frame.body.begin(), frame.body.end()) == body);
    CHECK((frame.body.data() == sealed.data() + 16));
  }
}

TEST_CASE("a damaged frame is refused", "[wire][frame]") {
  bytes body(300);
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<std::byte>(i);
  const bytes sealed = wire::seal(3, cluster, sender, body);

  for (std::size_t size = 0; size < sealed.size(); ++size) {
    const fault reason = fault_of(bytes(sealed.begin(), sealed.begin() + static_cast<std::ptrdiff_t>(size)));
    CAPTURE(size);
    REQUIRE(reason == (size < wire::frame_overhead ? fault::too_short : fault::checksum));
  }
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    const fault expected = at < 2              ? fault::magic
                           : at == 2           ? fault::version
                           : at >= 4 && at < 8 ? fault::cluster
                                               : fault::checksum;
    for (unsigned bit = 0; bit < 8; ++bit) {
      bytes flipped = sealed;
      flipped[at] ^= static_cast<std::byte>(1u << bit);
      CAPTURE(at, bit);
      REQUIRE(fault_of(flipped) == expected);
    }
  }
  bytes longer = sealed;
  longer.push_back(std::byte{0});
  CHECK(fault_of(longer) == fault::checksum);
  CHECK(fault_of({}) == fault::too_short);
}

TEST_CASE("a frame from elsewhere is refused, whatever its checksum", "[wire][frame]") {
  const bytes sealed = wire::seal(3, cluster, sender, raw({1, 2, 3}));
  CHECK(fault_of(sealed, cluster + 1) == fault::cluster);
  CHECK(fault_of(sealed, 0) == fault::cluster);
  for (int version = 0; version < 256; ++version) {
    bytes other = sealed;
    other[2] = static_cast<std::byte>(version);
    REQUIRE(fault_of(resealed(other)) == (version == wire::wire_version ? fault::none : fault::version));
  }
  bytes foreign = sealed;
  foreign[0] = std::byte{'H'};
  CHECK(fault_of(resealed(foreign)) == fault::magic);
}

TEST_CASE("a frame at its size limit", "[wire][frame][limits]") {
  for (const std::size_t size : {std::size_t{24}, std::size_t{25}, std::size_t{1000}, std::size_t{1} << 20}) {
    const bytes sealed = wire::seal(3, cluster, sender, bytes(size - wire::frame_overhead));
    wire::limits most;
    CAPTURE(size);
    for (const std::size_t limit : {size - 1, size, size + 1}) {
      most.frame_bytes = limit;
      CHECK(fault_of(sealed, cluster, most) == (limit < size ? fault::too_large : fault::none));
    }
  }
  CHECK(fault_of(wire::seal(3, cluster, sender, bytes((1 << 20) - 24))) == fault::none);
  CHECK(fault_of(wire::seal(3, cluster, sender, bytes((1 << 20) - 23))) == fault::too_large);
}

TEST_CASE("random bytes are no frame", "[wire][frame]") {
  std::mt19937_64 random(5);
  for (int round = 0; round < 20'000; ++round) {
    bytes data(random() % 200);
    for (std::byte& each : data) each = static_cast<std::byte>(random());
    if (data.size() > 8 && round % 2 == 0) {  // past the first checks
      const bytes head = wire::seal(1, cluster, sender, {});
      std::copy_n(head.begin(), 8, data.begin());
    }
    CAPTURE(round);
    REQUIRE(fault_of(data) != fault::none);
  }
}

TEST_CASE("hashes and cluster tags are XXH3", "[wire][frame]") {
  CHECK(wire::hash(std::string_view()) == 0x2d06800538d394c2);  // the value that xxHash itself documents
  CHECK(wire::hash(raw({'a'})) == wire::hash("a"));
  CHECK(wire::hash("a") != wire::hash("b"));
  CHECK(wire::cluster_tag("demo") == static_cast<std::uint32_t>(wire::hash("demo")));
  CHECK(wire::to_string(fault::none) == "none");
  CHECK(wire::to_string(fault::checksum) == "checksum");
  CHECK(wire::to_string(static_cast<fault>(200)) == "?");
}
