// SPDX-License-Identifier: BSL-1.0
#include "tests/golden/golden.hpp"

using golden::golden_file;
using namespace wire_test;

namespace {

void is_frame(const bytes& data, std::uint8_t kind, hearsay::replica_id sender, const bytes& body) {
  const std::uint32_t cluster = wire::cluster_tag("demo");
  CHECK(hex(wire::seal(kind, cluster, sender, body)) == hex(data));
  const auto [frame, fault] = wire::open(data, cluster);
  CHECK((fault == wire::fault::none));
  CHECK(frame.kind == kind);
  CHECK((frame.sender == sender));
  CHECK((bytes(frame.body.begin(), frame.body.end()) == body));
}

}  // namespace

TEST_CASE("the golden frames", "[golden]") {
  golden_file file("frames.txt");

  is_frame(file.take("empty frame"), 0, hearsay::replica_id{0}, {});
  is_frame(file.take("small frame"), 7, hearsay::replica_id{0x0123456789abcdef}, raw({1, 2, 3}));

  bytes body;
  for (int i = 0; i < 300; ++i) body.push_back(static_cast<std::byte>(i));
  const bytes sealed =
      wire::seal(255, wire::cluster_tag("demo"), hearsay::replica_id{~std::uint64_t{0}}, body);
  CHECK(hex(bytes(sealed.end() - 8, sealed.end())) == hex(file.take("checksum of a long frame")));
  CHECK((wire::open(sealed, wire::cluster_tag("demo")).second == wire::fault::none));
}
