#pragma once

#include <algorithm>
#include <array>
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
  static constexpr std::size_t kBlock = 64;  ///< Places that are looked at together.

  LiteralFilter() = default;
  /// Distinct literals of 1 to kLongest bytes.
  explicit LiteralFilter(std::span<const std::string> literals);

  /// Where a literal stands: its index in the list and the place behind its last byte.
  struct Occurrence {
    std::uint32_t literal, end;
  };

  /// Calls found() with all occurrences, as spans of some each. They are gathered first, because then the processor
  /// fetches what one of them needs while it waits for what another does.
  template <class Found>
  void scan(std::string_view text, Found found) const {
    if (filter_.empty()) return;
    Gathered gathered;
    const std::size_t whole = text.size() < kLongest ? 0 : text.size() - kLongest + 1;
    std::size_t at = 0;
    for (; at + kBlock <= whole; at += kBlock) {
      found(gather(hits(text.data() + at, kBlock), text.data() + at, text.size(), at, gathered));
    }
    // Bytes behind the end are seen as zeros, here for the places near it and never for the others.
    char tail[2 * kBlock + kLongest] = {};
    const std::size_t left = text.size() - at;  // less than kBlock + kLongest
    std::memcpy(tail, text.data() + at, left);
    for (std::size_t i = 0; i < left; i += kBlock) {
      const std::size_t places = std::min(left - i, kBlock);
      const std::uint64_t valid = ~std::uint64_t{0} >> (kBlock - places);
      found(gather(hits(tail + i, places) & valid, tail + i, text.size(), at + i, gathered));
    }
  }

  /// A span is of one block of places, at each of which a literal of each length may stand.
  static constexpr std::size_t kMostTogether = kBlock * kLongest;

  /// For each of the first `places` of kBlock a bit: whether a literal may begin there; those of the others are open.
  /// kBlock + kLongest - 1 bytes may be read.
  std::uint64_t hits(const char* bytes, std::size_t places) const;
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

  using Gathered = std::array<Occurrence, kMostTogether>;

  // Looks the places of the bits up: bit 0 stands for `bytes`, the text's place `at`.
  std::span<const Occurrence> gather(std::uint64_t hits, const char* bytes, std::size_t size, std::size_t at,
                                     Gathered& found) const;

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
