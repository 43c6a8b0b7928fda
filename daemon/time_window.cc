#include "daemon/time_window.h"

#include <string>
#include <utility>

#include "core/clock.h"
#include "daemon/report/moment.h"

namespace dsnwatch::daemon {

std::vector<OptionSpec> window_options() {
  return {{"since", "TIME", "count from this time on: 2026-11-23, \"2026-11-23 21:53\", RFC 3339, or 90m, 24h, 7d ago"},
          {"until", "TIME", "count what was before this time"}};
}

core::Result<TimeWindow> parse_window(const ParsedOptions& options) {
  TimeWindow window;
  const std::int64_t now = core::SystemClock().unix_us();
  for (auto [name, bound] : {std::pair("since", &window.since_us), std::pair("until", &window.until_us)}) {
    if (!options.has(name)) continue;
    auto moment = parse_moment(options.value(name), options.value("timezone"), now);
    if (!moment) return tl::unexpected(std::move(moment.error()).prefixed(std::string("--") + name));
    *bound = *moment;
  }
  return window;
}

}  // namespace dsnwatch::daemon
