#pragma once

#include <cstdint>
#include <string>

namespace dsnwatch::daemon {

/// "2026-11-23T21:53:07Z" (RFC 3339) of microseconds since the epoch; empty for core::kNoTime.
std::string rfc3339_utc(std::int64_t time_us);

/// "2026-11-23 21:53", for people.
std::string minute_utc(std::int64_t time_us);

}  // namespace dsnwatch::daemon
