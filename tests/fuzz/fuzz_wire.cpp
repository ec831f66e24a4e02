// SPDX-License-Identifier: BSL-1.0
#include <cstdio>
#include <cstdlib>

#include "hearsay/crdt.hpp"
#include "hearsay/wire.hpp"
#include "tests/unit/wire/samples.hpp"

namespace {

using namespace hearsay;

void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", what);
  std::abort();
}

/// Anything is refused with `decode_error`, or is the only encoding of what it decodes to.
template <class T>
void decode(std::span<const std::byte> in) {
  try {
    const T value = wire::decode<T>(in);
    const bytes again = wire::encode(value);
    require(std::ranges::equal(again, in), "what can be read is canonical");
    require(wire::decode<T>(again) == value, "decode(encode(x)) == x");
  } catch (const decode_error&) {
  }
}

void open_frame(std::span<const std::byte> in) {
  constexpr std::uint32_t cluster = 0x01020304;
  const auto [frame, fault] = wire::open(in, cluster);
  if (fault == wire::fault::none) {
    const bytes again = wire::seal(frame.kind, cluster, frame.sender, frame.body);
    require(std::ranges::equal(again, in), "a frame that opens is what its content is sealed to");
  } else {
    require(frame.body.empty(), "a refused frame has no body");
  }
  const bytes sealed = wire::seal(7, cluster, replica_id{9}, in);
  const auto [opened, reason] = wire::open(sealed, cluster, wire::limits::none());
  require(reason == wire::fault::none && std::ranges::equal(opened.body, in), "what was sealed opens");
}

}  // namespace

/// The first byte says what the others are to be taken for.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  constexpr void (*targets[])(std::span<const std::byte>) = {
      open_frame,
      decode<wire_test::everything>,
      decode<wire_test::tree>,
      decode<std::vector<std::map<std::string, std::set<std::int64_t>>>>,
      decode<g_counter>,
      decode<causal_context>,
      decode<or_set<std::string>>,
      decode<or_set<std::uint64_t>>,
      decode<lww_map<std::string, std::uint64_t>>,
  };
  targets[data[0] % std::size(targets)](std::as_bytes(std::span(data, size).subspan(1)));
  return 0;
}
