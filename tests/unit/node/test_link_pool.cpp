// SPDX-License-Identifier: BSL-1.0
#include "tests/catch.hpp"
#include "tests/unit/node/stranger.hpp"
#include "transport/zmq/link_pool.hpp"
#include "transport/zmq/system.hpp"

using namespace testing;
using namespace hearsay::transport;

namespace {

/// A pool in virtual time; only what ZeroMQ does takes real time.
struct bench {
  hearsay::node_options options = quick();
  zmq::context_t context;
  hearsay::transport_counters count;
  log_book book;
  reporter log{book.sink()};
  std::optional<link_pool> pool;
  hearsay::gossip::instant now = 1h;

  bench() { open(); }
  void open() { pool.emplace(context, options, count, log, 42); }
  void send(const std::string& to, std::string_view text) { pool->send(to, to_bytes(text), now); }

  /// Lets ZeroMQ work until `holds()`.
  bool until(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!holds()) {
      const auto left =
          std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
      if (left <= 0) return false;
      std::vector<zmq_pollitem_t> items;
      pool->add_to(items);
      if (items.empty()) return false;  // nothing more will happen
      zmq_poll(items.data(), static_cast<int>(items.size()), static_cast<long>(left));
      pool->on_poll(items, now);
    }
    return true;
  }
  void tick() {
    now = std::max(now, pool->next_tick());
    pool->tick(now);
  }
};

/// Somebody to send to.
struct listener {
  zmq::socket_t socket;
  std::string endpoint;
  explicit listener(zmq::context_t& context, const std::string& at = "tcp://127.0.0.1:*")
      : socket(context, zmq::socket_type::router) {
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::rcvtimeo, static_cast<int>(std::chrono::milliseconds(deadline).count()));
    socket.bind(at);
    endpoint = socket.get(zmq::sockopt::last_endpoint);
  }
  std::string receive() {
    zmq::message_t part;
    while (socket.recv(part)) {
      if (!part.more()) return part.to_string();
    }
    return "nothing";
  }
};

}  // namespace

TEST_CASE("frames arrive", "[link_pool]") {
  bench bench;
  const std::string place = GENERATE_COPY(std::string("tcp://127.0.0.1:*"), "ipc://" + socket_path(),
                                          std::string("inproc://somewhere"));
  listener listener(bench.context, place);
  bench.send(listener.endpoint, "one");
  CHECK(bench.until([&] { return bench.count.connects == 1; }));
  bench.send(listener.endpoint, "two");
  CHECK(listener.receive() == "one");
  CHECK(listener.receive() == "two");
  CHECK(bench.count.dials == 1);
  CHECK(bench.count.frames_sent == 2);
  CHECK(bench.count.bytes_sent == 6);
  if (place.starts_with("ipc://")) std::filesystem::remove(place.substr(6));
}

TEST_CASE("until the connection stands, only the newest frame is kept", "[link_pool]") {
  bench bench;
  const std::string place = "ipc://" + socket_path();
  for (const auto* text : {"one", "two", "three"}) bench.send(place, text);
  CHECK(bench.count.dropped_waiting == 2);
  CHECK(bench.until([&] { return bench.count.dial_failures == 1; }));
  bench.send(place, "four");  // within the pause
  CHECK(bench.count.dials == 1);
  CHECK(bench.count.dropped_waiting == 3);

  listener listener(bench.context, place);
  bench.tick();
  CHECK(bench.until([&] { return bench.count.connects == 1; }));
  CHECK(listener.receive() == "four");
  bench.send(place, "five");
  CHECK(listener.receive() == "five");
  CHECK(bench.count.dials == 2);
  std::filesystem::remove(place.substr(6));
}

TEST_CASE("pauses between dials double, with jitter and a cap", "[link_pool]") {
  bench bench;
  bench.options.backoff_min = 100ms;
  bench.options.backoff_max = 1s;
  bench.open();
  bench.send("ipc://" + socket_path(), "hello");
  std::uint64_t failures = 0;
  for (const auto pause : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms}) {
    ++failures;
    REQUIRE(bench.until([&] { return bench.count.dial_failures == failures; }));
    const auto wait = bench.pool->next_tick() - bench.now;
    CAPTURE(failures, wait.count());
    CHECK(wait >= pause * 3 / 4);
    CHECK(wait <= pause * 5 / 4);
    bench.pool->tick(bench.now);
    CHECK(bench.count.dials == failures);  // not before
    bench.tick();
  }
  CHECK(bench.count.dials == failures + 1);
}

TEST_CASE("a connection that breaks is dialled again when there is something to send", "[link_pool]") {
  bench bench;
  std::optional<listener> there(bench.context);
  const std::string place = there->endpoint;
  bench.send(place, "one");
  CHECK(there->receive() == (bench.until([&] { return bench.count.connects == 1; }), "one"));
  there.reset();
  CHECK(bench.pool->take_lost().empty());
  CHECK(bench.until([&] { return bench.count.disconnects == 1; }));
  CHECK(bench.pool->take_lost() == std::vector<std::string>{place});
  there.emplace(bench.context, place);
  bench.tick();
  CHECK(bench.count.dials == 1);  // nothing to send
  bench.send(place, "two");
  CHECK(bench.until([&] { return bench.count.connects == 2; }));
  CHECK(there->receive() == "two");
}

