#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"

namespace dsnwatch::ingest {

/// Offsets of one time zone, read from the system's TZif file (RFC 8536) or a POSIX TZ string. It does not touch the
/// process's own zone (TZ, tzset), so sources in different zones can live in one process. Immutable after load().
class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;

  /// `name`: an IANA name ("Europe/Berlin"), a POSIX TZ string ("CET-1CEST,M3.5.0,M10.5.0/3"), or empty for the
  /// system's zone (variable TZ, else /etc/localtime, else UTC). Reads a file; for set-up only.
  static core::Result<TimeZone> load(const std::string& name);

  /// Seconds to add to UTC.
  std::int64_t offset_at(std::int64_t utc_seconds) const;

  /// The UTC seconds that a local wall clock time can stand for: the same twice, but for the hour that is repeated when
  /// clocks go back. A time that was skipped is read with the offset before the gap.
  struct Instants {
    std::int64_t first = 0;
    std::int64_t second = 0;
  };
  Instants instants_of(std::int64_t local_seconds) const;

 private:
  /// A day rule of a POSIX TZ string; times are seconds after local midnight.
  struct DayRule {
    char kind = 'M';  ///< 'M': month, week, weekday; 'J': 1 … 365 without February 29; '0': 0 … 365.
    int month = 0, week = 0, day = 0;
    std::int64_t time = 7200;
  };
  struct PosixRule {
    std::int64_t standard = 0, daylight = 0;  ///< Offsets.
    bool has_daylight = false;
    DayRule begin, end;
  };
  struct Transition {
    std::int64_t at = 0;
    std::int64_t offset = 0;
  };

  bool parse_tzif(std::string_view data);
  bool parse_block(std::string_view data, std::size_t time_size);
  bool parse_posix(std::string_view text);
  static bool parse_day_rule(std::string_view& text, DayRule& rule);
  static std::int64_t day_rule_seconds(const DayRule& rule, int year);
  std::int64_t posix_offset_at(std::int64_t utc_seconds) const;

  std::vector<Transition> transitions_;
  std::int64_t first_offset_ = 0;  ///< Before the first transition.
  bool has_rule_ = false;          ///< `rule_` holds behind the last transition.
  PosixRule rule_;
};

}  // namespace dsnwatch::ingest
