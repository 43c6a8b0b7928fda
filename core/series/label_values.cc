#include "core/series/label_values.h"

#include <arpa/inet.h>
#include <idn2.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "core/address.h"
#include "core/series/series_key.h"

namespace dsnwatch::core {
namespace {

constexpr std::size_t kMaxDomain = 253;  // RFC 1035 section 2.3.4, without the final dot.
constexpr std::size_t kMaxLabel = 63;
constexpr std::size_t kMaxStream = 128;
// More than any name in UTF-8 that can become 253 octets of A-labels; keeps libidn2 off absurd input.
constexpr std::size_t kMaxUnicodeDomain = 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_domain_character(char c) {
  return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_';
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

bool valid_label(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabel && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), is_domain_character);
}

/// Of lower-case text without a final dot. A last label of digits only is no domain but a mistyped address.
bool valid_domain(std::string_view domain) {
  if (domain.empty() || domain.size() > kMaxDomain) return false;
  std::string_view label;
  for (std::size_t at = 0; at <= domain.size(); at += label.size() + 1) {
    label = domain.substr(at, domain.find('.', at) - at);
    if (!valid_label(label)) return false;
  }
  return !std::all_of(label.begin(), label.end(), is_digit);
}

/// Writes the A-labels of a name in UTF-8 (IDNA 2008 with the mapping of UTS 46, as browsers do).
bool to_a_labels(std::string_view text, std::string& out) {
  if (text.size() > kMaxUnicodeDomain) return false;
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return false;
  char* ascii = nullptr;
  const int status = idn2_to_ascii_8z(terminated.c_str(), &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT);
  const std::unique_ptr<char, void (*)(void*)> owned(ascii, idn2_free);
  if (status != IDN2_OK) return false;
  out.assign(ascii);
  return true;
}

bool normalise_literal(std::string_view inside, std::string& out) {
  constexpr std::string_view kTag = "ipv6:";
  const bool tagged = inside.size() > kTag.size() && std::equal(kTag.begin(), kTag.end(), inside.begin(),
                                                                [](char a, char b) { return a == lower(b); });
  if (!normalise_ip(tagged ? inside.substr(kTag.size()) : inside, out)) return false;
  out.insert(0, out.find(':') != std::string::npos ? "[IPv6:" : "[");
  out.push_back(']');
  return true;
}

bool is_mapped(const IpBytes& ip) {
  static constexpr std::uint8_t kPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::memcmp(ip.data(), kPrefix, sizeof kPrefix) == 0;
}

void print_ip(const IpBytes& ip, std::string& out) {
  char text[INET6_ADDRSTRLEN] = {};
  if (is_mapped(ip)) {
    inet_ntop(AF_INET, ip.data() + 12, text, sizeof text);
  } else {
    inet_ntop(AF_INET6, ip.data(), text, sizeof text);
  }
  out.assign(text);
}

/// Length of the UTF-8 sequence at the start of `text` (RFC 3629), 0 if it is none.
std::size_t utf8_sequence(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < length) return 0;
  for (std::size_t at = 1; at < length; ++at) {
    if ((byte(at) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (first == 0xe0 && second < 0xa0) || (first == 0xf0 && second < 0x90);
  const bool surrogate = first == 0xed && second > 0x9f;
  const bool beyond = first == 0xf4 && second > 0x8f;
  return overlong || surrogate || beyond ? 0 : length;
}

}  // namespace

bool normalise_domain(std::string_view text, std::string& out) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return normalise_literal(text.substr(1, text.size() - 2), out);
  }
  if (!text.empty() && text.back() == '.') text.remove_suffix(1);
  const bool ascii = std::all_of(text.begin(), text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
  if (ascii) {
    if (text.size() > kMaxDomain) return false;
    out.assign(text);
  } else {
    if (!to_a_labels(text, out)) return false;
    if (!out.empty() && out.back() == '.') out.pop_back();  // Of a final U+3002, which maps to a dot.
  }
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return valid_domain(out);
}

bool normalise_address_domain(std::string_view address, std::string& out) {
  return normalise_domain(domain_of(address), out);
}

std::optional<IpBytes> parse_ip(std::string_view text) {
  char terminated[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof terminated) return std::nullopt;
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  if (std::memchr(terminated, '\0', text.size()) != nullptr) return std::nullopt;
  IpBytes ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (inet_pton(AF_INET, terminated, ip.data() + 12) == 1) return ip;
  if (inet_pton(AF_INET6, terminated, ip.data()) == 1) return ip;
  return std::nullopt;
}

bool normalise_ip(std::string_view text, std::string& out) {
  const auto ip = parse_ip(text);
  if (!ip) return false;
  print_ip(*ip, out);
  return true;
}

bool normalise_client_ip(std::string_view text, std::string& out) {
  auto ip = parse_ip(text);
  if (!ip) return false;
  const bool network = !is_mapped(*ip);
  if (network) std::fill(ip->begin() + 8, ip->end(), std::uint8_t{0});
  print_ip(*ip, out);
  if (network) out += "/64";
  return true;
}

bool normalise_host(std::string_view text, std::string& out) {
  return normalise_ip(text, out) || normalise_domain(text, out);
}

bool normalise_stream(std::string_view text, std::string& out) {
  if (text.size() > kMaxStream) return false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = utf8_sequence(text.substr(at));
    const auto first = static_cast<unsigned char>(text[at]);
    // C0, DEL and C1 (U+0080 … U+009F) are control characters.
    const bool control = first < 0x20 || first == 0x7f ||
                         (first == 0xc2 && length == 2 && static_cast<unsigned char>(text[at + 1]) < 0xa0);
    if (length == 0 || control) return false;
    at += length;
  }
  out.assign(text);
  return !out.empty();
}

bool is_public(const IpBytes& ip) {
  if (is_mapped(ip)) {
    const unsigned a = ip[12], b = ip[13];
    return a != 0 && a != 10 && a != 127 && a < 224 && !(a == 100 && b >= 64 && b < 128) && !(a == 169 && b == 254) &&
           !(a == 172 && b >= 16 && b < 32) && !(a == 192 && b == 168);
  }
  // Global unicast is 2000::/3 (RFC 4291 section 2.4); ULA, link-local, loopback and multicast lie outside.
  return (ip[0] & 0xe0) == 0x20;
}

std::uint32_t status_label(EnhancedStatus status, std::uint16_t smtp_code, AttemptResult result) {
  if (status.klass != 4 && status.klass != 5) {
    const unsigned digit = smtp_code / 100u;
    const unsigned klass = digit == 4 || digit == 5 ? digit : result == AttemptResult::kDeferred ? 4 : 5;
    return klass * 1'000'000;
  }
  if (is_known_status(status)) return status.packed();
  return status.klass == 5 ? SeriesKey::kOtherPermanent : SeriesKey::kOtherTransient;
}

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      out += "\\n";
    } else {
      if (c == '\\' || c == '"') out.push_back('\\');
      out.push_back(c);
    }
  }
}

}  // namespace dsnwatch::core
