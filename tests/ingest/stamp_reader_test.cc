#include "ingest/envelope/stamp_reader.h"

#include <gtest/gtest.h>

#include "core/attempt.h"
#include "ingest/envelope/calendar.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::int64_t kSecond = 1'000'000;

std::int64_t at(int year, int month, int day, int hour = 0, int minute = 0, int second = 0) {
  return (days_of_date(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60 + second) * kSecond;
}

StampReader reader(std::int64_t reference_us, int year = 0, const char* zone = "UTC") {
  TimeSettings settings;
  settings.reference_us = reference_us;
  settings.year = year;
  return StampReader(settings, *TimeZone::load(zone));
}

struct StampCase {
  const char* name;
  StampKind kind;
  const char* text;
  std::int64_t expected;
};

class OneStamp : public testing::TestWithParam<StampCase> {};

TEST_P(OneStamp, Time) {
  StampReader stamps = reader(at(2026, 11, 24));
  EXPECT_EQ(stamps.read(GetParam().kind, GetParam().text), GetParam().expected);
  EXPECT_EQ(stamps.read(GetParam().kind, GetParam().text), GetParam().expected) << "the second time";
}

using enum StampKind;
INSTANTIATE_TEST_SUITE_P(
    Forms, OneStamp,
    testing::Values(StampCase{"padded_by_blank", kTraditional, "Nov  3 09:05:01", at(2026, 11, 3, 9, 5, 1)},
                    StampCase{"padded_by_zero", kTraditional, "Nov 03 09:05:01", at(2026, 11, 3, 9, 5, 1)},
                    StampCase{"not_padded", kTraditional, "Mar 7 02:09:33", at(2026, 3, 7, 2, 9, 33)},
                    StampCase{"precise", kTraditional, "Nov 23 22:45:27.498608", at(2026, 11, 23, 22, 45, 27) + 498608},
                    StampCase{"leap_second", kTraditional, "Jun 30 23:59:60", at(2026, 7, 1)},
                    StampCase{"year_before", kTraditional, "Dec 31 23:59:59", at(2025, 12, 31, 23, 59, 59)},
                    StampCase{"a_day_ahead", kTraditional, "Nov 25 00:00:00", at(2026, 11, 25)},
                    StampCase{"last_leap_day", kTraditional, "Feb 29 12:00:00", at(2024, 2, 29, 12)},
                    StampCase{"utc", kIso, "2026-11-23T21:53:18Z", at(2026, 11, 23, 21, 53, 18)},
                    StampCase{"zone", kIso, "2026-11-23T21:53:18.123456+01:00", at(2026, 11, 23, 20, 53, 18) + 123456},
                    StampCase{"zone_without_colon", kIso, "2026-11-23T21:53:18-0330", at(2026, 11, 24, 1, 23, 18)},
                    StampCase{"nanoseconds", kIso, "2026-11-23T21:53:18.123456789Z",
                              at(2026, 11, 23, 21, 53, 18) + 123456},
                    StampCase{"tenths", kIso, "2026-11-23T21:53:18.1Z", at(2026, 11, 23, 21, 53, 18) + 100000},
                    StampCase{"named_zone", kIsoNamed, "2026-11-23 22:45:27 UTC", at(2026, 11, 23, 22, 45, 27)},
                    StampCase{"unix", kUnix, "1795473927.498608", at(2026, 11, 23, 22, 45, 27) + 498608},
                    StampCase{"no_zone", kIso, "2026-11-23T21:53:18", core::kNoTime},
                    StampCase{"no_month", kTraditional, "Nvo 23 21:53:18", core::kNoTime},
                    StampCase{"day_0", kTraditional, "Nov  0 21:53:18", core::kNoTime},
                    StampCase{"day_32", kTraditional, "Nov 32 21:53:18", core::kNoTime},
                    StampCase{"hour_24", kTraditional, "Nov 23 24:53:18", core::kNoTime},
                    StampCase{"letters", kIso, "20x6-11-23T21:53:18Z", core::kNoTime},
                    StampCase{"month_13", kIso, "2026-13-23T21:53:18Z", core::kNoTime},
                    StampCase{"zone_99", kIso, "2026-11-23T21:53:18+99:00", core::kNoTime},
                    StampCase{"no_fraction", kUnix, "1795473927", core::kNoTime},
                    StampCase{"huge", kUnix, "99999999999999999999.1", core::kNoTime},
                    StampCase{"empty", kIso, "", core::kNoTime}, StampCase{"none", kNone, "-", core::kNoTime}),
    [](const auto& tested) { return tested.param.name; });

TEST(StampReader, YearGoesForwardInJanuary) {
  StampReader stamps = reader(at(2025, 2, 1));
  EXPECT_EQ(stamps.read(kTraditional, "Dec 31 23:59:59"), at(2024, 12, 31, 23, 59, 59));
  EXPECT_EQ(stamps.read(kTraditional, "Jan  1 00:00:00"), at(2025, 1, 1));
  EXPECT_EQ(stamps.read(kTraditional, "Dec 31 23:59:59"), at(2024, 12, 31, 23, 59, 59)) << "a straggler";
  EXPECT_EQ(stamps.read(kTraditional, "Jan  1 00:00:01"), at(2025, 1, 1, 0, 0, 1));
}

TEST(StampReader, StampsOfOneMinuteInAnyOrder) {
  StampReader stamps = reader(at(2026, 11, 24));
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:53:18"), at(2026, 11, 23, 21, 53, 18));
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:53:59"), at(2026, 11, 23, 21, 53, 59));
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:53:60"), at(2026, 11, 23, 21, 54, 0));
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:53:00"), at(2026, 11, 23, 21, 53, 0));
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:53:61"), core::kNoTime);
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:53:x1"), core::kNoTime);
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:53 01"), core::kNoTime);
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:53:07"), at(2026, 11, 23, 21, 53, 7));
  EXPECT_EQ(stamps.read(kTraditional, "Nov 23 21:52:07"), at(2026, 11, 23, 21, 52, 7));
}

TEST(StampReader, GivenYearIsThatOfTheFirstLine) {
  StampReader stamps = reader(at(2026, 11, 24), 2031);
  EXPECT_EQ(stamps.read(kTraditional, "Dec 31 10:00:00"), at(2031, 12, 31, 10));
  EXPECT_EQ(stamps.read(kTraditional, "Jan  1 10:00:00"), at(2032, 1, 1, 10));
}

TEST(StampReader, LinesOutOfOrderDoNotLeadIntoTheFuture) {
  const std::int64_t now = static_cast<std::int64_t>(std::time(nullptr)) * kSecond;
  StampReader stamps = reader(now);
  for (int i = 0; i < 3; ++i)
    for (const char* text : {"Dec 30 18:19:15", "Mar 11 23:27:54"})
      EXPECT_LE(stamps.read(kTraditional, text), now + 2 * kSecondsPerDay * kSecond) << text;
}

TEST(StampReader, LocalTimeOfTheZone) {
  StampReader stamps = reader(at(2026, 11, 24), 0, "CET-1CEST,M3.5.0,M10.5.0/3");
  EXPECT_EQ(stamps.read(kTraditional, "Jul  1 12:00:00"), at(2026, 7, 1, 10));
  EXPECT_EQ(stamps.read(kTraditional, "Oct 25 01:59:59"), at(2026, 10, 24, 23, 59, 59));
  EXPECT_EQ(stamps.read(kTraditional, "Oct 25 02:59:59"), at(2026, 10, 25, 0, 59, 59));
  EXPECT_EQ(stamps.read(kTraditional, "Oct 25 02:00:00"), at(2026, 10, 25, 1)) << "the hour once more";
  EXPECT_EQ(stamps.read(kTraditional, "Oct 25 03:00:00"), at(2026, 10, 25, 2));
}

TEST(StampReader, GoesOnAfterARestart) {
  StampReader before = reader(at(2025, 6, 1));
  before.read(kTraditional, "Dec 31 23:59:59");
  StampReader after = reader(at(2027, 6, 1));
  after.restore(before.save());
  EXPECT_EQ(after.read(kTraditional, "Jan  1 00:00:00"), at(2025, 1, 1));
}

TEST(StampReader, JunkIsNotRestored) {
  for (const char* junk : {"", ":", "2024", "2024:12", "x:1:2", "2024:13:5", "-1:1:5", "2024:12:5x"}) {
    StampReader stamps = reader(at(2026, 11, 24));
    stamps.restore(junk);
    EXPECT_EQ(stamps.read(kTraditional, "Nov 23 00:00:00"), at(2026, 11, 23)) << junk;
  }
}

}  // namespace
}  // namespace dsnwatch::ingest
