#include "ingest/envelope/json_scanner.h"

#include <array>

namespace dsnwatch::ingest {
namespace {

/// What numbers, true, false and null are made of.
constexpr std::array<bool, 256> word_bytes() {
  std::array<bool, 256> table{};
  for (unsigned char c : std::string_view("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-+"))
    table[c] = true;
  return table;
}
constexpr std::array<bool, 256> kWordBytes = word_bytes();

/// The next quote or bracket of either kind, or `end`.
const char* find_structure(const char* p, const char* end) {
#if defined(__SSE2__)
  // The brackets differ from the braces by the bit 0x20 only.
  const __m128i bit = _mm_set1_epi8(0x20), quote = _mm_set1_epi8('"');
  const __m128i open = _mm_set1_epi8('{'), close = _mm_set1_epi8('}');
  for (; end - p >= 16; p += 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i folded = _mm_or_si128(bytes, bit);
    const __m128i brackets = _mm_or_si128(_mm_cmpeq_epi8(folded, open), _mm_cmpeq_epi8(folded, close));
    const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(brackets, _mm_cmpeq_epi8(bytes, quote))));
    if (hits != 0) return p + std::countr_zero(hits);
  }
#endif
  while (p < end && *p != '"' && *p != '{' && *p != '}' && *p != '[' && *p != ']') ++p;
  return p;
}

#if defined(__SSE2__)
/// Where quotes, backslashes and brackets stand in 64 bytes, a bit each.
struct StructureMasks {
  explicit StructureMasks(const char* p) {
    const __m128i bit = _mm_set1_epi8(0x20);
    for (int i = 0; i < 4; ++i) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + i * 16));
      const __m128i folded = _mm_or_si128(bytes, bit);
      const auto add = [&](__m128i of, char wanted, std::uint64_t& mask) {
        const auto hits = static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(of, _mm_set1_epi8(wanted))));
        mask |= std::uint64_t{hits} << (i * 16);
      };
      add(bytes, '"', quotes);
      add(bytes, '\\', backslashes);
      add(folded, '{', opens);
      add(folded, '}', closes);
    }
  }

  /// Takes out the quotes behind a backslash that is not itself escaped; `escaped` goes from block to block.
  void drop_escaped(bool& escaped) {
    if (backslashes == 0 && !escaped) return;
    std::uint64_t behind = escaped ? 1 : 0;
    std::uint64_t left = backslashes & ~behind;
    escaped = false;
    while (left != 0) {
      const int at = std::countr_zero(left);
      if (at == 63) {
        escaped = true;
        break;
      }
      behind |= std::uint64_t{2} << at;
      left &= ~(std::uint64_t{3} << at);
    }
    quotes &= ~behind;
  }

  std::uint64_t quotes = 0, backslashes = 0, opens = 0, closes = 0;
};

/// Each bit becomes the parity of the bits up to it: those within strings are set.
std::uint64_t prefix_xor(std::uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}
#endif

}  // namespace

bool JsonScanner::read_other_value(JsonValue& out) {
  const char first = peek();
  const char* begin = p_;
  out.escaped = false;
  if (first == '{' || first == '[') {
    if (!skip_container()) return false;
    out.kind = first == '{' ? JsonKind::kObject : JsonKind::kArray;
  } else {
    while (p_ < end_ && kWordBytes[static_cast<unsigned char>(*p_)]) ++p_;
    if (p_ == begin) return false;  // What stands behind is for the caller to judge.
    out.kind = first == '-' || (first >= '0' && first <= '9') ? JsonKind::kNumber : JsonKind::kWord;
  }
  out.text = {begin, static_cast<std::size_t>(p_ - begin)};
  return true;
}

bool JsonScanner::skip_container() {
  std::size_t depth = 0;
#if defined(__SSE2__)
  bool in_string = false, escaped = false;
  for (; end_ - p_ >= 64; p_ += 64) {
    StructureMasks masks(p_);
    masks.drop_escaped(escaped);
    const std::uint64_t strings = prefix_xor(masks.quotes) ^ (in_string ? ~std::uint64_t{0} : 0);
    in_string = strings >> 63 != 0;
    for (std::uint64_t left = (masks.opens | masks.closes) & ~strings; left != 0; left &= left - 1) {
      const int at = std::countr_zero(left);
      if ((masks.opens >> at & 1) != 0) {
        ++depth;
      } else if (--depth == 0) {
        p_ += at + 1;
        return true;
      }
    }
  }
  if (escaped && p_ < end_) ++p_;
  JsonValue rest;
  if (in_string && !read_string_rest(rest)) return false;
#endif
  return skip_slowly(depth);
}

/// Until as many brackets are closed as are open.
bool JsonScanner::skip_slowly(std::size_t depth) {
  JsonValue ignored;
  do {
    p_ = find_structure(p_, end_);
    if (p_ == end_) return false;
    switch (*p_) {
      case '"':
        if (!read_string(ignored)) return false;
        break;
      case '{':
      case '[':
        ++depth;
        ++p_;
        break;
      default:
        --depth;
        ++p_;
        break;
    }
  } while (depth > 0);
  return true;
}

}  // namespace dsnwatch::ingest
