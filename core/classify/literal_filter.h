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
    // Bytes behind the end are seen as zeros, here for the places near it and never for the others.
    if (filter_.empty()) return;
    char tail[kBlock + 2 * kLongest] = {};  // At most kBlock + kLongest - 2 places are left, each read kLongest wide.
    const std::size_t whole = text.size() < kLongest ? 0 : text.size() - kLongest + 1;
    std::size_t at = 0;
    for (; at + kBlock <= whole; at += kBlock) scan_block(text.data() + at, kBlock, text.size(), at, found);
    std::memcpy(tail, text.data() + at, text.size() - at);
    scan_block(tail, text.size() - at, text.size(), at, found);
  }

  std::size_t table_bytes() const;

 private:
  static constexpr std::size_t kBlock = 60;
  static constexpr std::uint32_t kNone = 0xffffffff;
  static constexpr std::uint32_t kThreeBytes = 0x00ffffff;
  static constexpr std::uint32_t kAllBits = 0xffffffff;
  static constexpr std::uint32_t kMultiplier = 2654435761U;  // Knuth's multiplicative hash
  static constexpr unsigned kFilterBits = 13;

  static std::uint32_t load(const char* bytes) {
    std::uint32_t word;
    std::memcpy(&word, bytes, sizeof word);
    if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
    return word;
  }
  // Three bytes choose a word of the filter, the fourth a bit of it.
  static std::uint32_t filter_word(std::uint32_t gram) {
    return (gram & kThreeBytes) * kMultiplier >> (32 - kFilterBits);
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

  // The places `bytes` to `bytes + count`, of which the first is the text's `at`.
  template <class Found>
  void scan_block(const char* bytes, std::size_t count, std::size_t size, std::size_t at, Found& found) const {
    const std::uint32_t* const filter = filter_.data();
    std::uint64_t hits = 0;
    for (std::size_t i = count; i-- > 0;) {
      const std::uint32_t gram = load(bytes + i);
      hits = hits << 1 | (filter[filter_word(gram)] >> (gram >> 24 & 31U) & 1U);
    }
    for (; hits != 0; hits &= hits - 1) {
      const auto i = static_cast<std::size_t>(std::countr_zero(hits));
      const std::uint32_t gram = load(bytes + i);
      if (filter[filter_word(gram)] == kAllBits) {
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
