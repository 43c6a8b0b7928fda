#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dsnwatch::core {

/// Finds all of many short literals in one pass over a text. A bit says of every four and of every three bytes whether
/// a literal may stand there; the look-ups do not wait for one another, as those of an automaton do, and the bits stay
/// in the nearest cache whatever the number of literals. Linear in the text. Immutable; any thread.
class LiteralFilter {
 public:
  static constexpr std::size_t kLongest = 4;

  LiteralFilter() = default;
  /// Distinct literals of 1 to kLongest bytes.
  explicit LiteralFilter(std::span<const std::string> literals);

  /// Calls found(literal, end) for every occurrence: its index in the list and the place behind its last byte.
  template <class Found>
  void scan(std::string_view text, Found found) const {
    if (filter_.empty()) return;
    const std::size_t whole = text.size() < kLongest ? 0 : text.size() - kLongest + 1;
    std::size_t at = 0;
    for (; at + kBlock <= whole; at += kBlock)
      look_up(hits(text.data() + at), text.data() + at, text.size(), at, found);
    // Bytes behind the end are seen as zeros, here for the places near it and never for the others.
    char tail[kBlock + 2 * kLongest] = {};
    const std::size_t left = text.size() - at;  // less than kBlock + kLongest
    std::memcpy(tail, text.data() + at, left);
    const std::uint64_t valid = left >= kBlock ? ~std::uint64_t{0} : (std::uint64_t{1} << left) - 1;
    look_up(hits(tail) & valid, tail, text.size(), at, found);
    for (std::size_t i = kBlock; i < left; ++i) look_up(hit(tail + i), tail + i, text.size(), at + i, found);
  }

  /// For each of kBlock places a bit: whether a literal may begin there. Reads kLongest - 1 bytes more.
  static constexpr std::size_t kBlock = 64;
  std::uint64_t hits(const char* bytes) const;
  /// The same place by place: what hits() is where the processor has no SSE2, and is tested against elsewhere.
  std::uint64_t hits_one_by_one(const char* bytes) const;

  std::size_t table_bytes() const;

 private:
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kThreeBytes = 0x00ffffff;
  static constexpr std::uint32_t kAllBits = 0xffffffff;
  static constexpr std::uint32_t kMultiplier = 2654435761U;  // Knuth's multiplicative hash

  static std::uint32_t load(const char* bytes) {
    std::uint32_t word;
    std::memcpy(&word, bytes, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
    return word;
  }
  // Three bytes choose a word of the filter, the fourth a bit of it. The two products are what SSE2 can do for four
  // grams at once.
  static constexpr unsigned kFilterBits = 13, kFilterShift = 10;
  static constexpr std::int16_t kFrontFactor = 0x6b4f, kThirdFactor = 0x5a1d;
  static std::uint32_t filter_word(std::uint32_t gram) {
    const std::int32_t front = static_cast<std::int16_t>(gram & 0xffff);
    const std::int32_t third = static_cast<std::int32_t>(gram >> 16 & 0xff);
    const auto mixed = static_cast<std::uint32_t>(front * kFrontFactor + third * kThirdFactor);
    return mixed >> kFilterShift & ((std::uint32_t{1} << kFilterBits) - 1);
  }
  std::uint64_t hit(const char* bytes) const {
    const std::uint32_t gram = load(bytes);
    return filter_[filter_word(gram)] >> (gram >> 24 & 31U) & 1U;
  }

  /// The literals of one length.
  class Grams {
   public:
    void build(const std::vector<std::pair<std::uint32_t, std::uint32_t>>& literals);  // gram, literal
    std::uint32_t find(std::uint32_t gram) const {
      for (std::uint32_t slot = gram * kMultiplier >> shift_;; slot = (slot + 1) & mask_) {
        if (slots_[slot].gram == gram) return slots_[slot].literal;
        if (slots_[slot].literal == kNone) return kNone;
      }
    }
    std::size_t table_bytes() const { return slots_.size() * sizeof(Slot); }

   private:
    struct Slot {
      std::uint32_t gram = 0, literal = kNone;
    };
    std::vector<Slot> slots_;
    std::uint32_t shift_ = 31, mask_ = 1;
  };

  // Looks the places of the bits up: bit 0 stands for `bytes`, the text's place `at`.
  template <class Found>
  void look_up(std::uint64_t hits, const char* bytes, std::size_t size, std::size_t at, Found& found) const {
    for (; hits != 0; hits &= hits - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(hits));
      const std::uint32_t gram = load(bytes + i);
      if (filter_[filter_word(gram)] == kAllBits) {
        const std::uint32_t three = threes_.find(gram & kThreeBytes);
        if (three != kNone && at + i + 3 <= size) found(three, at + i + 3);
        for (const Short& literal : shorts_) {
          if ((gram & literal.mask) == literal.gram && at + i + literal.size <= size) {
            found(literal.number, at + i + literal.size);
          }
        }
      }
      const std::uint32_t four = fours_.find(gram);
      if (four != kNone && at + i + 4 <= size) found(four, at + i + 4);
    }
  }

  struct Short {  // of one or two bytes
    std::uint32_t gram, mask, number;
    std::size_t size;
  };

  // By filter_word(): a bit for each fourth byte that a literal may have there; all of them for a shorter one. One of
  // two bytes has 256 of these words: few rules have such a guard.
  std::vector<std::uint32_t> filter_;
  Grams fours_, threes_;
  std::vector<Short> shorts_;
};

}  // namespace dsnwatch::core
