#pragma once

#include <cstdint>
#include <string>

#include "core/result.h"

namespace dsnwatch::daemon {

/// Reads what --since and --until say, as microseconds since the epoch:
///   2026-11-23, 2026-11-23 21:53, 2026-11-23T21:53:07 (in `timezone`, an IANA name; empty: the system's),
///   2026-11-23T21:53:07Z, 2026-11-23T21:53:07+01:00 (RFC 3339), 90m, 24h, 7d (before `now_us`).
core::Result<std::int64_t> parse_moment(const std::string& text, const std::string& timezone, std::int64_t now_us);

}  // namespace dsnwatch::daemon