TEST_CASE("a peer that reads nothing is dropped after a while", "[link_pool]") {
  bench bench;
  bench.options.send_queue = 2;
  bench.open();
  listener lazy(bench.context);
  bench.send(lazy.endpoint, "hello");
  REQUIRE(bench.until([&] { return bench.count.connects == 1; }));
  const std::string large(100'000, 'x');
  // Its own buffers and ours fill up at some time. What is taken now and then starts the time anew.
  std::uint64_t in_a_row = 0;
  while (bench.count.stalled == 0) {
    const auto dropped = bench.count.dropped_full;
    bench.send(lazy.endpoint, large);
    in_a_row = bench.count.dropped_full > dropped ? in_a_row + 1 : 0;
    if (bench.count.stalled == 0) bench.now += bench.options.stall_timeout / 4;
  }
  CHECK(in_a_row == 5);
  CHECK(bench.count.disconnects == 1);
  bench.send(lazy.endpoint, large);
  CHECK(bench.count.dials == 1);  // after a pause
}

TEST_CASE("one that accepts and never greets is given up", "[link_pool]") {
  bench bench;
  bench.options.handshake_timeout = 100ms;
  bench.open();
  const int mute = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(mute, reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(::listen(mute, 4) == 0);
  REQUIRE(::getsockname(mute, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  bench.send("tcp://127.0.0.1:" + std::to_string(ntohs(at.sin_port)), "hello");
  CHECK(bench.until([&] { return bench.count.dial_failures == 1; }));
  CHECK(bench.count.connects == 0);

  // And if no event told, time would.
  bench.tick();
  CHECK(bench.count.dials == 2);
  bench.tick();
  CHECK(bench.count.dial_failures == 2);
  ::close(mute);
}

TEST_CASE("the pool holds so many connections and closes the one used least recently", "[link_pool]") {
  bench bench;
  bench.options.pool = 2;
  bench.open();
  listener a(bench.context), b(bench.context), c(bench.context);
  for (listener* each : {&a, &b, &a, &c, &a, &b}) {
    bench.now += 1ms;
    const auto before = bench.count.frames_sent;
    bench.send(each->endpoint, "hello");
    CHECK(bench.until([&] { return bench.count.frames_sent == before + 1; }));
    CHECK(each->receive() == "hello");
  }
  CHECK(bench.count.evicted == 2);  // b for c, then c for b
  CHECK(bench.count.connects == 4);
}

TEST_CASE("what must not be sent is not", "[link_pool]") {
  bench bench;
  bench.send("tcp://192.0.2.1:7400", "hello");
  bench.send("tcp://192.0.2.1:7400", "hello");
  CHECK(bench.count.dropped_endpoint == 2);
  CHECK(bench.book.count("192.0.2.1") == 1);
  bench.pool->send("tcp://127.0.0.1:1", hearsay::bytes(bench.options.gossip.wire.frame_bytes + 1), bench.now);
  CHECK(bench.count.dropped_oversized == 1);
  CHECK(bench.count.dials == 0);
  CHECK(bench.pool->next_tick() == hearsay::gossip::instant::max());
}

TEST_CASE("a socket that is connected to itself is recognized", "[link_pool]") {
  const int loop = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  REQUIRE(::bind(loop, reinterpret_cast<sockaddr*>(&at), size) == 0);
  REQUIRE(::getsockname(loop, reinterpret_cast<sockaddr*>(&at), &size) == 0);
  CHECK_FALSE(connected_to_itself(loop));
  REQUIRE(::connect(loop, reinterpret_cast<sockaddr*>(&at), size) == 0);
  CHECK(connected_to_itself(loop));
  ::close(loop);
  CHECK_FALSE(connected_to_itself(loop));
}

TEST_CASE("the log tells of each subject once a minute, and how much it left out", "[reporter]") {
  log_book book;
  reporter log(book.sink());
  log.tell("a", "line a", 1s);
  for (int i = 0; i < 5; ++i) log.tell("a", "line a", 2s);
  log.tell("b", "line b", 3s);
  CHECK(book.count("line a") == 1);
  CHECK(book.count("line b") == 1);
  log.tell("a", "line a", 62s);
  CHECK(book.count("line a (and 5 more like this)") == 1);
  log.tell("a", "line a", 63s);
  log.tell("a", "line a", 200s);
  CHECK(book.count("line a") == 3);
  for (int i = 0; i < 5000; ++i) log.tell(std::to_string(i), "flood", 300s);
  CHECK(book.count("flood") <= 1024);
  log.tell("later", "flood", 400s);
  CHECK(book.count("flood") <= 1025);
  CHECK(book.count("flood") > 1000);
}

TEST_CASE("the file of a socket goes with its owner, and only with that", "[system]") {
  const std::string path = socket_path();
  zmq::context_t context;
  CHECK_FALSE(ipc_in_use(path));
  std::optional<listener> first(std::in_place, context, "ipc://" + path);
  CHECK(ipc_in_use(path));
  {
    const ipc_file mine(path);
    first.reset();
  }
  CHECK_FALSE(std::filesystem::exists(path));

  first.emplace(context, "ipc://" + path);
  {
    const ipc_file mine(path);
    first.reset();
    std::filesystem::rename(path, path + "-old");  // so that the number of the file is not given to the next
    first.emplace(context, "ipc://" + path);
  }
  CHECK(std::filesystem::exists(path));
  first.reset();
  std::filesystem::remove(path);
  std::filesystem::remove(path + "-old");
}
