#include "core/classify/literal_filter.h"

#include <utility>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace dsnwatch::core {

void LiteralFilter::Grams::build(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& literals) {
  // At most a quarter full: what is there and what is not is found out at the first slot.
  const unsigned bits = static_cast<unsigned>(std::bit_width(literals.size() * 4 + 1));
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

std::uint64_t LiteralFilter::hits_one_by_one(const char* bytes) const {
  std::uint64_t hits = 0;
  for (std::size_t i = kBlock; i-- > 0;) hits = hits << 1 | hit(bytes + i);
  return hits;
}

#ifdef __SSE2__

std::uint64_t LiteralFilter::hits(const char* bytes, std::size_t places) const {
  constexpr std::size_t kVector = 16;
  const std::uint32_t* const filter = filter_.data();
  const __m128i three_bytes = _mm_set1_epi32(kThreeBytes);
  const __m128i factors = _mm_set1_epi32(kThirdFactor << 16 | kFrontFactor);
  const __m128i mask = _mm_set1_epi32((1 << kFilterBits) - 1);
  std::uint64_t hits = 0;
  for (std::size_t block = (places + kVector - 1) / kVector * kVector; block > 0;) {
    block -= kVector;
    // Of the vector read at `first` come the grams that begin there and every four bytes behind.
    alignas(kVector) std::uint32_t words[4][4];
    for (std::size_t first = 0; first < 4; ++first) {
      const __m128i grams = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + block + first));
      const __m128i mixed = _mm_madd_epi16(_mm_and_si128(grams, three_bytes), factors);
      _mm_store_si128(reinterpret_cast<__m128i*>(words[first]),
                      _mm_and_si128(_mm_srli_epi32(mixed, kFilterShift), mask));
    }
    const char* const fourths = bytes + block + 3;
#pragma GCC unroll 16
    for (std::size_t i = kVector; i-- > 0;) {
      hits = hits << 1 | (filter[words[i % 4][i / 4]] >> (fourths[i] & 31) & 1U);
    }
  }
  return hits;
}

#else

std::uint64_t LiteralFilter::hits(const char* bytes, [[maybe_unused]] std::size_t places) const {
  return hits_one_by_one(bytes);
}

#endif

std::span<const LiteralFilter::Occurrence> LiteralFilter::gather(std::uint64_t hits, const char* bytes,
                                                                 std::size_t size, std::size_t at,
                                                                 Gathered& found) const {
  std::size_t count = 0;
  const auto add = [&](std::uint32_t literal, std::size_t end) {
    found[count] = {literal, static_cast<std::uint32_t>(end)};
    count += literal != kNone && end <= size ? 1 : 0;
  };
  for (; hits != 0; hits &= hits - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(hits));
    const std::uint32_t gram = load(bytes + i);
    if (filter_[filter_word(gram)] == kAllBits) {
      add(threes_.find(gram & kThreeBytes), at + i + 3);
      for (const Short& literal : shorts_) {
        if ((gram & literal.mask) == literal.gram) add(literal.number, at + i + literal.size);
      }
    }
    add(fours_.find(gram), at + i + 4);
  }
  return {found.data(), count};
}

std::size_t LiteralFilter::table_bytes() const {
  return filter_.size() * sizeof(std::uint32_t) + fours_.table_bytes() + threes_.table_bytes();
}

}  // namespace dsnwatch::core
