#include <algorithm>
#include <cstdio>
#include <string>
#include <variant>

#include "daemon/commands/command.h"
#include "daemon/commands/options.h"
#include "daemon/config/config.h"
#include "daemon/config/run_options.h"
#include "daemon/config/units.h"
#include "daemon/log.h"
#include "daemon/run/daemon.h"
#include "daemon/run/signals.h"

namespace dsnwatch::daemon {
namespace {

constexpr core::MonotonicMs kLookMs = 1000;   // inotify may never say anything.
constexpr core::MonotonicMs kSettleMs = 100;  // A file that stays the same for so long is written to its end.
constexpr core::MonotonicMs kDrainRoundMs = 50;
constexpr core::MonotonicMs kLingerRoundMs = 200;
constexpr core::MonotonicMs kLastCheckpointMs = 20'000;  // How long the end waits for a ledger that can't be written.

CommandSpec run_spec() {
  return {
      "dsnwatch run [OPTION...] [FILE...]",
      "Follows mail logs, counts who rejects what and why, and serves the counters for Prometheus on /metrics. FILEs "
      "replace the sources of the configuration.",
      run_options()};
}

/// Serves until a signal ends it; false if a worker died.
bool serve(Daemon& daemon, Signals& signals) {
  auto look = FilesWatch::Look::kSame;
  while (daemon.healthy()) {
    // While files change nobody is woken by each of the changes.
    const bool calm = look == FilesWatch::Look::kSame;
    const auto event = calm ? signals.wait(kLookMs, daemon.knowledge_fd()) : signals.wait(kSettleMs);
    if (event == Signals::Event::kEnd) return true;
    look = daemon.look_at_knowledge();
    if (event == Signals::Event::kReload || look == FilesWatch::Look::kChanged) daemon.reload();
  }
  return false;
}

/// Reads to the end, makes it durable, and stays for `linger` so that Prometheus can fetch it. False if it could not be
/// made durable; the next start then counts it.
bool drain(Daemon& daemon, Signals& signals, core::MonotonicMs linger_ms, const core::Clock& clock, Log& log) {
  signals.restore_default();  // A second signal ends the process at once.
  log.info("ending: the sources are read to their end", {{"linger", format_duration(linger_ms)}});
  daemon.start_draining();
  core::MonotonicMs last_good = clock.monotonic_ms();
  while (!daemon.drain_round() && daemon.healthy()) {
    const core::MonotonicMs now = clock.monotonic_ms();
    if (!daemon.checkpoints_fail()) last_good = now;
    if (now - last_good > kLastCheckpointMs) return false;
    signals.wait(kDrainRoundMs);
  }
  daemon.leave_groups();
  if (linger_ms == 0) return true;
  daemon.end_holds();
  const core::MonotonicMs end = clock.monotonic_ms() + linger_ms;
  while (clock.monotonic_ms() < end) {
    signals.wait(std::min(kLingerRoundMs, end - clock.monotonic_ms()));
    daemon.drain_round();
  }
  return true;
}

int run_daemon(const Config& config) {
  const core::SystemClock clock;
  Log log(clock);
  Signals signals;
  auto daemon = Daemon::start(config, clock, log);
  if (!daemon) {
    std::fprintf(stderr, "dsnwatch run: %s\n", daemon.error().error.message.c_str());
    return daemon.error().exit_status;
  }
  std::printf("listening on %s\n", (*daemon)->url().c_str());
  std::fflush(stdout);
  if (!serve(**daemon, signals)) return kExitFailed;
  const bool durable = drain(**daemon, signals, config.linger_ms, clock, log);
  if (!durable) log.error("ended without a last checkpoint: what it would have held is counted at the next start");
  return durable && (*daemon)->healthy() ? kExitDone : kExitFailed;
}

}  // namespace

int run_command(const Arguments& args) {
  const std::variant<ParsedOptions, int> parsed = parse_options(run_spec(), args);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  auto config = effective_config(std::get<ParsedOptions>(parsed));
  if (config && config->sources.empty()) {
    config = core::fail("nothing to read: name a FILE, or a --config file with \"sources\"");
  }
  if (!config) {
    std::fprintf(stderr, "dsnwatch run: %s\n", config.error().message.c_str());
    return kExitUsage;
  }
  return run_daemon(*config);
}

}  // namespace dsnwatch::daemon
