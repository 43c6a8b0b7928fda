#include "daemon/report/moment.h"

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string_view>

namespace dsnwatch::daemon {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

/// The process' time zone, changed for a while. `report` has one thread.
class ScopedTimezone {
 public:
  explicit ScopedTimezone(const std::string& name) {
    if (const char* before = std::getenv("TZ"); before != nullptr) before_ = before;
    if (!name.empty()) ::setenv("TZ", name.c_str(), 1);
    ::tzset();
  }
  ~ScopedTimezone() {
    if (before_) {
      ::setenv("TZ", before_->c_str(), 1);
    } else {
      ::unsetenv("TZ");
    }
    ::tzset();
  }
  ScopedTimezone(const ScopedTimezone&) = delete;
  ScopedTimezone& operator=(const ScopedTimezone&) = delete;

 private:
  std::optional<std::string> before_;
};

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
  std::tm local = {};
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
  Stamp stamp;
  std::tm& local = stamp.local;
  if (!take_number(text, 4, local.tm_year) || !take(text, "-") || !take_number(text, 2, local.tm_mon) ||
      !take(text, "-") || !take_number(text, 2, local.tm_mday))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(local.tm_year),
                                         std::chrono::month(static_cast<unsigned>(local.tm_mon)),
                                         std::chrono::day(static_cast<unsigned>(local.tm_mday))};
  if (!date.ok()) return std::nullopt;
  local.tm_year -= 1900;
  local.tm_mon -= 1;
  local.tm_isdst = -1;
  if (!text.empty()) {
    if (!take(text, "Tt ") || !take_number(text, 2, local.tm_hour) || !take(text, ":") ||
        !take_number(text, 2, local.tm_min))
      return std::nullopt;
    if (take(text, ":") && !take_number(text, 2, local.tm_sec)) return std::nullopt;
    if (local.tm_hour > 23 || local.tm_min > 59 || local.tm_sec > 60) return std::nullopt;
    if (!text.empty() && !take_offset(text, stamp)) return std::nullopt;
  }
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
  std::time_t seconds = 0;
  if (stamp->offset_minutes) {
    seconds = ::timegm(&stamp->local) - *stamp->offset_minutes * 60;
  } else {
    const ScopedTimezone zone(timezone);
    seconds = ::mktime(&stamp->local);
  }
  return static_cast<std::int64_t>(seconds) * kSecond;
}

}  // namespace dsnwatch::daemon
