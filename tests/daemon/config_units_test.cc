#include <gtest/gtest.h>

#include "daemon/config/units.h"

namespace dsnwatch::daemon {
namespace {

TEST(ConfigUnits, Durations) {
  EXPECT_EQ(parse_duration("90s"), 90'000);
  EXPECT_EQ(parse_duration("1h30m"), 5'400'000);
  EXPECT_EQ(parse_duration("250ms"), 250);
  EXPECT_EQ(parse_duration("2d"), 172'800'000);
  EXPECT_EQ(parse_duration("0"), 0);
  for (const char* bad :
       {"", "s", "90", "-1s", "1.5s", "1 s", "1s ", "1x", "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_FALSE(parse_duration(bad)) << bad;
  }
  for (const char* same : {"1500ms", "90s", "5m", "26h", "7d", "0s"}) {
    EXPECT_EQ(format_duration(*parse_duration(same)), same);
  }
}

TEST(ConfigUnits, Sizes) {
  EXPECT_EQ(parse_size("32MiB"), 32u << 20);
  EXPECT_EQ(parse_size("1GiB"), 1u << 30);
  EXPECT_EQ(parse_size("4096"), 4096u);
  EXPECT_EQ(parse_size("5B"), 5u);
  for (const char* bad : {"", "MiB", "32MB", "32 MiB", "-1", "1.5GiB", "99999999999GiB"})
    EXPECT_FALSE(parse_size(bad)) << bad;
  EXPECT_EQ(format_size(32u << 20), "32MiB");
  EXPECT_EQ(format_size(1000), "1000B");
}

}  // namespace
}  // namespace dsnwatch::daemon
