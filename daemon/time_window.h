#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "core/result.h"
#include "daemon/commands/options.h"

namespace dsnwatch::daemon {

/// Attempts from `since` on and before `until` (microseconds since the epoch) count.
struct TimeWindow {
  std::int64_t since_us = std::numeric_limits<std::int64_t>::min();
  std::int64_t until_us = std::numeric_limits<std::int64_t>::max();

  /// An attempt without a time counts only where nothing was asked for.
  bool contains(std::int64_t time_us) const { return time_us >= since_us && time_us < until_us; }
};

/// --since, --until.
std::vector<OptionSpec> window_options();

/// What these options say; times that name no zone are in --timezone.
core::Result<TimeWindow> parse_window(const ParsedOptions& options);

}  // namespace dsnwatch::daemon
