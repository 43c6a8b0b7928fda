#include <array>

#include "daemon/cli.h"

namespace daemon_ = dsnwatch::daemon;

int main(int argc, char** argv) {
  // Here and not in the library, so that a test links only the commands that it tests.
  constexpr std::array<daemon_::Subcommand, 8> kCommands = {{
      {"report", "[FILE...]", "who rejects what, why, since when and what to do", daemon_::report_command},
      {"run", "[FILE...]", "the daemon: follow sources, count, serve metrics", daemon_::run_command},
      {"events", "[FILE...]", "one JSON object per delivery attempt", daemon_::events_command},
      {"classify", "[REPLY...]", "why a server gave this reply", daemon_::classify_command},
      {"rules", "check|list|show", "check, list and show classification rules", daemon_::rules_command},
      {"config", "check|show", "validate and print the configuration", daemon_::config_command},
      {"metrics", "list", "the catalogue of metrics", daemon_::metrics_command},
      {"healthcheck", "", "exit 0 if a running daemon is healthy", daemon_::healthcheck_command},
  }};
  return daemon_::dispatch(kCommands, daemon_::Arguments(argv + (argc > 0 ? 1 : 0), argv + argc));
}
