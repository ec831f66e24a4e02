// SPDX-License-Identifier: BSL-1.0
// Every allocation of every mutator and merge is made to fail once.
#include <cstdlib>
#include <functional>
#include <new>
#include <string>

#include "tests/unit/crdt/crdt_test.hpp"

namespace {

constexpr std::size_t never = static_cast<std::size_t>(-1);
std::size_t allocations_left = never;

void* allocate(std::size_t size) {
  if (allocations_left != never && allocations_left-- == 0) {
    allocations_left = never;
    throw std::bad_alloc();
  }
  if (auto* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t size) { return allocate(size); }
void* operator new[](std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return std::malloc(size == 0 ? 1 : size);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

using namespace hearsay;
using crdt_test::joined;
using crdt_test::replica_with_id;

namespace {

// Runs `action` until it succeeds, each time with a later allocation failing, and `check` after each failure.
// Returns how often it failed.
std::size_t fail_at_every_allocation(const std::function<void()>& action,
                                     const std::function<void()>& check) {
  for (std::size_t at = 0;; ++at) {
    allocations_left = at;
    try {
      action();
      allocations_left = never;
      return at;
    } catch (const std::bad_alloc&) {
      allocations_left = never;
    }
    check();
  }
}

// A mutator either does its work or leaves the state as it was.
template <class T, class Mutate>
std::size_t check_strong(T x, Mutate mutate) {
  T expected = x, delta;
  delta = mutate(expected);
  const T before = x;
  const auto failed = fail_at_every_allocation([&] { delta = mutate(x); },
                                               [&] {
                                                 REQUIRE(x == before);
                                                 REQUIRE(wire::encode(x) == wire::encode(before));
                                               });
  CHECK(joined(before, delta) == x);
  return failed;
}

// A merge does its work, or a part of it that is a valid state, and can be done again.
template <class T>
std::size_t check_merge(T x, const T& other) {
  const T before = x, expected = joined(x, other);
  const auto failed = fail_at_every_allocation([&] { x.merge(other); },
                                               [&] {
                                                 REQUIRE(crdt_test::below_or_equal(before, x));
                                                 REQUIRE(crdt_test::below_or_equal(x, expected));
                                                 REQUIRE(wire::decode<T>(wire::encode(x)) == x);
                                                 REQUIRE(joined(x, other) == expected);
                                                 if (x.metrics().bytes % 2 == 0) x = before;
                                               });
  CHECK(x == expected);
  return failed;
}

std::string key(std::size_t i) { return "a key too long to be stored in place, number " + std::to_string(i); }

template <class T>
T set_of(replica& by, std::size_t from, std::size_t to) {
  T x;
  for (auto i = from; i < to; ++i) x.add(by, typename T::value_type(key(i)));
  return x;
}

}  // namespace

TEST_CASE("out of memory: or_set") {
  using set = or_set<std::string>;
  auto alice = replica_with_id(2), bob = replica_with_id(1);
  std::size_t failed = 0;
  for (const std::size_t size : {0u, 1u, 2u, 7u, 8u, 13u, 14u, 64u, 128u, 255u, 256u, 512u}) {
    CAPTURE(size);
    auto x = set_of<set>(alice, 0, size);
    failed += check_strong(x, [&](set& s) { return s.add(bob, key(1000)); });
    failed += check_strong(x, [&](set& s) { return s.add(alice, key(1000)); });
    failed += check_strong(x, [&](set& s) { return s.add(alice, key(0)); });
    check_strong(x, [&](set& s) { return s.remove(bob, key(0)); });
    check_strong(x, [&](set& s) { return s.clear(bob); });
    set copy;
    failed += fail_at_every_allocation([&] { copy = x; }, [&] { REQUIRE(copy.is_bottom()); });
    CHECK(copy == x);
    x.merge(set_of<set>(bob, 0, size / 2));
    failed += check_strong(x, [&](set& s) { return s.add(alice, key(0)); });
    check_strong(x, [&](set& s) { return s.remove(alice, key(0)); });

    auto other = set_of<set>(bob, size / 2, size + size / 2);
    for (std::size_t i = size / 2; i < size; i += 3) other.remove(bob, key(i));
    failed += check_merge(set_of<set>(alice, 0, size), other);
    check_merge(x, joined(x, x.remove(alice, key(0))));
  }
  CHECK(failed > 100);
}

TEST_CASE("out of memory: lww_map") {
  using map = lww_map<std::string, std::string>;
  auto alice = replica_with_id(2), bob = replica_with_id(1);
  std::size_t failed = 0;
  for (const std::size_t size : {0u, 1u, 2u, 8u, 14u, 256u}) {
    CAPTURE(size);
    map x, other;
    for (std::size_t i = 0; i < size; ++i) x.put(alice, key(i), key(i));
    for (std::size_t i = 0; i < size; ++i) other.put(bob, key(i + size / 2), key(i));
    failed += check_strong(x, [&](map& m) { return m.put(bob, key(1000), key(5)); });
    failed += check_strong(x, [&](map& m) { return m.put(alice, key(0), key(5)); });
    check_strong(x, [&](map& m) { return m.erase(alice, key(0)); });
    failed += check_merge(x, other);
    failed += check_merge(other, x);
  }
  CHECK(failed > 100);
}

TEST_CASE("out of memory: g_counter") {
  std::vector<replica> writers;
  for (std::uint64_t i = 0; i < 40; ++i) writers.push_back(replica_with_id(i * 17 % 41));
  g_counter x, other;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < writers.size(); ++i) {
    failed += check_strong(x, [&](g_counter& c) { return c.increment(writers[i]); });
    if (i % 2 == 0) x.increment(writers[i]);
    if (i % 3 == 0) other.increment(writers[i], 5);
    failed += check_merge(x, other);
  }
  CHECK(failed > 10);
}

TEST_CASE("out of memory: counters that go down") {
  std::vector<replica> writers;
  for (std::uint64_t i = 0; i < 40; ++i) writers.push_back(replica_with_id(i * 17 % 41));
  pn_counter p, q;
  bounded_counter x, other;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < writers.size(); ++i) {
    failed += check_strong(p, [&](pn_counter& c) { return c.decrement(writers[i]); });
    if (i % 2 == 0) p.increment(writers[i]);
    if (i % 3 == 0) q.decrement(writers[i], 5);
    failed += check_merge(p, q);
    if (i % 2 == 0) x.increment(writers[i], 5);
    if (i % 2 == 0) x.transfer(writers[i], writers[i + 1].id(), 3);
    failed += check_strong(x, [&](bounded_counter& c) { return c.increment(writers[i]); });
    failed += check_strong(x, [&](bounded_counter& c) { return c.decrement(writers[i], 2); });
    failed +=
        check_strong(x, [&](bounded_counter& c) { return c.transfer(writers[i], writers[20].id(), 1); });
    if (i % 3 == 0) other.increment(writers[i], 9);
    failed += check_merge(x, other);
  }
  CHECK(failed > 10);
  INFO(failed);
}

TEST_CASE("out of memory: a merge that cuts runs of a nested counter") {
  using map = or_map<std::string, resettable_counter>;
  auto alice = replica_with_id(2), bob = replica_with_id(1);
  map x;
  std::size_t failed = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const auto three = [&](auto& c) { return c.increment(alice, 3); };
    x.update(alice, key(i), three);
    const auto more = x.update(alice, key(i), three);
    x.update(alice, key(i), three);
    auto gone = more;
    gone.erase(bob, key(i));
    CAPTURE(i);
    failed += check_merge(x, gone);
    x.update(bob, key(i), [&](auto& c) { return c.decrement(bob, 2); });
    failed += check_merge(gone, x);
  }
  CHECK(failed > 10);
}

