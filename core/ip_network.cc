#include <arpa/inet.h>

#include <charconv>
#include <cstring>

#include "core/providers.h"

namespace dsnwatch::core {
namespace {

constexpr std::uint8_t kMapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};  // ::ffff:0:0/96 (RFC 4291)

/// Reads an address into 16 bytes, IPv4 as a mapped one; `v4` tells which. No allocation.
bool read_address(std::string_view text, std::uint8_t (&out)[16], bool& v4) {
  char buffer[INET6_ADDRSTRLEN];
  if (text.empty() || text.size() >= sizeof buffer) return false;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  v4 = inet_pton(AF_INET, buffer, out + 12) == 1;
  if (v4) {
    std::memcpy(out, kMapped, sizeof kMapped);
    return true;
  }
  return inet_pton(AF_INET6, buffer, out) == 1;
}

}  // namespace

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  IpNetwork network;
  bool v4 = false;
  if (!read_address(text.substr(0, slash), network.address, v4)) {
    return fail("\"" + std::string(text) + "\" is no IP network; write it like 192.0.2.0/24 or 2001:db8::/32");
  }
  const int bits = v4 ? 32 : 128;
  int prefix = bits;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
    if (digits.empty() || problem != std::errc() || end != digits.data() + digits.size() || prefix < 0 ||
        prefix > bits) {
      return fail("\"" + std::string(text) + "\": the prefix length must be 0 to " + std::to_string(bits));
    }
  }
  network.prefix = v4 ? prefix + 96 : prefix;
  return network;
}

bool IpNetwork::contains(std::string_view ip) const {
  std::uint8_t other[16] = {};
  bool v4 = false;
  if (!read_address(ip, other, v4)) return false;
  const int whole = prefix / 8;
  if (std::memcmp(address, other, static_cast<std::size_t>(whole)) != 0) return false;
  if (prefix % 8 == 0) return true;
  const int mask = 0xff << (8 - prefix % 8);
  return (address[whole] & mask) == (other[whole] & mask);
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
