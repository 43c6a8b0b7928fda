#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace dsnwatch::ingest {

namespace queue_id_detail {

enum : std::uint8_t { kShort = 1, kLong = 2 };

constexpr std::array<std::uint8_t, 256> classes() {
  std::array<std::uint8_t, 256> table{};
  for (unsigned char c : std::string_view("0123456789ABCDEF")) table[c] |= kShort;
  for (unsigned char c : std::string_view("0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz")) table[c] |= kLong;
  return table;
}

inline constexpr std::array<std::uint8_t, 256> kClasses = classes();
inline constexpr std::size_t kShortest = 5, kLongest = 32;

inline std::uint8_t class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

/// Character by character, whatever the kind.
[[gnu::noinline]] inline std::size_t any_id_length(std::string_view text) {
  std::uint8_t kinds = kShort | kLong;
  const std::size_t limit = text.size() < kLongest ? text.size() : kLongest;
  std::size_t size = 0;
  while (size < limit) {
    kinds &= class_of(text[size]);
    if (kinds == 0) break;
    ++size;
  }
  if (size < kShortest || size + 1 >= text.size() || text[size] != ':' || text[size + 1] != ' ') return 0;
  return size;
}

/// False for most words, of which the first or second letter can't stand in an id.
inline bool may_begin_id(const char* text) {
  static_assert(kShortest == 5);
  return (class_of(text[0]) & class_of(text[1]) & class_of(text[2]) & class_of(text[3]) & class_of(text[4])) != 0;
}

#if defined(__SSE2__)
/// The length of a short id of at most 14 characters and the colon behind it at the head of 16 bytes, or 0.
inline std::size_t short_id_length(const char* text) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  const auto between = [&](char first, char last) {  // both ASCII: bytes from 0x80 on are negative here
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(static_cast<char>(first - 1))),
                         _mm_cmplt_epi8(bytes, _mm_set1_epi8(static_cast<char>(last + 1))));
  };
  const auto hexadecimal = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(between('0', '9'), between('A', 'F'))));
  const auto size = static_cast<std::size_t>(std::countr_one(hexadecimal));
  return size < 15 && text[size] == ':' ? size : 0;
}
#endif

}  // namespace queue_id_detail

/// The length of the queue id that `text` begins with and that ": " ends, or 0. Short ids are upper-case hexadecimal,
/// long ones (enable_long_queue_ids) have no vowels, so no English word ("warning: ") passes for one
/// (Postfix src/global/mail_queue.h).
inline std::size_t postfix_queue_id_length(std::string_view text) {
  namespace detail = queue_id_detail;
#if defined(__SSE2__)
  // Most ids are short ones: read at once, not byte by byte.
  if (text.size() >= 16) {
    const std::size_t size = detail::short_id_length(text.data());
    if (size >= detail::kShortest) return text[size + 1] == ' ' ? size : 0;
    if (!detail::may_begin_id(text.data())) return 0;
  }
#endif
  return detail::any_id_length(text);
}

}  // namespace dsnwatch::ingest
