#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dsnwatch::exporters {

inline constexpr std::string_view kDefaultListen = "127.0.0.1:25571";

/// Where the HTTP server listens, as the configuration and --listen spell it: "127.0.0.1:25571", "[::1]:0",
/// "localhost:25571", or ":25571" for all interfaces.
struct ListenAddress {
  std::string host;  ///< Without brackets; empty: all interfaces.
  std::uint16_t port = 0;
};
core::Result<ListenAddress> parse_listen_address(std::string_view text);

/// "127.0.0.1:25571" or "[::1]:25571".
std::string format_address(std::string_view host, std::uint16_t port);

}  // namespace dsnwatch::exporters
