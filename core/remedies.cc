#include "core/remedies.h"

#include <arpa/inet.h>

#include <array>
#include <string>

namespace dsnwatch::core {
namespace {

std::string reversed_ipv4(const in_addr& address) {
  const auto* octets = reinterpret_cast<const unsigned char*>(&address);
  std::string out;
  for (int i = 3; i >= 0; --i) {
    out += std::to_string(octets[i]);
    if (i > 0) out += '.';
  }
  return out;
}

std::string reversed_ipv6(const in6_addr& address) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (int i = 15; i >= 0; --i) {
    const unsigned char octet = address.s6_addr[i];
    out += kDigits[octet & 0xf];
    out += '.';
    out += kDigits[octet >> 4];
    if (i > 0) out += '.';
  }
  return out;
}

struct Placeholder {
  std::string_view name;
  std::string_view otherwise;  // printed when the value is not known
};
constexpr std::array<Placeholder, 5> kPlaceholders = {{
    {"{ip}", "IP"},
    {"{reversed_ip}", "REVERSED-IP"},
    {"{domain}", "DOMAIN"},
    {"{list_zone}", "LIST-ZONE"},
    {"{form}", "the postmaster page of the provider"},
}};

}  // namespace

std::string reversed_ip(std::string_view ip) {
  const std::string text(ip);
  in_addr v4{};
  if (inet_pton(AF_INET, text.c_str(), &v4) == 1) return reversed_ipv4(v4);
  in6_addr v6{};
  if (inet_pton(AF_INET6, text.c_str(), &v6) == 1) return reversed_ipv6(v6);
  return {};
}

std::string filled(std::string_view text, const RemedyValues& values) {
  const std::string reversed = reversed_ip(values.ip);
  const std::array<std::string_view, kPlaceholders.size()> known = {values.ip, reversed, values.domain,
                                                                    values.list_zone, values.form};
  std::string out;
  out.reserve(text.size() + 64);
  while (!text.empty()) {
    std::size_t taken = 0;
    for (std::size_t i = 0; i < kPlaceholders.size() && taken == 0; ++i) {
      if (!text.starts_with(kPlaceholders[i].name)) continue;
      out += known[i].empty() ? kPlaceholders[i].otherwise : known[i];
      taken = kPlaceholders[i].name.size();
    }
    if (taken == 0) {
      out += text.front();
      taken = 1;
    }
    text.remove_prefix(taken);
  }
  return out;
}

}  // namespace dsnwatch::core
