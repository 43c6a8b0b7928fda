#include "ingest/envelope/time_zone.h"

#include <gtest/gtest.h>

#include "ingest/envelope/calendar.h"

namespace dsnwatch::ingest {
namespace {

std::int64_t at(int year, int month, int day, int hour, int minute = 0) {
  return days_of_date(year, month, day) * kSecondsPerDay + hour * 3600 + minute * 60;
}

TEST(Calendar, DaysOfDate) {
  EXPECT_EQ(days_of_date(1970, 1, 1), 0);
  EXPECT_EQ(days_of_date(2000, 2, 29), 11016);
  EXPECT_EQ(days_of_date(2026, 11, 23), 20780);
  EXPECT_EQ(days_of_date(1969, 12, 31), -1);
  for (int year = 1960; year < 2110; ++year) EXPECT_EQ(year_of_days(days_of_date(year, 12, 31)), year);
}

TEST(TimeZone, UnknownNameIsAnErrorThatSaysWhatToDo) {
  for (const char* name : {"Europe/Atlantis", "../../etc/passwd", "Berlin!", "X"}) {
    const auto zone = TimeZone::load(name);
    ASSERT_FALSE(zone) << name;
    EXPECT_NE(zone.error().message.find(name), std::string::npos);
    EXPECT_NE(zone.error().message.find("Europe/Berlin"), std::string::npos);
  }
}

TEST(TimeZone, UtcHasNoOffset) {
  const auto zone = TimeZone::load("UTC");
  ASSERT_TRUE(zone);
  EXPECT_EQ(zone->offset_at(0), 0);
  EXPECT_EQ(zone->instants_of(123456).first, 123456);
}

struct PosixCase {
  const char* name;
  const char* zone;
  std::int64_t utc;
  std::int64_t offset;
};

class PosixZone : public testing::TestWithParam<PosixCase> {};

TEST_P(PosixZone, Offset) {
  const auto zone = TimeZone::load(GetParam().zone);
  ASSERT_TRUE(zone) << zone.error().message;
  EXPECT_EQ(zone->offset_at(GetParam().utc), GetParam().offset);
}

constexpr const char* kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";
INSTANTIATE_TEST_SUITE_P(
    Rules, PosixZone,
    testing::Values(PosixCase{"winter", kBerlin, at(2026, 1, 15, 12), 3600},
                    PosixCase{"summer", kBerlin, at(2026, 7, 15, 12), 7200},
                    PosixCase{"before_spring", kBerlin, at(2026, 3, 29, 0, 59), 3600},
                    PosixCase{"spring", kBerlin, at(2026, 3, 29, 1, 0), 7200},
                    PosixCase{"before_autumn", kBerlin, at(2026, 10, 25, 0, 59), 7200},
                    PosixCase{"autumn", kBerlin, at(2026, 10, 25, 1, 0), 3600},
                    PosixCase{"south_summer", "AEST-10AEDT,M10.1.0,M4.1.0/3", at(2026, 1, 1, 0), 39600},
                    PosixCase{"south_winter", "AEST-10AEDT,M10.1.0,M4.1.0/3", at(2026, 7, 1, 0), 36000},
                    PosixCase{"half_hour", "IST-5:30", at(2026, 7, 1, 0), 19800},
                    PosixCase{"quoted_name", "<-03>3", at(2026, 7, 1, 0), -10800},
                    PosixCase{"julian_day", "XXX0YYY,J60,J300", at(2028, 3, 1, 12), 3600}),
    [](const auto& tested) { return tested.param.name; });

TEST(TimeZone, FileAndRuleAgree) {
  const auto file = TimeZone::load("Europe/Berlin");
  if (!file) return;  // no tzdata on this machine
  const auto rule = TimeZone::load(kBerlin);
  ASSERT_TRUE(rule);
  for (std::int64_t utc = at(2010, 1, 1, 0); utc < at(2060, 1, 1, 0); utc += 7 * 3600)
    ASSERT_EQ(file->offset_at(utc), rule->offset_at(utc)) << utc;
}

TEST(TimeZone, RepeatedAndSkippedHours) {
  const auto zone = TimeZone::load(kBerlin);
  ASSERT_TRUE(zone);
  const auto repeated = zone->instants_of(at(2026, 10, 25, 2, 30));
  EXPECT_EQ(repeated.first, at(2026, 10, 25, 0, 30));
  EXPECT_EQ(repeated.second, at(2026, 10, 25, 1, 30));
  const auto plain = zone->instants_of(at(2026, 10, 25, 4));
  EXPECT_EQ(plain.first, plain.second);
  EXPECT_EQ(plain.first, at(2026, 10, 25, 3));
  const auto skipped = zone->instants_of(at(2026, 3, 29, 2, 30));
  EXPECT_EQ(skipped.first, at(2026, 3, 29, 1, 30));
  EXPECT_EQ(skipped.first, skipped.second);
}

}  // namespace
}  // namespace dsnwatch::ingest
