#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

namespace dsnwatch::core {

template <class Word>
Word load_word(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

template <class Word>
bool same_word(const char* a, const char* b) {
  return load_word<Word>(a) == load_word<Word>(b);
}

/// As memcmp() == 0, without a call: for the short texts that are compared once or more per line.
inline bool same_bytes(const char* a, const char* b, std::size_t length) {
  if (length >= 8) {
    std::size_t at = 0;
    for (; at + 8 < length; at += 8) {
      if (!same_word<std::uint64_t>(a + at, b + at)) return false;
    }
    return same_word<std::uint64_t>(a + length - 8, b + length - 8);
  }
  if (length >= 4) return same_word<std::uint32_t>(a, b) && same_word<std::uint32_t>(a + length - 4, b + length - 4);
  if (length >= 2) return same_word<std::uint16_t>(a, b) && same_word<std::uint16_t>(a + length - 2, b + length - 2);
  return length == 0 || *a == *b;
}

inline bool same_text(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_bytes(a.data(), b.data(), a.size());
}

/// As text.starts_with(head), without a call.
inline bool begins_with(std::string_view text, std::string_view head) {
  return text.size() >= head.size() && same_bytes(text.data(), head.data(), head.size());
}

/// So many bytes of two texts are compared at once by same_beginning().
inline constexpr std::size_t kPadding = 32;

/// Whether two texts of a length are the same in their first kPadding bytes, where so many of both may be read whatever
/// the length: a single comparison, where one for each length would be guessed wrongly by the processor.
inline bool same_beginning(const char* a, const char* b, std::size_t length) {
#ifdef __SSE2__
  const auto same = [&](std::size_t at) {
    const __m128i one = _mm_loadu_si128(reinterpret_cast<const __m128i*>(a + at));
    const __m128i two = _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + at));
    return std::uint64_t{static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(one, two)))};
  };
  const std::uint64_t differ = ~(same(0) | same(16) << 16);
  const std::uint64_t counts = (std::uint64_t{1} << (length < kPadding ? length : kPadding)) - 1;
  return (differ & counts) == 0;
#else
  return same_bytes(a, b, length < kPadding ? length : kPadding);
#endif
}

/// As same_bytes(), with a single comparison for nearly all texts; see same_beginning().
inline bool same_padded(const char* a, const char* b, std::size_t length) {
  if (!same_beginning(a, b, length)) return false;
  return length <= kPadding || same_bytes(a + kPadding, b + kPadding, length - kPadding);
}

/// For same_front(): the bits of eight bytes that do not count if only the first `length` do.
constexpr std::uint8_t ignored_bits(std::size_t length) {
  return length >= 8 ? 0 : static_cast<std::uint8_t>(64 - 8 * length);
}

/// Whether the first bytes of two words in memory are the same: a single comparison, whatever the length (not 0), where
/// one for each length would be guessed wrongly by the processor.
inline bool same_front(std::uint64_t a, std::uint64_t b, std::uint8_t ignored) {
  if constexpr (std::endian::native == std::endian::big) return (a ^ b) >> ignored == 0;
  return (a ^ b) << ignored == 0;
}

}  // namespace dsnwatch::core
