#include "ingest/envelope/time_zone.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "ingest/envelope/calendar.h"

namespace dsnwatch::ingest {
namespace {

constexpr const char* kZoneFolder = "/usr/share/zoneinfo/";
constexpr std::size_t kHeaderSize = 44;
constexpr std::size_t kLargestFile = 1 << 16;  ///< The largest in tzdata has 4 KiB.

bool read_file(const std::string& path, std::string& data) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return false;
  data.resize(kLargestFile);
  file.read(data.data(), static_cast<std::streamsize>(data.size()));
  data.resize(static_cast<std::size_t>(file.gcount()));
  return !data.empty();
}

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  if (bytes.size() == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
  return static_cast<std::int64_t>(value);
}

struct Counts {
  std::size_t is_utc = 0, is_standard = 0, leaps = 0, times = 0, types = 0, chars = 0;
  std::size_t block_size(std::size_t time_size) const {
    return times * time_size + times + types * 6 + chars + leaps * (time_size + 4) + is_standard + is_utc;
  }
};

bool parse_header(std::string_view data, Counts& counts, char& version) {
  if (data.size() < kHeaderSize || !data.starts_with("TZif")) return false;
  version = data[4];
  std::size_t* fields[] = {&counts.is_utc, &counts.is_standard, &counts.leaps,
                           &counts.times,  &counts.types,       &counts.chars};
  std::size_t at = 20;
  for (std::size_t* field : fields) {
    const std::int64_t value = big_endian(data.substr(at, 4));
    if (value < 0 || value > 1'000'000) return false;
    *field = static_cast<std::size_t>(value);
    at += 4;
  }
  return counts.types > 0;
}

bool take_number(std::string_view& text, int& value) {
  std::size_t digits = 0;
  value = 0;
  while (digits < text.size() && digits < 4 && text[digits] >= '0' && text[digits] <= '9')
    value = value * 10 + (text[digits++] - '0');
  text.remove_prefix(digits);
  return digits > 0;
}

/// [+-]hh[:mm[:ss]] in seconds.
bool take_clock(std::string_view& text, std::int64_t& seconds) {
  int sign = 1;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  int part = 0;
  if (!take_number(text, part)) return false;
  seconds = part * 3600;
  for (int unit : {60, 1}) {
    if (text.empty() || text[0] != ':') break;
    text.remove_prefix(1);
    if (!take_number(text, part)) return false;
    seconds += static_cast<std::int64_t>(part) * unit;
  }
  seconds *= sign;
  return true;
}

/// "CET" or "<+03>".
bool take_zone_name(std::string_view& text) {
  std::size_t size = 0;
  if (text.starts_with('<')) {
    size = text.find('>');
    if (size == std::string_view::npos) return false;
    text.remove_prefix(size + 1);
    return true;
  }
  while (size < text.size() && ((text[size] | 32) >= 'a' && (text[size] | 32) <= 'z')) ++size;
  text.remove_prefix(size);
  return size >= 3;
}

}  // namespace

core::Result<TimeZone> TimeZone::load(const std::string& name) {
  TimeZone zone;
  std::string data;
  std::string wanted = name;
  if (name.empty()) {
    const char* variable = std::getenv("TZ");
    if (variable == nullptr) {
      if (read_file("/etc/localtime", data)) zone.parse_tzif(data);
      return zone;
    }
    wanted = variable[0] == ':' ? variable + 1 : variable;
    if (wanted.empty()) return zone;
  }
  if (wanted == "UTC") return zone;
  // A name with ".." would leave the folder of zones.
  const bool is_path = wanted[0] == '/' && name.empty();
  if (is_path || wanted.find("..") == std::string::npos) {
    if (read_file(is_path ? wanted : kZoneFolder + wanted, data) && zone.parse_tzif(data)) return zone;
  }
  if (zone.parse_posix(wanted)) return zone;
  if (name.empty()) return TimeZone();  // as the C library does
  return core::fail("the time zone \"" + name + "\" is not known: no file " + kZoneFolder + name +
                    "; use an IANA name such as Europe/Berlin (package tzdata), or UTC");
}

bool TimeZone::parse_tzif(std::string_view data) {
  Counts counts;
  char version = 0;
  if (!parse_header(data, counts, version)) return false;
  if (version < '2') return parse_block(data, 4);
  const std::size_t first_block = kHeaderSize + counts.block_size(4);
  if (data.size() < first_block) return false;
  data.remove_prefix(first_block);
  if (!parse_header(data, counts, version) || !parse_block(data, 8)) return false;
  data.remove_prefix(kHeaderSize + counts.block_size(8));
  const std::size_t footer_end = data.size() < 2 ? std::string_view::npos : data.find('\n', 1);
  if (footer_end != std::string_view::npos && footer_end > 1) parse_posix(data.substr(1, footer_end - 1));
  return true;
}