TEST_CASE("out of memory: causal_context") {
  std::size_t failed = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    crdt_test::choices choose(seed);
    causal_context x;
    for (int i = 0; i < 12; ++i) {
      const replica_id by{choose.below(3)};
      const auto lo = 1 + choose.below(30);
      const interval added{lo, lo + choose.below(4)};
      const auto before = x;
      failed += fail_at_every_allocation([&] { x.insert(by, added); }, [&] { REQUIRE(x == before); });
      CHECK(x.contains({by, added.hi}));
    }
  }
  CHECK(failed > 50);
}

namespace {

// A key whose copy can fail; moving it cannot.
struct heavy {
  int value = 0;
  static inline int copies_left = -1;

  heavy() = default;
  heavy(int v) : value(v) {}
  heavy(const heavy& other) : value(other.value) { copying(); }
  heavy(heavy&&) noexcept = default;
  heavy& operator=(const heavy& other) {
    copying();
    value = other.value;
    return *this;
  }
  heavy& operator=(heavy&&) noexcept = default;

  static void copying() {
    if (copies_left > 0 && --copies_left == 0) throw std::runtime_error("too heavy");
  }
  friend auto operator<=>(const heavy&, const heavy&) = default;
  friend std::size_t hash_value(const heavy& h) { return static_cast<std::size_t>(h.value); }
};

template <class T, class Mutate>
int check_copies(T& x, Mutate mutate) {
  for (int failing = 1;; ++failing) {
    const T before = x;
    heavy::copies_left = failing;
    try {
      mutate(x);
      heavy::copies_left = -1;
      return failing - 1;
    } catch (const std::runtime_error&) {
      heavy::copies_left = -1;
    }
    REQUIRE(x == before);
  }
}

}  // namespace

TEST_CASE("an element that cannot be copied leaves the state as it was") {
  auto alice = replica_with_id(1), bob = replica_with_id(2);
  int failed = 0;
  or_set<heavy> set, other;
  lww_map<heavy, heavy> map;
  for (int i = 0; i < 20; ++i) {
    failed += check_copies(set, [&](auto& s) { s.add(alice, i % 15); });
    other.add(bob, i);
    failed += check_copies(map, [&](auto& m) { m.put(alice, i % 15, i); });
  }
  for (int failing = 1; failing <= 20; ++failing) {  // each time one element comes further
    heavy::copies_left = failing;
    if (failing < 20) CHECK_THROWS_AS(or_set<heavy>(set).merge(other), std::runtime_error);
    heavy::copies_left = failing;
    try {
      set.merge(other);
    } catch (const std::runtime_error&) {
    }
    heavy::copies_left = -1;
    REQUIRE(crdt_test::below_or_equal(set, joined(set, other)));
  }
  set.merge(other);
  CHECK(set.size() == 20);
  CHECK(failed > 40);
}
