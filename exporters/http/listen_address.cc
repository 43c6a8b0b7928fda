#include "exporters/http/listen_address.h"

#include <charconv>

namespace dsnwatch::exporters {
namespace {

tl::unexpected<core::Error> refuse(std::string_view text, std::string_view why) {
  return core::fail("\"" + std::string(text) + "\" is not an address to listen on: " + std::string(why) +
                    "; write HOST:PORT, as in 127.0.0.1:25571, [::1]:25571 or :25571 (all interfaces)");
}

}  // namespace

core::Result<ListenAddress> parse_listen_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return refuse(text, "it has no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
    if (host.find(':') == std::string_view::npos) return refuse(text, "only an IPv6 address goes in brackets");
  } else if (host.find_first_of(":[]") != std::string_view::npos) {
    return refuse(text, "an IPv6 address goes in brackets");
  }
  if (host.find_first_of(" \t/@") != std::string_view::npos) return refuse(text, "the host is not a name or an IP");

  ListenAddress address{std::string(host), 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc{} || end != port.data() + port.size()) {
    return refuse(text, "the port is not a number from 0 to 65535");
  }
  return address;
}

std::string format_address(std::string_view host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string_view::npos;
  return (ipv6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
}

}  // namespace dsnwatch::exporters
