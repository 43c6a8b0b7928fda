#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "core/same_bytes.h"
#include "ingest/envelope/byte_scan.h"

namespace dsnwatch::ingest {

enum class JsonKind : std::uint8_t { kNone, kString, kNumber, kWord, kArray, kObject };

/// What numbers, true, false and null are made of.
inline bool is_json_word_byte(char c) {
  static constexpr std::array<bool, 256> kWordBytes = [] {
    std::array<bool, 256> table{};
    for (unsigned char byte : std::string_view("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-+"))
      table[byte] = true;
    return table;
  }();
  return kWordBytes[static_cast<unsigned char>(c)];
}

/// Of what begins so.
inline JsonKind json_word_kind(char first) {
  return first == '-' || (first >= '0' && first <= '9') ? JsonKind::kNumber : JsonKind::kWord;
}

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
    if (end_ - p_ < static_cast<std::ptrdiff_t>(core::kPadding)) return take_same({literal, size});
    if (!core::same_padded(p_, literal, size)) return false;
    p_ += size;
    return true;
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
    while ((p_ = find_any(p_, end_, '"', '\\')) != end_) {
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

  bool read_other_value(JsonValue& out);

  const char* p_;
  const char* end_;
};

}  // namespace dsnwatch::ingest
