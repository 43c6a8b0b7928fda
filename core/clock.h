#pragma once

#include <chrono>
#include <cstdint>

namespace dsnwatch::core {

/// Milliseconds of a clock that never goes back; only differences have a meaning, and only within one process.
using MonotonicMs = std::int64_t;

/// Where time comes from, so that tests can set it. Implementations are safe to call from any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual MonotonicMs monotonic_ms() const = 0;
  /// Microseconds since the Unix epoch, UTC.
  virtual std::int64_t unix_us() const = 0;
};

class SystemClock final : public Clock {
 public:
  MonotonicMs monotonic_ms() const override {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
  }
  std::int64_t unix_us() const override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }
};

}  // namespace dsnwatch::core
