#include "exporters/events/json_text.h"

#include <array>
#include <cstddef>

namespace dsnwatch::exporters {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Characters that stand for themselves.
constexpr std::array<bool, 256> plain_bytes() {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7f; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}

constexpr std::array<bool, 256> kPlain = plain_bytes();

/// The length of the valid UTF-8 sequence of two to four bytes that `text` begins with, or 0: no overlong form, no
/// surrogate, nothing above U+10FFFF.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  if (first == 0xe0 && byte(1) < 0xa0) return 0;
  if (first == 0xed && byte(1) > 0x9f) return 0;
  if (first == 0xf0 && byte(1) < 0x90) return 0;
  if (first == 0xf4 && byte(1) > 0x8f) return 0;
  return length;
}

void append_escaped(char c, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[c & 15];
  }
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t begin = 0, at = 0;
  const auto flush = [&] { out.append(text, begin, at - begin); };
  while (at < text.size()) {
    const auto c = static_cast<unsigned char>(text[at]);
    if (kPlain[c]) {
      ++at;
      continue;
    }
    if (const std::size_t length = c >= 0x80 ? sequence_length(text.substr(at)) : 0; length != 0) {
      at += length;
      continue;
    }
    flush();
    if (c >= 0x80)
      out += kReplacement;
    else
      append_escaped(text[at], out);
    begin = ++at;
  }
  flush();
  out += '"';
}

}  // namespace dsnwatch::exporters
