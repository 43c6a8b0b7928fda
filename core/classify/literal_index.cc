#include "core/classify/literal_index.h"

#include <algorithm>
#include <bit>

namespace dsnwatch::core {

template <class Gram>
GramTable<Gram>::GramTable(std::vector<Entry> entries) : entries_(std::move(entries)) {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) { return a.gram < b.gram; });
  slots_.resize(std::bit_ceil(2 * entries_.size() + 1));
  mask_ = slots_.size() - 1;
  for (std::uint32_t begin = 0, end = 0; begin < entries_.size(); begin = end) {
    const Gram gram = entries_[begin].gram;
    while (end < entries_.size() && entries_[end].gram == gram) ++end;
    may_begin_.set(mix(gram) >> (64 - kBits));
    std::size_t slot = mix(gram) & mask_;
    while (slots_[slot].end != 0) slot = (slot + 1) & mask_;
    slots_[slot] = {gram, begin, end};
  }
}

LiteralIndex::LiteralIndex(std::span<const std::string> literals, const LiteralRarity& rarity) {
  std::vector<GramTable<std::uint64_t>::Entry> of_eight;
  std::vector<GramTable<std::uint32_t>::Entry> of_four;
  std::vector<GramTable<std::uint8_t>::Entry> of_one;
  for (std::uint32_t i = 0; i < literals.size(); ++i) {
    const std::string& literal = literals[i];
    const auto place = static_cast<std::uint32_t>(bytes_.size());
    bytes_ += literal;
    const auto add = [&](auto table, auto& entries) {
      using Table = decltype(table);
      const std::string_view piece = rarity.rarest_piece(literal, sizeof(typename Table::Entry{}.gram));
      entries.push_back({i, place, static_cast<std::uint16_t>(literal.size()),
                         static_cast<std::uint16_t>(piece.data() - literal.data()), Table::load(piece.data())});
    };
    if (literal.size() >= sizeof(std::uint64_t)) {
      add(GramTable<std::uint64_t>(), of_eight);
    } else if (literal.size() >= sizeof(std::uint32_t)) {
      add(GramTable<std::uint32_t>(), of_four);
    } else {
      add(GramTable<std::uint8_t>(), of_one);
    }
  }
  has_short_ = !of_one.empty();
  long_ = GramTable<std::uint64_t>(std::move(of_eight));
  middle_ = GramTable<std::uint32_t>(std::move(of_four));
  short_ = GramTable<std::uint8_t>(std::move(of_one));
}

}  // namespace dsnwatch::core
