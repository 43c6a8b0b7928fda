#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "ingest/envelope/byte_scan.h"

namespace dsnwatch::ingest {

enum class JsonKind : std::uint8_t { kNone, kString, kNumber, kWord, kArray, kObject };

/// A value as it stands in the bytes.
struct JsonValue {
  JsonKind kind = JsonKind::kNone;
  bool escaped = false;   ///< A string with a backslash: see decode_json_text().
  std::string_view text;  ///< Of a string what is between the quotes; of the others all of it, brackets included.
};

/// Walks one JSON text (RFC 8259) from left to right where it lies: no padding, no copy, any bytes within strings (log
/// shippers leave bytes that are no UTF-8). Every step returns false where the text is no JSON; the place is then of no
/// use. Numbers and words are taken as they come, brackets are not told apart while a value is skipped: what is read
/// here is judged by its texts, not by its numbers.
class JsonScanner {
 public:
  explicit JsonScanner(std::string_view text) : p_(text.data()), end_(text.data() + text.size()) {}

  const char* place() const { return p_; }
  std::string_view rest() const { return {p_, static_cast<std::size_t>(end_ - p_)}; }

  /// The next byte that is no white space, 0 at the end.
  char peek() {
    while (p_ < end_ && static_cast<unsigned char>(*p_) <= ' ' && is_space(*p_)) ++p_;
    return p_ < end_ ? *p_ : '\0';
  }

  bool take(char wanted) {
    if (peek() != wanted) return false;
    ++p_;
    return true;
  }

  /// Takes bytes that stand here exactly so; `size` is at most 32, and 32 bytes can be read at `literal`.
  bool take_bytes(const char* literal, std::size_t size) {
#if defined(__SSE2__)
    if (end_ - p_ < 32) return take_same({literal, size});
    const auto same = [&](std::ptrdiff_t at) {
      const __m128i ours = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p_ + at));
      const __m128i theirs = _mm_loadu_si128(reinterpret_cast<const __m128i*>(literal + at));
      return static_cast<std::uint64_t>(static_cast<unsigned>(_mm_movemask_epi8(_mm_cmpeq_epi8(ours, theirs))));
    };
    const std::uint64_t wanted = (std::uint64_t{1} << size) - 1;
    if (((same(0) | same(16) << 16) & wanted) != wanted) return false;
    p_ += size;
    return true;
#else
    return take_same({literal, size});
#endif
  }

  /// The same of any number of bytes.
  bool take_same(std::string_view bytes) {
    if (static_cast<std::size_t>(end_ - p_) < bytes.size() || std::memcmp(p_, bytes.data(), bytes.size()) != 0)
      return false;
    p_ += bytes.size();
    return true;
  }

  /// A string with its quotes.
  bool read_string(JsonValue& out) { return take('"') && read_string_rest(out); }

  /// A string behind its opening quote.
  bool read_string_rest(JsonValue& out) {
    out.kind = JsonKind::kString;
    out.escaped = false;
    const char* begin = p_;
    while ((p_ = find_string_end(p_, end_)) != end_) {
      if (*p_ == '"') {
        out.text = {begin, static_cast<std::size_t>(p_ - begin)};
        ++p_;
        return true;
      }
      out.escaped = true;
      if (end_ - p_ < 2) return false;
      p_ += 2;
    }
    return false;
  }

  /// Any value; arrays and objects are skipped as a whole.
  bool read_value(JsonValue& out) { return peek() == '"' ? read_string(out) : read_other_value(out); }

  /// After a member or an element: true with `more` set if a comma follows, true without it at `close`.
  bool take_separator(char close, bool& more) {
    const char next = peek();
    if (next != ',' && next != close) return false;
    ++p_;
    more = next == ',';
    return true;
  }

  /// The elements of an array, each of which `on_element` (bool()) must take.
  template <class OnElement>
  bool read_array(OnElement on_element) {
    if (!take('[')) return false;
    if (take(']')) return true;
    for (bool more = true; more;) {
      if (!on_element() || !take_separator(']', more)) return false;
    }
    return true;
  }

  /// The members of an object, the value of each of which `on_member` (bool(const JsonValue& key)) must take.
  template <class OnMember>
  bool read_object(OnMember on_member) {
    if (!take('{')) return false;
    if (take('}')) return true;
    for (bool more = true; more;) {
      JsonValue key;
      if (!read_string(key) || !take(':') || !on_member(key) || !take_separator('}', more)) return false;
    }
    return true;
  }

 private:
  static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

  /// The next quote or backslash, or `end`.
  static const char* find_string_end(const char* p, const char* end) {
#if defined(__SSE2__)
    const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    const auto hits_at = [&](const char* at) {
      const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      return static_cast<unsigned>(
          _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash))));
    };
    const bool long_enough = end - p >= 16;
    for (; end - p >= 16; p += 16) {
      const unsigned hits = hits_at(p);
      if (hits != 0) return p + std::countr_zero(hits);
    }
    if (long_enough) {  // The rest, together with bytes before it.
      const unsigned hits = hits_at(end - 16) >> (16 - (end - p));
      return hits != 0 ? p + std::countr_zero(hits) : end;
    }
#endif
    while (p < end && *p != '"' && *p != '\\') ++p;
    return p;
  }

  bool read_other_value(JsonValue& out);

  const char* p_;
  const char* end_;
};

}  // namespace dsnwatch::ingest
