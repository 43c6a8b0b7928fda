#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "core/providers.h"

namespace dsnwatch::core {
namespace {

constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // ::ffff:0:0/96 (RFC 4291)

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  IpAddress address;
  address.v4 = inet_pton(AF_INET, buffer, address.bytes + 12) == 1;
  if (address.v4) {
    std::memcpy(address.bytes, kMapped, sizeof kMapped);
    return address;
  }
  return inet_pton(AF_INET6, buffer, address.bytes) == 1 ? std::optional(address) : std::nullopt;
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) {
    return fail("\"" + std::string(text) + "\" is no IP network; write it like 192.0.2.0/24 or 2001:db8::/32");
  }
  IpNetwork network{*address, 0};
  const int bits = address->v4 ? 32 : 128;
  int prefix = bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (digits.empty() || problem != std::errc() || end != digits.data() + digits.size() || prefix < 0 ||
        prefix > bits) {
      return fail("\"" + std::string(text) + "\": the prefix length must be 0 to " + std::to_string(bits));
    }
  }
  network.prefix = address->v4 ? prefix + 96 : prefix;
  return network;
}

bool IpNetwork::contains(const IpAddress& ip) const {
  const int whole = prefix / 8;
  if (std::memcmp(address.bytes, ip.bytes, static_cast<std::size_t>(whole)) != 0) return false;
  if (prefix % 8 == 0) return true;
  const int mask = 0xff << (8 - prefix % 8);
  return (address.bytes[whole] & mask) == (ip.bytes[whole] & mask);
}

bool IpNetwork::contains(std::string_view ip) const {
  const auto parsed = IpAddress::parse(ip);
  return parsed && contains(*parsed);
}

std::vector<IpNetwork> default_internal_networks() {
  std::vector<IpNetwork> networks;
  for (const char* text : {"127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "::1/128",
                           "fc00::/7", "fe80::/10"}) {
    networks.push_back(*IpNetwork::parse(text));
  }
  return networks;
}

}  // namespace dsnwatch::core
