// SPDX-License-Identifier: BSL-1.0

// Why the first component of a lexicographic pair has to be a chain: where it only says so, updates get lost.
#include <algorithm>
#include <array>
#include <concepts>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "hearsay/laws/types/g_set.hpp"
#include "hearsay/laws/types/lexicographic.hpp"
#include "tests/broken/caught.hpp"

namespace {

using hearsay::replica;
using hearsay::laws::source;
using strings = std::set<std::string>;

/// A grow-only set that says it is a chain.
struct no_chain {
  static constexpr bool is_chain = true;
  strings items;

  no_chain add(const std::string& item) { return items.insert(item).second ? no_chain{{item}} : no_chain{}; }
  void merge(const no_chain& other) { items.insert(other.items.begin(), other.items.end()); }

  friend bool operator==(const no_chain&, const no_chain&) = default;
  fmt::appender print(fmt::appender out) const {
    return fmt::format_to(out, "{{{}}}", fmt::join(items, ", "));
  }
  template <class Archive>
  void serialize(Archive& archive) {
    archive(items);
  }
};

using twin = hearsay::lexicographic<no_chain, hearsay::g_set<std::string>>;

}  // namespace

template <>
struct hearsay::laws::mutate<no_chain> {
  static no_chain apply(no_chain& x, replica&, source& c) {
    const auto item = c.item<std::string>();
    c.note("add({})", item);
    return x.add(item);
  }
};

/// What is meant: an update stays until somebody has advanced over what it was made under.
template <>
struct hearsay::laws::model<twin> {
  struct op {
    bool advances;
    std::string item;
  };

  static op draw(source& c) {
    const bool advances = c.weighted(std::array<std::uint64_t, 2>{5, 2}) != 0;
    return {advances, c.item<std::string>()};
  }

  static std::pair<strings, strings> expected(std::span<const issued<op>> all, const operation_set& seen) {
    std::vector<strings> brings(all.size()),
        stands(all.size());  // as first component: told, and at the writer
    const auto first = [&](const operation_set& some) {
      strings out;
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (some.test(i)) out.insert(brings[i].begin(), brings[i].end());
      }
      return out;
    };
    for (std::size_t i = 0; i < all.size(); ++i) {
      stands[i] = brings[i] = first(all[i].saw);
      if (!all[i].what.advances) continue;
      brings[i] = {all[i].what.item};
      stands[i].insert(all[i].what.item);
    }
    strings elements;
    for (std::size_t i = 0; i < all.size(); ++i) {
      bool over = false;
      for (std::size_t j = 0; j < all.size(); ++j) {
        over =
            over || (seen.test(j) && stands[j] != stands[i] && std::ranges::includes(stands[j], stands[i]));
      }
      if (seen.test(i) && !all[i].what.advances && !over) elements.insert(all[i].what.item);
    }
    return {first(seen), elements};
  }

  static std::pair<strings, strings> value(const twin& x) {
    return {x.first().items, {x.second().begin(), x.second().end()}};
  }
};

TEST_CASE("model: a lexicographic pair whose first component is no chain") {
  caught<twin>("model", 4);
  // It is a lattice all the same, and all replicas agree on the loss.
  CHECK(broken_laws(hearsay::laws::check<twin>({.cases = 1500})) == std::vector<std::string>{"model"});
}
