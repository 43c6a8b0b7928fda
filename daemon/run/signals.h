#pragma once

#include <optional>

#include "core/clock.h"
#include "ingest/source/followed_file.h"

namespace dsnwatch::daemon {

/// SIGTERM, SIGINT and SIGHUP as values that the main thread waits for. Made before any other thread, since threads
/// inherit what is blocked.
class Signals {
 public:
  enum class Event { kEnd, kReload };

  Signals();

  /// Waits at most so long, or until `wake_fd` (negative: none) is readable.
  std::optional<Event> wait(core::MonotonicMs milliseconds, int wake_fd = -1);

  /// From now on SIGTERM and SIGINT end the process at once.
  void restore_default();

 private:
  ingest::FileDescriptor signals_;
};

}  // namespace dsnwatch::daemon
