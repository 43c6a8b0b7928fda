#include "daemon/report/moment.h"

#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

#include "ingest/envelope/time_zone.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// Takes a number of exactly `digits` digits off the front.
bool take_number(std::string_view& text, std::size_t digits, int& number) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits || text[0] == '-') return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

/// "90m", "24h", "7d"
std::optional<std::int64_t> parse_ago(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > 1'000'000 || end + 1 != text.data() + text.size())
    return std::nullopt;
  switch (*end) {
    case 'm':
      return number * 60 * kSecond;
    case 'h':
      return number * 3600 * kSecond;
    case 'd':
      return number * 86'400 * kSecond;
    default:
      return std::nullopt;
  }
}

struct Stamp {
  std::int64_t local_seconds = 0;     // Of the wall clock, since 1970.
  std::optional<int> offset_minutes;  // From UTC; absent: local time.
};

bool take_offset(std::string_view& text, Stamp& stamp) {
  if (take(text, "Zz")) {
    stamp.offset_minutes = 0;
    return true;
  }
  const bool west = !text.empty() && text[0] == '-';
  int hours = 0, minutes = 0;
  if (!take(text, "+-") || !take_number(text, 2, hours)) return false;
  take(text, ":");
  if (!take_number(text, 2, minutes) || hours > 23 || minutes > 59) return false;
  stamp.offset_minutes = (west ? -1 : 1) * (hours * 60 + minutes);
  return true;
}

std::optional<Stamp> parse_stamp(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!take_number(text, 4, year) || !take(text, "-") || !take_number(text, 2, month) || !take(text, "-") ||
      !take_number(text, 2, day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return std::nullopt;
  Stamp stamp;
  if (!text.empty()) {
    if (!take(text, "Tt ") || !take_number(text, 2, hour) || !take(text, ":") || !take_number(text, 2, minute))
      return std::nullopt;
    if (take(text, ":") && !take_number(text, 2, second)) return std::nullopt;
    if (hour > 23 || minute > 59 || second > 60) return std::nullopt;
    if (!text.empty() && !take_offset(text, stamp)) return std::nullopt;
  }
  stamp.local_seconds = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t{86'400} + hour * 3600 +
                        minute * 60 + second;
  return text.empty() ? std::optional(stamp) : std::nullopt;
}

}  // namespace

core::Result<std::int64_t> parse_moment(const std::string& text, const std::string& timezone, std::int64_t now_us) {
  if (const auto ago = parse_ago(text)) return now_us - *ago;
  auto stamp = parse_stamp(text);
  if (!stamp) {
    return core::fail("\"" + text +
                      "\" is no time; write 2026-11-23, \"2026-11-23 21:53\", 2026-11-23T21:53:07Z, or 90m, "
                      "24h, 7d for that long ago");
  }
  if (stamp->offset_minutes) return (stamp->local_seconds - *stamp->offset_minutes * 60) * kSecond;
  const auto zone = ingest::TimeZone::load(timezone);
  if (!zone) return tl::unexpected(zone.error());
  return zone->instants_of(stamp->local_seconds).first * kSecond;
}

}  // namespace dsnwatch::daemon
