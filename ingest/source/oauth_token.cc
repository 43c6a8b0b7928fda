#include "ingest/source/oauth_token.h"

#include <simdjson.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <cstddef>
#include <fstream>
#include <optional>
#include <system_error>

namespace dsnwatch::ingest {
namespace {

constexpr std::size_t kMostBytes = 64u << 10;
constexpr double kLastSecond = 253'402'300'799;  // Of the year 9999.

/// Alphabet of RFC 4648 section 5, without padding.
int sextet_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

std::optional<std::string> decode_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const int sextet = sextet_of(c);
    if (sextet < 0) return std::nullopt;
    held = held << 6 | static_cast<std::uint32_t>(sextet);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(held >> bits & 0xff);
  }
  return bytes;
}

/// What is between the two dots: header.payload.signature, the last one empty where the token is not signed.
std::optional<std::string_view> payload_of(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (first == 0 || second == token.npos || token.find('.', second + 1) != token.npos) return std::nullopt;
  for (const std::string_view part : {token.substr(0, first), token.substr(second + 1)}) {
    if (!decode_base64url(part)) return std::nullopt;
  }
  return token.substr(first + 1, second - first - 1);
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

}  // namespace

core::Result<OAuthToken> parse_oauth_token(std::string_view text, std::int64_t now_ms) {
  text = trimmed(text);
  if (text.empty()) return core::fail("no token");
  if (text.size() > kMostBytes) return core::fail("too long for a token");
  const auto payload = payload_of(text);
  const auto json = payload ? decode_base64url(*payload) : std::nullopt;
  simdjson::dom::parser parser;
  simdjson::dom::object claims;
  if (!json || parser.parse(simdjson::padded_string(*json)).get(claims) != simdjson::SUCCESS) {
    return core::fail("no JWT (header.payload.signature)");
  }
  double expires = 0;  // Whole seconds most often, but RFC 7519 allows fractions.
  if (claims["exp"].get(expires) != simdjson::SUCCESS) return core::fail("a JWT without \"exp\"");
  if (!(expires > 0 && expires < kLastSecond)) return core::fail("a JWT whose \"exp\" is no time");
  OAuthToken token{std::string(text), "dsnwatch", static_cast<std::int64_t>(std::floor(expires * 1000))};
  if (token.expires_ms <= now_ms) {
    return core::fail("a token that expired " + std::to_string((now_ms - token.expires_ms) / 1000) + " s ago");
  }
  std::string_view subject;
  if (claims["sub"].get(subject) == simdjson::SUCCESS && !subject.empty()) token.principal = subject;
  return token;
}

core::Result<OAuthToken> read_oauth_token(const std::string& path, std::int64_t now_ms) {
  std::ifstream in(path, std::ios::binary);
  std::string text(kMostBytes + 16, '\0');
  if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!in && !in.eof()) return core::fail("can't read " + path + ": " + std::generic_category().message(errno));
  text.resize(static_cast<std::size_t>(in.gcount()));
  auto token = parse_oauth_token(text, now_ms);
  if (!token) return core::fail(path + " holds " + token.error().message);
  return token;
}

}  // namespace dsnwatch::ingest
