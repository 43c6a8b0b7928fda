#include "ingest/format/text_cursor.h"

#include <array>
#include <bit>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace dsnwatch::ingest {

namespace {

enum : std::uint8_t { kHexDigit = 1, kSeparator = 2, kZone = 4, kEndsHost = 8 };

constexpr std::array<std::uint8_t, 256> kClasses = [] {
  std::array<std::uint8_t, 256> classes{};
  for (const char c : std::string_view("0123456789abcdefABCDEF")) classes[static_cast<unsigned char>(c)] = kHexDigit;
  classes['.'] = classes[':'] = kSeparator;
  classes['%'] = kZone;
  classes['['] = classes[' '] = classes[','] = kEndsHost;
  return classes;
}();

std::uint8_t class_of(char c) {
  return kClasses[static_cast<unsigned char>(c)];
}

/// Up to the first "[", blank or comma.
std::size_t host_length(std::string_view text) {
  std::size_t at = 0;
#if defined(__SSE2__)
  const __m128i bracket = _mm_set1_epi8('['), blank = _mm_set1_epi8(' '), comma = _mm_set1_epi8(',');
  for (; text.size() - at >= 16; at += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i ends = _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, bracket), _mm_cmpeq_epi8(bytes, blank)),
                                      _mm_cmpeq_epi8(bytes, comma));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(ends));
    if (hits != 0) return at + static_cast<std::size_t>(std::countr_zero(hits));
  }
#endif
  while (at < text.size() && class_of(text[at]) != kEndsHost) ++at;
  return at;
}

/// True if the `size` bytes in front of `end`, at most 15 (but 16 can be read), are digits and dots, both of them:
/// nearly every address.
bool is_dotted(const char* end, std::size_t size) {
#if defined(__SSE2__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16));
  const __m128i dots = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('.'));
  const __m128i digits =  // bytes from 0x80 on are negative here
      _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)), _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
  const auto dotted = static_cast<unsigned>(_mm_movemask_epi8(dots)) >> (16 - size);
  const auto numbers = static_cast<unsigned>(_mm_movemask_epi8(digits)) >> (16 - size);
  return dotted != 0 && (numbers | dotted) == (1U << size) - 1;
#else
  return static_cast<void>(end), static_cast<void>(size), false;
#endif
}

}  // namespace

bool looks_like_ip(std::string_view text) {
  if (text.empty() || text.size() > 64) return false;
  std::uint8_t seen = 0;
  for (const char c : text) {
    const std::uint8_t kind = class_of(c);
    if ((kind & (kHexDigit | kSeparator)) == 0) {
      return kind == kZone && (seen & kSeparator) != 0;  // the zone id of a link-local address may hold anything
    }
    seen |= kind;
  }
  return (seen & kSeparator) != 0;
}

bool take_peer(TextCursor& cursor, Peer& peer) {
  // Bounded, so that a line made of openings without an end costs no more than its length.
  constexpr std::size_t kLongest = 512;
  const std::string_view text = cursor.rest().substr(0, kLongest);
  const std::size_t open = host_length(text);
  if (open == text.size() || text[open] != '[') return false;
  const char* const bracket = find_near(text.data() + open, text.data() + text.size(), ']');
  if (bracket == nullptr) return false;
  const auto close = static_cast<std::size_t>(bracket - text.data());
  const std::string_view inside = text.substr(open + 1, close - open - 1);
  peer.host = text.substr(0, open);
  const bool readable = inside.size() < 16 && close >= 16;
  const bool ip = (readable && is_dotted(bracket, inside.size())) || looks_like_ip(inside);
  peer.ip = ip ? inside : std::string_view();
  peer.socket = !ip && inside.find('/') != std::string_view::npos;
  cursor.skip(close + 1);
  return true;
}

std::uint16_t reply_code(std::string_view text) {
  if (text.size() < 3 || text[0] < '2' || text[0] > '5') return 0;
  for (std::size_t i = 1; i < 3; ++i)
    if (text[i] < '0' || text[i] > '9') return 0;
  if (text.size() > 3 && text[3] != ' ' && text[3] != '-') return 0;
  return static_cast<std::uint16_t>((text[0] - '0') * 100 + (text[1] - '0') * 10 + (text[2] - '0'));
}

}  // namespace dsnwatch::ingest
