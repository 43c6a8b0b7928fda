#include "ingest/envelope/json_text.h"

#include <bit>
#include <cstdint>
#include <cstring>

#include "ingest/envelope/json_scanner.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr std::uint32_t kBadByteFirst = 0xE080, kBadByteLast = 0xE0FF, kBadByteBase = 0xE000;

/// Four hexadecimal digits at `p`, or a number above 0xFFFF.
std::uint32_t four_digits(const char* p, const char* end) {
  constexpr std::uint32_t kNone = 0x10000;
  if (end - p < 4) return kNone;
  std::uint32_t value = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = p[i];
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9')
      value = value * 16 + static_cast<std::uint32_t>(c - '0');
    else if (lower >= 'a' && lower <= 'f')
      value = value * 16 + static_cast<std::uint32_t>(lower - 'a' + 10);
    else
      return kNone;
  }
  return value;
}

char* put_letter(std::uint32_t letter, char* out) {
  const auto put = [&](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (letter < 0x80) {
    put(letter);
  } else if (letter < 0x800) {
    put(0xC0 | letter >> 6);
    put(0x80 | (letter & 0x3F));
  } else if (letter < 0x10000) {
    put(0xE0 | letter >> 12);
    put(0x80 | (letter >> 6 & 0x3F));
    put(0x80 | (letter & 0x3F));
  } else {
    put(0xF0 | letter >> 18);
    put(0x80 | (letter >> 12 & 0x3F));
    put(0x80 | (letter >> 6 & 0x3F));
    put(0x80 | (letter & 0x3F));
  }
  return out;
}

/// `p` stands behind "\u" and is moved behind the escape, and behind that of a pair's second half.
char* put_unicode_escape(const char*& p, const char* end, char* out) {
  const std::uint32_t first = four_digits(p, end);
  if (first > 0xFFFF) {
    *out++ = 'u';
    return out;
  }
  p += 4;
  if (first >= kBadByteFirst && first <= kBadByteLast) {
    *out++ = static_cast<char>(first - kBadByteBase);
    return out;
  }
  if (first < 0xD800 || first > 0xDFFF) return put_letter(first, out);
  if (first < 0xDC00 && end - p >= 6 && p[0] == '\\' && p[1] == 'u') {
    const std::uint32_t second = four_digits(p + 2, end);
    if (second >= 0xDC00 && second <= 0xDFFF) {
      p += 6;
      return put_letter(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), out);
    }
  }
  return put_letter(kReplacement, out);
}

char meaning_of(char escape) {
  switch (escape) {
    case 'n':
      return '\n';
    case 't':
      return '\t';
    case 'r':
      return '\r';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    default:
      return escape;
  }
}

}  // namespace

std::size_t decode_json_text(std::string_view raw, char* out) {
  const char* p = raw.data();
  const char* const end = p + raw.size();
  char* const begin = out;
  while (p < end) {
#if defined(__SSE2__)
    if (end - p >= 16) {
      // There is room: what is left of the text is never longer decoded.
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(out), bytes);
      const auto escapes = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
      const int plain = escapes == 0 ? 16 : std::countr_zero(escapes);
      p += plain;
      out += plain;
      if (escapes == 0) continue;
    } else if (const auto left = static_cast<std::size_t>(end - p); raw.size() >= 16) {
      // The rest, together with bytes before it.
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(end - 16));
      const auto escapes = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))));
      if (escapes >> (16 - left) == 0) {
        std::memcpy(out, p, left);
        out += left;
        break;
      }
    }
#endif
    if (*p != '\\') {
      *out++ = *p++;
      continue;
    }
    if (end - p < 2) break;
    const char letter = p[1];
    p += 2;
    if (letter == 'u')
      out = put_unicode_escape(p, end, out);
    else
      *out++ = meaning_of(letter);
  }
  return static_cast<std::size_t>(out - begin);
}

bool decode_byte_array(std::string_view array, char* out, std::size_t& size) {
  JsonScanner scanner(array);
  char* const begin = out;
  const bool whole = scanner.read_array([&] {
    JsonValue number;
    if (!scanner.read_value(number) || number.kind != JsonKind::kNumber || number.text.size() > 3) return false;
    unsigned value = 0;
    for (const char c : number.text) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + static_cast<unsigned>(c - '0');
    }
    if (value > 0xFF) return false;
    *out++ = static_cast<char>(value);
    return true;
  });
  size = static_cast<std::size_t>(out - begin);
  return whole && size > 0;
}

}  // namespace dsnwatch::ingest
