#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace dsnwatch::daemon {

struct LogField {
  std::string_view key;
  std::string value;
};

/// The daemon's log: one logfmt line an event, on standard error unless told otherwise. An event that repeats with the
/// same fields is written at most once a minute, then with the number of those left out. Thread: any. Never per line of
/// input.
class Log {
 public:
  using Writer = std::function<void(std::string_view line)>;

  explicit Log(const core::Clock& clock, Writer writer = {});

  /// `event` is a short stable phrase ("source unreadable"); what varies goes into fields.
  void info(std::string_view event, std::initializer_list<LogField> fields = {});
  void warn(std::string_view event, std::initializer_list<LogField> fields = {});
  void error(std::string_view event, std::initializer_list<LogField> fields = {});

 private:
  void write(std::string_view level, std::string_view event, std::initializer_list<LogField> fields);

  struct Repeat {
    core::MonotonicMs written_ms;
    std::uint64_t left_out;
  };

  const core::Clock& clock_;
  Writer writer_;
  std::mutex mutex_;
  std::map<std::string, Repeat> repeats_;  // Guarded by mutex_; forgotten when it grows.
};

}  // namespace dsnwatch::daemon
