#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace dsnwatch::daemon {

/// Exit statuses (design section 6).
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;  ///< Failed while running.
inline constexpr int kExitUsage = 2;   ///< Wrong usage or configuration.

using Arguments = std::vector<std::string>;

/// One subcommand each; `args` begins behind the subcommand's name. The result is the exit status.
int report_command(const Arguments& args);
int run_command(const Arguments& args);
int events_command(const Arguments& args);
int classify_command(const Arguments& args);
int rules_command(const Arguments& args);
int config_command(const Arguments& args);
int metrics_command(const Arguments& args);
int healthcheck_command(const Arguments& args);

}  // namespace dsnwatch::daemon
