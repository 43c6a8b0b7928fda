#include "ingest/format/text_cursor.h"

#include <array>

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
  std::size_t open = 0;
  while (open < text.size() && class_of(text[open]) != kEndsHost) ++open;
  if (open == text.size() || text[open] != '[') return false;
  const char* const bracket = find_near(text.data() + open, text.data() + text.size(), ']');
  if (bracket == nullptr) return false;
  const auto close = static_cast<std::size_t>(bracket - text.data());
  const std::string_view inside = text.substr(open + 1, close - open - 1);
  peer.host = text.substr(0, open);
  const bool ip = looks_like_ip(inside);
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
