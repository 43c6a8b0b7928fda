#pragma once

#include <bitset>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/classify/literal_rarity.h"

namespace dsnwatch::core {

/// The literals of at least sizeof(Gram) bytes: every place of a text is asked for the bytes that are the rarest of
/// some literal, in a table of bits that stays in the cache, and only where one begins are the literals compared.
template <class Gram>
class GramTable {
 public:
  struct Entry {
    std::uint32_t literal;
    std::uint32_t place;  // of its bytes
    std::uint16_t length;
    std::uint16_t offset;  // of the gram in it
    Gram gram;
  };

  GramTable() : slots_(1) {}
  explicit GramTable(std::vector<Entry> entries);

  /// Calls candidate(entry, at) for every entry whose gram is `gram`, which stands at `at`.
  template <class Candidate>
  void look_up(Gram gram, std::size_t at, Candidate& candidate) const {
    const std::uint64_t mixed = mix(gram);
    if (!may_begin_[mixed >> (64 - kBits)]) return;
    for (std::size_t slot = mixed & mask_; slots_[slot].end != 0; slot = (slot + 1) & mask_) {
      if (slots_[slot].gram != gram) continue;
      for (std::uint32_t i = slots_[slot].begin; i < slots_[slot].end; ++i) candidate(entries_[i], at);
      return;
    }
  }

  static Gram load(const char* bytes) {
    Gram gram;
    std::memcpy(&gram, bytes, sizeof gram);
    return gram;
  }

  std::size_t bytes() const { return sizeof(*this) + slots_.size() * sizeof(Slot) + entries_.size() * sizeof(Entry); }

 private:
  static constexpr unsigned kBits = 18;  // 32 KiB

  // The entries that share a gram; free where `end` is 0.
  struct Slot {
    Gram gram = 0;
    std::uint32_t begin = 0, end = 0;
  };

  // The highest bits choose the bit of the table, the lowest the slot.
  static std::uint64_t mix(Gram gram) {
    std::uint64_t mixed = std::uint64_t{gram} * 0x9e3779b97f4a7c15ULL;
    return mixed ^ mixed >> 29;
  }

  std::bitset<1U << kBits> may_begin_;
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
  std::vector<Entry> entries_;
};

/// Finds all of many literals in one pass over a text. An automaton of these thousands of literals has megabytes of
/// rows, and each byte of a reply missed the cache in them. A text costs at most its length times the literals that
/// share their rarest bytes, which is fixed when the index is built. Immutable; any thread.
class LiteralIndex {
 public:
  LiteralIndex() = default;
  /// None of the literals may be empty, none may stand there twice. `rarity` tells their rarest bytes.
  LiteralIndex(std::span<const std::string> literals, const LiteralRarity& rarity);

  /// Calls found(literal, end) for every occurrence: its index in the list and the place behind its last byte. The
  /// occurrences of one literal come in the order of the text.
  template <class Found>
  void scan(std::string_view text, Found found) const {
    const auto compare = [&](const auto& entry, std::size_t at) {
      if (at < entry.offset || text.size() - (at - entry.offset) < entry.length) return;
      const std::size_t start = at - entry.offset;
      if (same_bytes(text.data() + start, bytes_.data() + entry.place, entry.length)) {
        found(entry.literal, start + entry.length);
      }
    };
    std::size_t at = 0;
    for (; at + sizeof(std::uint64_t) <= text.size(); ++at) {
      long_.look_up(GramTable<std::uint64_t>::load(text.data() + at), at, compare);
      middle_.look_up(GramTable<std::uint32_t>::load(text.data() + at), at, compare);
    }
    for (; at + sizeof(std::uint32_t) <= text.size(); ++at) {
      middle_.look_up(GramTable<std::uint32_t>::load(text.data() + at), at, compare);
    }
    for (at = 0; has_short_ && at < text.size(); ++at) {
      short_.look_up(static_cast<std::uint8_t>(text[at]), at, compare);
    }
  }

  std::size_t table_bytes() const { return long_.bytes() + middle_.bytes() + short_.bytes() + bytes_.size(); }

 private:
  template <class Word>
  static bool same_word(const char* a, const char* b) {
    return GramTable<Word>::load(a) == GramTable<Word>::load(b);
  }

  // Literals have a dozen bytes: two words from either end cover most of them without a call.
  static bool same_bytes(const char* a, const char* b, std::size_t length) {
    if (length >= 8) {
      return same_word<std::uint64_t>(a, b) && same_word<std::uint64_t>(a + length - 8, b + length - 8) &&
             (length <= 16 || std::memcmp(a + 8, b + 8, length - 16) == 0);
    }
    if (length >= 4) return same_word<std::uint32_t>(a, b) && same_word<std::uint32_t>(a + length - 4, b + length - 4);
    return std::memcmp(a, b, length) == 0;
  }

  GramTable<std::uint64_t> long_;    // literals of eight bytes and more
  GramTable<std::uint32_t> middle_;  // of four to seven
  GramTable<std::uint8_t> short_;
  bool has_short_ = false;
  std::string bytes_;  // of all literals
};

}  // namespace dsnwatch::core
