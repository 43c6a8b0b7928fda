#include "ingest/envelope/json_text.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#include "ingest/envelope/json_scanner.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr std::uint32_t kBadByteFirst = 0xE080, kBadByteLast = 0xE0FF, kBadByteBase = 0xE000;

constexpr std::uint32_t kNoDigits = 0x10000;

/// What a hexadecimal digit means; -1: it is none.
constexpr std::array<std::int8_t, 256> hexadecimal_digits() {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::int8_t i = 0; i < 16; ++i) {
    table[static_cast<unsigned char>("0123456789abcdef"[i])] = i;
    table[static_cast<unsigned char>("0123456789ABCDEF"[i])] = i;
  }
  return table;
}
constexpr std::array<std::int8_t, 256> kDigits = hexadecimal_digits();

/// Four hexadecimal digits at `p`, or at least kNoDigits.
std::uint32_t four_digits(const char* p, const char* end) {
  if (end - p < 4) return kNoDigits;
  // Of what is no digit all higher bits are set, wherever it stands.
  const auto digit = [&](int at) { return static_cast<std::uint32_t>(kDigits[static_cast<unsigned char>(p[at])]); };
  return digit(0) << 12 | digit(1) << 8 | digit(2) << 4 | digit(3);
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
  if (first >= kNoDigits) {
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

/// What the letter behind a backslash means.
constexpr std::array<char, 256> escaped_letters() {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = static_cast<char>(i);
  table['n'] = '\n';
  table['t'] = '\t';
  table['r'] = '\r';
  table['b'] = '\b';
  table['f'] = '\f';
  return table;
}
constexpr std::array<char, 256> kEscapedLetters = escaped_letters();

#if defined(__SSE2__)
/// Fewer than 16 bytes, without a call.
void copy_few(const char* from, std::size_t size, char* to) {
  const auto copy = [&](std::size_t at, std::size_t bytes) { std::memcpy(to + at, from + at, bytes); };
  if (size >= 8) {
    copy(0, 8);
    copy(size - 8, 8);
  } else if (size >= 4) {
    copy(0, 4);
    copy(size - 4, 4);
  } else if (size > 0) {
    copy(0, 1);
    copy(size / 2, 1);
    copy(size - 1, 1);
  }
}
#endif

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
      const unsigned escapes =
          static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\')))) >> (16 - left);
      const std::size_t plain = escapes == 0 ? left : static_cast<std::size_t>(std::countr_zero(escapes));
      copy_few(p, plain, out);
      p += plain;
      out += plain;
      if (escapes == 0) break;
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
      *out++ = kEscapedLetters[static_cast<unsigned char>(letter)];
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
