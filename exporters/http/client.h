#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/result.h"

namespace dsnwatch::exporters {

struct Fetched {
  unsigned status = 0;
  std::string body;  ///< At most 64 KiB: a longer answer is an error.
};

/// One GET from a server that `listen` names as its --listen does (all interfaces: asked on loopback). Blocks for at
/// most `timeout`, and for as long as a host name takes to be looked up. Fails if there is no answer, and says why.
core::Result<Fetched> http_get(std::string_view listen, std::string_view path, std::chrono::milliseconds timeout);

}  // namespace dsnwatch::exporters