bool TimeZone::parse_block(std::string_view data, std::size_t time_size) {
  Counts counts;
  char version = 0;
  if (!parse_header(data, counts, version)) return false;
  if (data.size() < kHeaderSize + counts.block_size(time_size)) return false;
  const std::string_view times = data.substr(kHeaderSize, counts.times * time_size);
  const std::string_view indexes = data.substr(kHeaderSize + times.size(), counts.times);
  const std::string_view types = data.substr(kHeaderSize + times.size() + counts.times, counts.types * 6);
  first_offset_ = big_endian(types.substr(0, 4));
  transitions_.clear();
  for (std::size_t i = 0; i < counts.times; ++i) {
    const auto type = static_cast<unsigned char>(indexes[i]);
    if (type >= counts.types) return false;
    transitions_.push_back(
        {big_endian(times.substr(i * time_size, time_size)), big_endian(types.substr(type * 6u, 4))});
  }
  return std::is_sorted(transitions_.begin(), transitions_.end(),
                        [](const Transition& a, const Transition& b) { return a.at < b.at; });
}

bool TimeZone::parse_day_rule(std::string_view& text, DayRule& rule) {
  if (text.starts_with('M')) {
    rule.kind = 'M';
    text.remove_prefix(1);
    if (!take_number(text, rule.month) || !text.starts_with('.')) return false;
    text.remove_prefix(1);
    if (!take_number(text, rule.week) || !text.starts_with('.')) return false;
    text.remove_prefix(1);
    if (!take_number(text, rule.day)) return false;
    if (rule.month < 1 || rule.month > 12 || rule.week < 1 || rule.week > 5 || rule.day > 6) return false;
  } else {
    rule.kind = text.starts_with('J') ? 'J' : '0';
    if (rule.kind == 'J') text.remove_prefix(1);
    if (!take_number(text, rule.day) || rule.day > 366) return false;
  }
  if (!text.starts_with('/')) return true;
  text.remove_prefix(1);
  return take_clock(text, rule.time);
}

bool TimeZone::parse_posix(std::string_view text) {
  PosixRule rule;
  std::int64_t west = 0;  // POSIX counts westwards
  if (!take_zone_name(text) || !take_clock(text, west)) return false;
  rule.standard = -west;
  if (!text.empty()) {
    if (!take_zone_name(text)) return false;
    rule.has_daylight = true;
    rule.daylight = rule.standard + 3600;
    if (!text.empty() && text[0] != ',') {
      if (!take_clock(text, west)) return false;
      rule.daylight = -west;
    }
    std::string_view days = text.empty() ? std::string_view(",M3.2.0,M11.1.0") : text;
    days.remove_prefix(1);
    if (!parse_day_rule(days, rule.begin) || !days.starts_with(',')) return false;
    days.remove_prefix(1);
    if (!parse_day_rule(days, rule.end) || !days.empty()) return false;
  }
  rule_ = rule;
  has_rule_ = true;
  return true;
}

std::int64_t TimeZone::day_rule_seconds(const DayRule& rule, int year) {
  std::int64_t day = 0;
  if (rule.kind == 'M') {
    const std::int64_t first = days_of_date(year, rule.month, 1);
    const int weekday = static_cast<int>(((first + 4) % 7 + 7) % 7);  // 1970-01-01 was a Thursday
    day = first + (rule.day - weekday + 7) % 7 + (rule.week - 1) * 7;
    const std::int64_t next_month =
        rule.month == 12 ? days_of_date(year + 1, 1, 1) : days_of_date(year, rule.month + 1, 1);
    if (day >= next_month) day -= 7;  // week 5 means the last one
  } else if (rule.kind == 'J') {
    day = days_of_date(year, 1, 1) + rule.day - 1 + (is_leap_year(year) && rule.day >= 60 ? 1 : 0);
  } else {
    day = days_of_date(year, 1, 1) + rule.day;
  }
  return day * kSecondsPerDay + rule.time;
}

std::int64_t TimeZone::posix_offset_at(std::int64_t utc_seconds) const {
  if (!rule_.has_daylight) return rule_.standard;
  const std::int64_t local = utc_seconds + rule_.standard;
  const std::int64_t days = local >= 0 ? local / kSecondsPerDay : (local - kSecondsPerDay + 1) / kSecondsPerDay;
  const int year = year_of_days(days);
  const std::int64_t begin = day_rule_seconds(rule_.begin, year) - rule_.standard;
  const std::int64_t end = day_rule_seconds(rule_.end, year) - rule_.daylight;
  const bool daylight =
      begin < end ? utc_seconds >= begin && utc_seconds < end : utc_seconds >= begin || utc_seconds < end;
  return daylight ? rule_.daylight : rule_.standard;
}

std::int64_t TimeZone::offset_at(std::int64_t utc_seconds) const {
  if (has_rule_ && (transitions_.empty() || utc_seconds >= transitions_.back().at)) return posix_offset_at(utc_seconds);
  const auto behind = std::upper_bound(transitions_.begin(), transitions_.end(), utc_seconds,
                                       [](std::int64_t at, const Transition& t) { return at < t.at; });
  return behind == transitions_.begin() ? first_offset_ : std::prev(behind)->offset;
}

TimeZone::Instants TimeZone::instants_of(std::int64_t local_seconds) const {
  const std::int64_t before = offset_at(local_seconds - kSecondsPerDay);
  const std::int64_t after = offset_at(local_seconds + kSecondsPerDay);
  const std::int64_t by_before = local_seconds - before;
  if (before == after) return {by_before, by_before};
  const std::int64_t by_after = local_seconds - after;
  const bool first_holds = offset_at(by_before) == before;
  const bool second_holds = offset_at(by_after) == after;
  if (first_holds && second_holds) return {by_before, by_after};
  if (second_holds) return {by_after, by_after};
  return {by_before, by_before};
}

}  // namespace dsnwatch::ingest
