#include "ingest/envelope/stamp_reader.h"

#include <algorithm>
#include <charconv>
#include <ctime>

#include "core/attempt.h"
#include "ingest/envelope/calendar.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::int64_t kMicroseconds = 1'000'000;
constexpr int kTurn = 7;  ///< A step of so many months within one log is the turn of the year.

/// Two digits at `p`, or -1.
int two_digits(const char* p) {
  const auto high = static_cast<unsigned>(p[0] - '0');
  const auto low = static_cast<unsigned>(p[1] - '0');
  return high > 9 || low > 9 ? -1 : static_cast<int>(high * 10 + low);
}

/// "hh:mm:ss" in seconds, or -1. A leap second counts as the next second.
std::int64_t clock_seconds(const char* p) {
  const int hour = two_digits(p), minute = two_digits(p + 3), second = two_digits(p + 6);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 60) return -1;
  if (p[2] != ':' || p[5] != ':') return -1;
  return hour * 3600 + minute * 60 + second;
}

/// Digits behind a point, as microseconds; `size` gets their number.
std::int64_t fraction_us(std::string_view text, std::size_t& size) {
  std::int64_t value = 0;
  size = 0;
  for (; size < text.size() && syslog_detail::is_digit(text[size]); ++size)
    if (size < 6) value = value * 10 + (text[size] - '0');
  for (std::size_t i = size; i < 6; ++i) value *= 10;
  return value;
}

int month_number(const char* p) {
  constexpr std::string_view kNames = "JanFebMarAprMayJunJulAugSepOctNovDec";
  for (std::size_t i = 0; i < kNames.size(); i += 3)
    if (kNames[i] == p[0] && kNames[i + 1] == p[1] && kNames[i + 2] == p[2]) return static_cast<int>(i / 3 + 1);
  return 0;
}

/// "Z", "+00:00", "+0000" or "+00" as seconds to subtract; false if it is none of these.
bool zone_seconds(std::string_view zone, std::int64_t& seconds) {
  if (zone == "Z" || zone == "z") {
    seconds = 0;
    return true;
  }
  if (zone.size() < 3 || (zone[0] != '+' && zone[0] != '-')) return false;
  const int hours = two_digits(zone.data() + 1);
  const std::size_t at = zone.size() == 6 && zone[3] == ':' ? 4 : 3;
  const int minutes = zone.size() == at + 2 ? two_digits(zone.data() + at) : zone.size() == 3 ? 0 : -1;
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
  seconds = (hours * 3600 + minutes * 60) * (zone[0] == '-' ? -1 : 1);
  return true;
}

/// A stamp without year and zone.
struct WallClock {
  int month = 0, day = 0;
  std::int64_t seconds = 0, fraction_us = 0;
};

bool split_traditional(std::string_view stamp, WallClock& out) {
  constexpr std::size_t kPadded = 15;
  if (stamp.size() < kPadded - 1) return false;
  const char* p = stamp.data();
  const bool padded = p[5] != ' ';
  const std::size_t size = padded ? kPadded : kPadded - 1;
  if (stamp.size() < size) return false;
  out.month = month_number(p);
  const char* last_digit = padded ? p + 5 : p + 4;
  out.day = padded && p[4] != ' ' ? two_digits(p + 4) : syslog_detail::is_digit(*last_digit) ? *last_digit - '0' : -1;
  out.seconds = clock_seconds(p + size - 8);
  if (out.month == 0 || out.day < 1 || out.day > 31 || out.seconds < 0) return false;
  if (stamp.size() > size) {
    std::size_t digits = 0;
    out.fraction_us = fraction_us(stamp.substr(size + 1), digits);
  }
  return true;
}

