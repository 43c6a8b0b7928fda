#pragma once

#include <optional>

#include "core/clock.h"

namespace dsnwatch::daemon {

/// SIGTERM, SIGINT and SIGHUP as values that the main thread waits for. Made before any other thread, since threads
/// inherit what is blocked.
class Signals {
 public:
  enum class Event { kEnd, kReload };

  Signals();

  /// Waits at most so long (negative: for ever).
  std::optional<Event> wait(core::MonotonicMs milliseconds);

  /// From now on SIGTERM and SIGINT end the process at once.
  void restore_default();
};

}  // namespace dsnwatch::daemon
