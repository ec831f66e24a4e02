// SPDX-License-Identifier: BSL-1.0
// A shop with a stock of 100 that five branches sell from, tested in a simulated cluster: no sockets, no
// threads, an hour of virtual time in a moment, and the same run for the same seed.
//
//     04_simulated_cluster [SEED]
#include <fmt/format.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <hearsay/crdt.hpp>
#include <hearsay/sim.hpp>
#include <random>
#include <stdexcept>

using namespace std::chrono_literals;
using stock = hearsay::bounded_counter;

constexpr std::size_t branches = 5;

// What the program under test does: sell one if this branch has the right to, else do without.
bool sell(hearsay::sim::cluster& shop, std::size_t branch) {
  bool sold = false;
  shop[branch].update(
      shop[branch].open<stock>("stock"),
      [&](stock& left, hearsay::replica& me) {
        sold = left.rights(me.id()) != 0;
        return sold ? left.decrement(me, 1) : stock();
      },
      shop.now());
  return sold;
}

int main(int argc, char** argv) {
  const std::uint64_t seed = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1;
  std::mt19937_64 random(seed);
  hearsay::sim::cluster shop(seed, {.latency_max = 80ms, .loss = 0.2, .duplicate = 0.1});
  shop.add(hearsay::sim::full(branches));

  // The first branch gets the stock, and gives every other one its share.
  shop[0].update(
      shop[0].open<stock>("stock"),
      [&](stock& left, hearsay::replica& me) {
        stock delta = left.increment(me, 100);
        for (std::size_t i = 1; i < branches; ++i) delta.merge(left.transfer(me, shop[i].self().id(), 20));
        return delta;
      },
      shop.now());
  shop.run_for(10s);

  // An hour of customers, while the network breaks and heals.
  std::size_t sold = 0, refused = 0;
  for (int minute = 0; minute < 60; ++minute) {
    if (minute % 7 == 0) shop.cut({random() % branches, random() % branches});
    if (minute % 7 == 4) shop.heal();
    for (int customer = 0; customer < 2; ++customer) {
      ++(sell(shop, random() % branches) ? sold : refused);
      shop.run_for(30s);
    }
  }
  shop.heal();
  const bool equal = shop.run_until(shop.now() + 60s, [&] { return shop.equal(); });

  const auto left = shop[0].open<stock>("stock")->read([](const stock& s) { return s.value(); });
  fmt::print("seed {}: {} sold, {} refused, {} left, the branches are {}\n", seed, sold, refused, left,
             equal ? "equal" : "not equal");
  return equal && sold + left == 100 ? 0 : 1;
}
