#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace dsnwatch::daemon {

/// "90s", "5m", "1h30m", "250ms", "2d"; "0" needs no unit. Nothing for anything else or what does not fit.
std::optional<core::MonotonicMs> parse_duration(std::string_view text);
std::string format_duration(core::MonotonicMs milliseconds);

/// "32MiB", "512KiB", "1GiB", or a number of bytes.
std::optional<std::uint64_t> parse_size(std::string_view text);
std::string format_size(std::uint64_t bytes);

/// A whole number without a sign.
std::optional<std::uint64_t> parse_number(std::string_view text);

}  // namespace dsnwatch::daemon