/// A number of seconds, milliseconds, microseconds or nanoseconds since the epoch.
std::int64_t epoch_us(std::string_view number) {
  std::uint64_t whole = 0;
  const char* const end = number.data() + number.size();
  const auto [stop, error] = std::from_chars(number.data(), end, whole);
  if (error != std::errc() || whole == 0) return core::kNoTime;
  std::int64_t per_second = 1;
  for (std::uint64_t limit = 100'000'000'000; whole >= limit; limit *= 1000) {
    per_second *= 1000;
    if (per_second == 1'000'000'000) break;
  }
  if (stop != end && (*stop == 'e' || *stop == 'E' || per_second == 1)) {
    double seconds = 0;  // Also "1.795536387e9".
    const auto read = std::from_chars(number.data(), end, seconds);
    if (read.ec != std::errc() || read.ptr != end || seconds < 1 || seconds >= 1e11) return core::kNoTime;
    return static_cast<std::int64_t>(seconds * 1e6 + 0.5);
  }
  if (stop != end && *stop != '.') return core::kNoTime;
  if (per_second == 1'000'000'000) return static_cast<std::int64_t>(whole / 1000);
  return static_cast<std::int64_t>(whole) * (kMicroseconds / per_second);
}

}  // namespace

StampReader::StampReader(const TimeSettings& settings, TimeZone zone)
    : zone_(std::move(zone)),
      settings_year_(settings.year),
      reference_seconds_(settings.reference_us != 0 ? settings.reference_us / kMicroseconds : std::time(nullptr)) {}

std::int64_t StampReader::read_uncached(StampKind kind, std::string_view stamp) {
  switch (kind) {
    case StampKind::kNone:
      return core::kNoTime;
    case StampKind::kTraditional:
      return read_traditional(stamp);
    case StampKind::kIso:
    case StampKind::kIsoNamed:
    case StampKind::kIsoLoose:
      return read_iso(stamp, kind);
    case StampKind::kEpoch:
      return epoch_us(stamp);
    case StampKind::kUnix: {
      std::int64_t seconds = 0;
      const auto [end, error] = std::from_chars(stamp.data(), stamp.data() + stamp.size(), seconds);
      if (error != std::errc() || end == stamp.data() + stamp.size() || *end != '.' || seconds > 1LL << 40)
        return core::kNoTime;
      std::size_t digits = 0;
      const std::string_view rest = stamp.substr(static_cast<std::size_t>(end + 1 - stamp.data()));
      const std::int64_t fraction = fraction_us(rest, digits);
      return digits == 0 || digits != rest.size() ? core::kNoTime : seconds * kMicroseconds + fraction;
    }
  }
  return core::kNoTime;
}

std::int64_t StampReader::read_traditional(std::string_view stamp) {
  WallClock clock;
  if (!split_traditional(stamp, clock)) return core::kNoTime;
  const int year = year_of(clock.month, clock.day);
  last_seconds_ = utc_of(days_of_date(year, clock.month, clock.day) * kSecondsPerDay + clock.seconds);
  // In the hour that comes twice, what a stamp means depends on the one before; a leap second is of the next minute.
  minute_ = {};
  if (stamp.size() == kTraditionalSize && stamp[kToMinute + 1] < '6' && hour_instants_.first == hour_instants_.second) {
    stamp.copy(minute_.data(), minute_.size());
    minute_seconds_ = last_seconds_ - clock.seconds % 60;
  }
  return last_seconds_ * kMicroseconds + clock.fraction_us;
}

std::int64_t StampReader::read_near(std::string_view stamp, std::int64_t reference_us) {
  const std::int64_t hour = reference_us / kMicroseconds / 3600;
  if (near_ == stamp && near_hour_ == hour) return near_us_;
  WallClock clock;
  if (!split_traditional(stamp, clock)) return core::kNoTime;
  const int year = latest_year(clock.month, clock.day, reference_us / kMicroseconds);
  const std::int64_t local = days_of_date(year, clock.month, clock.day) * kSecondsPerDay + clock.seconds;
  near_.assign(stamp);
  near_hour_ = hour;
  near_us_ = utc_of(local) * kMicroseconds + clock.fraction_us;
  return near_us_;
}

std::int64_t StampReader::read_with_outer(const SyslogLine& line) {
  const bool own_is_vague = line.stamp_kind == StampKind::kNone || line.stamp_kind == StampKind::kTraditional;
  if (!own_is_vague) {
    const std::int64_t own = read(line.stamp_kind, line.stamp);
    if (own != core::kNoTime) return own;
  }
  const std::int64_t outer = read(line.outer_kind, line.outer_stamp);
  const bool own_with_year = line.stamp_kind == StampKind::kTraditional && line.outer_time == OuterTime::kYear;
  if (outer == core::kNoTime) return own_is_vague ? read(line.stamp_kind, line.stamp) : outer;
  return own_with_year ? read_near(line.stamp, outer) : outer;
}

std::int64_t StampReader::read_iso(std::string_view stamp, StampKind kind) {
  constexpr std::size_t kDateAndClock = 19;
  if (stamp.size() < kDateAndClock || (stamp.size() == kDateAndClock && kind != StampKind::kIsoLoose))
    return core::kNoTime;
  const char* p = stamp.data();
  const int century = two_digits(p), year = two_digits(p + 2), month = two_digits(p + 5), day = two_digits(p + 8);
  const std::int64_t clock = clock_seconds(p + 11);
  if (century < 0 || year < 0 || month < 1 || month > 12 || day < 1 || day > 31 || clock < 0 || p[4] != '-' ||
      p[7] != '-')
    return core::kNoTime;
  const std::int64_t local = days_of_date(century * 100 + year, month, day) * kSecondsPerDay + clock;
  std::string_view rest = stamp.substr(kDateAndClock);
  std::int64_t fraction = 0;
  if (rest.starts_with('.') || rest.starts_with(',')) {
    std::size_t digits = 0;
    fraction = fraction_us(rest.substr(1), digits);
    if (digits == 0) return core::kNoTime;
    rest.remove_prefix(digits + 1);
  }
  if (kind == StampKind::kIsoLoose) {
    if (rest.starts_with(' ')) rest.remove_prefix(1);
    if (rest.empty()) return utc_of(local) * kMicroseconds + fraction;
  }
  if (kind == StampKind::kIsoNamed || (kind == StampKind::kIsoLoose && (rest == "UTC" || rest == "GMT"))) {
    // Abbreviations of zones are ambiguous: other names than UTC are taken for the settings' zone, in which journalctl
    // prints.
    const bool utc = rest.ends_with("UTC") || rest.ends_with("GMT");
    return (utc ? local : utc_of(local)) * kMicroseconds + fraction;
  }
  std::int64_t zone = 0;
  if (!zone_seconds(rest, zone)) return core::kNoTime;
  return (local - zone) * kMicroseconds + fraction;
}

int StampReader::year_of(int month, int day) {
  if (year_ == 0) {
    year_ = settings_year_ != 0 ? settings_year_ : latest_year(month, day, reference_seconds_);
  } else if (month_ - month >= kTurn) {
    if (may_turn(month, day)) ++year_;
  } else if (month - month_ >= kTurn) {
    return year_ - 1;  // a straggler; the log goes on where it was
  }
  month_ = month;
  return year_;
}

/// The last year in which the day is at most a day after the reference.
int StampReader::latest_year(int month, int day, std::int64_t reference_seconds) const {
  const std::int64_t latest = reference_seconds + kSecondsPerDay;
  const std::int64_t latest_day = (latest + zone_.offset_at(latest)) / kSecondsPerDay;
  int year = year_of_days(latest_day);
  if (days_of_date(year, month, day) > latest_day) --year;
  if (month == 2 && day == 29)
    while (!is_leap_year(year)) --year;
  return year;
}

bool StampReader::may_turn(int month, int day) const {
  if (settings_year_ != 0) return true;
  const std::int64_t latest = std::max<std::int64_t>(reference_seconds_, std::time(nullptr)) + kSecondsPerDay;
  return days_of_date(year_ + 1, month, day) <= latest / kSecondsPerDay;
}

std::int64_t StampReader::utc_of(std::int64_t local_seconds) {
  const std::int64_t hour = local_seconds / 3600;
  if (hour != hour_) {
    hour_ = hour;
    hour_instants_ = zone_.instants_of(hour * 3600);
  }
  const std::int64_t within = local_seconds - hour * 3600;
  constexpr std::int64_t kTolerance = 60;  // lines of several processes are not in strict order
  const std::int64_t first = hour_instants_.first + within;
  return hour_instants_.first != hour_instants_.second && first < last_seconds_ - kTolerance
             ? hour_instants_.second + within
             : first;
}

std::string StampReader::save() const {
  return std::to_string(year_) + ":" + std::to_string(month_) + ":" + std::to_string(last_seconds_);
}

void StampReader::restore(std::string_view saved) {
  int year = 0, month = 0;
  std::int64_t seconds = 0;
  const char* end = saved.data() + saved.size();
  auto part = std::from_chars(saved.data(), end, year);
  if (part.ec != std::errc() || part.ptr == end || *part.ptr != ':') return;
  part = std::from_chars(part.ptr + 1, end, month);
  if (part.ec != std::errc() || part.ptr == end || *part.ptr != ':') return;
  part = std::from_chars(part.ptr + 1, end, seconds);
  if (part.ec != std::errc() || part.ptr != end || year < 0 || year > 9999 || month < 0 || month > 12) return;
  year_ = year;
  month_ = month;
  last_seconds_ = seconds;
  minute_ = {};
}

}  // namespace dsnwatch::ingest
