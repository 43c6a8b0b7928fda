#pragma once

#include <cstdint>

namespace dsnwatch::ingest {

/// Days since 1970-01-01 of a date of the Gregorian calendar; month 1 … 12. A day that the month does not have runs on
/// into the next month.
constexpr std::int64_t days_of_date(int year, int month, int day) {
  const int shifted = month <= 2 ? year - 1 : year;  // the year begins in March, so that the leap day is its last
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int year_of_era = static_cast<int>(shifted - era * 400);
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

/// The year that a day since 1970-01-01 lies in.
constexpr int year_of_days(std::int64_t days) {
  int year = static_cast<int>(1970 + days / 366);
  while (days_of_date(year + 1, 1, 1) <= days) ++year;
  while (days_of_date(year, 1, 1) > days) --year;
  return year;
}

constexpr bool is_leap_year(int year) {
  return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

inline constexpr std::int64_t kSecondsPerDay = 86400;

}  // namespace dsnwatch::ingest
