#include "daemon/report/utc_time.h"

#include <chrono>

#include "core/attempt.h"

namespace dsnwatch::daemon {
namespace {

/// "2026-11-23T21:53:07" with `between` in place of the T; empty for kNoTime and for years of more than four digits.
std::string formatted(std::int64_t time_us, char between) {
  using std::chrono::floor;
  if (time_us == core::kNoTime) return {};
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds(time_us)};
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<std::chrono::seconds>(time - day));
  if (date.year() < std::chrono::year(0) || date.year() > std::chrono::year(9999)) return {};
  std::string text;
  const auto two_digits = [&](auto number, char behind) {
    text += static_cast<char>('0' + number / 10);
    text += static_cast<char>('0' + number % 10);
    if (behind != '\0') text += behind;
  };
  two_digits(int{date.year()} / 100, '\0');
  two_digits(int{date.year()} % 100, '-');
  two_digits(unsigned{date.month()}, '-');
  two_digits(unsigned{date.day()}, between);
  two_digits(clock.hours().count(), ':');
  two_digits(clock.minutes().count(), ':');
  two_digits(clock.seconds().count(), '\0');
  return text;
}

}  // namespace

std::string rfc3339_utc(std::int64_t time_us) {
  std::string text = formatted(time_us, 'T');
  if (!text.empty()) text += 'Z';
  return text;
}

std::string minute_utc(std::int64_t time_us) {
  constexpr std::size_t kToMinutes = 16;
  return formatted(time_us, ' ').substr(0, kToMinutes);
}

}  // namespace dsnwatch::daemon
