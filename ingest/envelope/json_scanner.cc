#include "ingest/envelope/json_scanner.h"

namespace dsnwatch::ingest {
namespace {

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

}  // namespace

bool JsonScanner::read_other_value(JsonValue& out) {
  const char first = peek();
  const char* begin = p_;
  out.escaped = false;
  if (first == '{' || first == '[') {
    if (!skip_container()) return false;
    out.kind = first == '{' ? JsonKind::kObject : JsonKind::kArray;
  } else {
    while (p_ < end_ && *p_ != ',' && *p_ != '}' && *p_ != ']' && !is_space(*p_)) {
      const char c = *p_;
      const bool plausible = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' ||
                             c == '-' || c == '+';
      if (!plausible) return false;
      ++p_;
    }
    if (p_ == begin) return false;
    out.kind = first == '-' || (first >= '0' && first <= '9') ? JsonKind::kNumber : JsonKind::kWord;
  }
  out.text = {begin, static_cast<std::size_t>(p_ - begin)};
  return true;
}

bool JsonScanner::skip_container() {
  JsonValue ignored;
  std::size_t depth = 0;
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
