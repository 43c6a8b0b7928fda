#include "core/classify/literal_filter.h"

#include <utility>

namespace dsnwatch::core {

void LiteralFilter::Grams::build(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& literals) {
  // At most half full: what is not there is found out at the first slot.
  const unsigned bits = static_cast<unsigned>(std::bit_width(literals.size() * 2 + 1));
  slots_.assign(std::size_t{1} << bits, {});
  shift_ = 32 - bits;
  mask_ = (std::uint32_t{1} << bits) - 1;
  for (const auto& [gram, literal] : literals) {
    std::uint32_t slot = gram * kMultiplier >> shift_;
    while (slots_[slot].literal != kNone) slot = (slot + 1) & mask_;
    slots_[slot] = {gram, literal};
  }
}

LiteralFilter::LiteralFilter(std::span<const std::string> literals) {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> fours, threes;
  filter_.resize(std::size_t{1} << kFilterBits);
  for (std::uint32_t number = 0; number < literals.size(); ++number) {
    const std::string& text = literals[number];
    char bytes[kLongest] = {};
    std::memcpy(bytes, text.data(), std::min(text.size(), kLongest));
    if (text.size() == kLongest) {
      fours.emplace_back(load(bytes), number);
      filter_[filter_word(load(bytes))] |= std::uint32_t{1} << (load(bytes) >> 24 & 31U);
    } else if (text.size() == 3) {
      threes.emplace_back(load(bytes), number);
      filter_[filter_word(load(bytes))] = kAllBits;
    } else {
      const std::uint32_t bits = static_cast<std::uint32_t>(text.size()) * 8;
      shorts_.push_back({load(bytes), (std::uint32_t{1} << bits) - 1, number, text.size()});
      for (std::uint32_t behind = 0; behind < std::uint32_t{1} << (24 - bits); ++behind) {
        filter_[filter_word(load(bytes) | behind << bits)] = kAllBits;
      }
    }
  }
  fours_.build(fours);
  threes_.build(threes);
}

std::size_t LiteralFilter::table_bytes() const {
  return filter_.size() * sizeof(std::uint32_t) + fours_.table_bytes() + threes_.table_bytes();
}

}  // namespace dsnwatch::core
