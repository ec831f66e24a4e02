// SPDX-License-Identifier: BSL-1.0
//
// A data type of your own, and whether it merges: a shopping cart, the test of its laws, and the same cart
// with a mistake, which comes back as the smallest history that shows it.
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <hearsay/crdt.hpp>
#include <hearsay/laws.hpp>
#include <iostream>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace {

/// What one replica did with one article. Both numbers only grow, so of two states of a tally each number's
/// larger one is the later.
struct tally {
  static constexpr std::string_view cart_name = "cart";

  std::uint64_t put_in = 0, taken_out = 0;

  std::int64_t items() const { return static_cast<std::int64_t>(put_in - taken_out); }
  void put() { ++put_in; }
  void take() { ++taken_out; }
  void merge(const tally& other) {
    put_in = std::max(put_in, other.put_in);
    taken_out = std::max(taken_out, other.taken_out);
  }

  bool operator==(const tally&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(put_in, taken_out);
  }
};

/// The mistake: one number that goes up and down. The larger of two is not the later.
struct balance {
  static constexpr std::string_view cart_name = "broken_cart";

  std::int64_t number = 0;

  std::int64_t items() const { return number; }
  void put() { ++number; }
  void take() { --number; }
  void merge(const balance& other) { number = std::max(number, other.number); }

  bool operator==(const balance&) const = default;

  template <class Archive>
  void serialize(Archive& archive) {
    archive(number);
  }
};

/// A shopping cart that several devices share. A default-constructed one is empty, a mutator takes the
/// writing replica and returns the delta, and merge takes states and deltas alike.
template <class Count>
class cart {
 public:
  static constexpr std::string_view crdt_name = Count::cart_name;

  cart put(hearsay::replica& me, const std::string& article) {
    auto& mine = counts_[{article, me.id()}];
    mine.put();
    return {article, me, mine};
  }

  cart take(hearsay::replica& me, const std::string& article) {
    if (!items().contains(article)) return {};  // nothing to do, so nothing to send
    auto& mine = counts_[{article, me.id()}];
    mine.take();
    return {article, me, mine};
  }

  /// How many there are of which article.
  std::map<std::string, std::int64_t> items() const {
    std::map<std::string, std::int64_t> sums;
    for (const auto& [key, count] : counts_) sums[key.first] += count.items();
    std::erase_if(sums, [](const auto& sum) { return sum.second <= 0; });
    return sums;
  }

  void merge(const cart& other) {
    for (const auto& [key, count] : other.counts_) counts_[key].merge(count);
  }

  bool operator==(const cart&) const = default;
  friend std::ostream& operator<<(std::ostream& out, const cart& c) {
    return out << fmt::format("{}", c.items());
  }

  template <class Archive>
  void serialize(Archive& archive) {
    archive(counts_);
  }

  cart() = default;

 private:
  cart(const std::string& article, const hearsay::replica& by, const Count& count)
      : counts_{{{article, by.id()}, count}} {}

  std::map<std::pair<std::string, hearsay::replica_id>, Count> counts_;
};

}  // namespace

// How to draw one random mutation: all that the laws have to be told about a type.
template <class Count>
struct hearsay::laws::mutate<cart<Count>> {
  static cart<Count> apply(cart<Count>& x, replica& me, source& c) {
    const bool takes = c.flip();
    const auto article = c.item<std::string>();
    c.note("{}({})", takes ? "take" : "put", article);  // what the report calls this step
    return takes ? x.take(me, article) : x.put(me, article);
  }
};

int main() {
  const auto good = hearsay::laws::check<cart<tally>>();
  const auto broken = hearsay::laws::check<cart<balance>>();
  std::cout << good << '\n' << broken << '\n';

  const bool as_it_should_be = good.holds() && !broken.holds();
  std::cout << (as_it_should_be ? "The cart merges, and the mistake was found.\n" : "This is not right.\n");
  return as_it_should_be ? 0 : 1;
}
