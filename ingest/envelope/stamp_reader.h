#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/same_bytes.h"
#include "ingest/envelope/syslog_line.h"
#include "ingest/envelope/time_zone.h"
#include "ingest/format/format.h"

namespace dsnwatch::ingest {

/// Turns the stamps of one source, in line order, into microseconds since the epoch (UTC).
///
/// A traditional stamp has no year: the first one gets the year of the settings, else the latest year that puts it at
/// most a day after the reference; from then on December → January goes forward a year, and a straggler of December
/// behind January goes back for itself only. In the hour that is repeated when clocks go back, the reading is chosen
/// that does not run backwards. Zone arithmetic is done once per hour of the log, that of days once per minute. Not
/// thread-safe.
class StampReader {
 public:
  StampReader(const TimeSettings& settings, TimeZone zone);

  /// core::kNoTime for a stamp that can't be read.
  std::int64_t read(StampKind kind, std::string_view stamp) {
    if (kind == StampKind::kTraditional && in_minute(stamp)) {
      const auto tens = static_cast<unsigned>(stamp[13] - '0'), ones = static_cast<unsigned>(stamp[14] - '0');
      if (tens < 6 && ones < 10) {
        last_seconds_ = minute_seconds_ + tens * 10 + ones;
        return last_seconds_ * 1'000'000;
      }
    }
    return read_uncached(kind, stamp);
  }

  /// The time of a line, as far as its own stamp and its envelope's tell it.
  std::int64_t time_of(const SyslogLine& line) {
    if (line.outer_time == OuterTime::kNone) return read(line.stamp_kind, line.stamp);
    return read_with_outer(line);
  }

  /// A traditional stamp in the year that puts it at most a day after the reference; does not touch the log's own year.
  std::int64_t read_near(std::string_view stamp, std::int64_t reference_us);

  /// What must survive a restart: year and month of the last stamp; opaque text without blanks.
  std::string save() const;
  void restore(std::string_view saved);

 private:
  static constexpr std::size_t kTraditionalSize = 15, kToMinute = 12;

  bool in_minute(std::string_view stamp) const {
    return stamp.size() == kTraditionalSize && core::same_bytes(stamp.data(), minute_.data(), kToMinute) &&
           stamp[kToMinute] == ':';
  }
  std::int64_t read_uncached(StampKind kind, std::string_view stamp);
  std::int64_t read_traditional(std::string_view stamp);
  std::int64_t read_iso(std::string_view stamp, StampKind kind);
  std::int64_t read_with_outer(const SyslogLine& line);
  int year_of(int month, int day);
  int latest_year(int month, int day, std::int64_t reference_seconds) const;
  /// Lines that are out of order must not carry the log into the future.
  bool may_turn(int month, int day) const;
  std::int64_t utc_of(std::int64_t local_seconds);

  TimeZone zone_;
  int settings_year_ = 0;
  std::int64_t reference_seconds_ = 0;

  int year_ = 0;  ///< Of the last traditional stamp; 0: none yet.
  int month_ = 0;
  std::int64_t last_seconds_ = 0;

  std::int64_t hour_ = -1;  ///< Local hour since the epoch that `hour_instants_` is about.
  TimeZone::Instants hour_instants_;

  std::array<char, kToMinute> minute_{};  ///< Of the last traditional stamp, as it is written; NULs: not known,
  std::int64_t minute_seconds_ = 0;       ///< and its begin in UTC.

  std::string near_;            ///< The last stamp of read_near(),
  std::int64_t near_hour_ = 0;  ///< the hour of its reference,
  std::int64_t near_us_ = 0;    ///< and what it meant.
};

}  // namespace dsnwatch::ingest
