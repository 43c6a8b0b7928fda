#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/attempt.h"
#include "daemon/report/moment.h"
#include "daemon/report/utc_time.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::int64_t kNow = 1'800'000'000'000'000;

TEST(Moment, Times) {
  const struct {
    const char *text, *timezone, *utc;
  } cases[] = {
      {"2026-11-23", "UTC", "2026-11-23T00:00:00Z"},
      {"2026-11-23 21:53", "UTC", "2026-11-23T21:53:00Z"},
      {"2026-11-23T21:53:07", "Europe/Berlin", "2026-11-23T20:53:07Z"},
      {"2026-07-01", "Europe/Berlin", "2026-06-30T22:00:00Z"},
      {"2026-11-23T21:53:07Z", "Europe/Berlin", "2026-11-23T21:53:07Z"},
      {"2026-11-23T21:53:07+01:00", "UTC", "2026-11-23T20:53:07Z"},
      {"2026-11-23T21:53:07-0530", "UTC", "2026-11-24T03:23:07Z"},
      {"2028-02-29", "UTC", "2028-02-29T00:00:00Z"},
      {"90m", "UTC", "2027-01-15T06:30:00Z"},
      {"24h", "", "2027-01-14T08:00:00Z"},
      {"7d", "", "2027-01-08T08:00:00Z"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.text);
    const auto moment = parse_moment(c.text, c.timezone, kNow);
    ASSERT_TRUE(moment) << moment.error().message;
    EXPECT_EQ(rfc3339_utc(*moment), c.utc);
  }
}

TEST(Moment, Nonsense) {
  for (const char* text :
       {"", "yesterday", "2026-13-01", "2026-02-29", "2026-11-23T", "2026-11-23 25:00", "2026-11-23T21:53:07X",
        "2026-11-23T21:53:07+1", "7w", "-7d", "7", "d", "99999999999d", "2026-11-23 21:53 extra"}) {
    const auto moment = parse_moment(text, "UTC", kNow);
    ASSERT_FALSE(moment) << text;
    EXPECT_THAT(moment.error().message, ::testing::HasSubstr("is no time; write 2026-11-23"));
  }
}

TEST(UtcTime, BeforeTheEpochAndNone) {
  EXPECT_EQ(rfc3339_utc(-1), "1969-12-31T23:59:59Z");
  EXPECT_EQ(rfc3339_utc(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(rfc3339_utc(core::kNoTime), "");
  EXPECT_EQ(minute_utc(1'800'000'000'000'000), "2027-01-15 08:00");
}

}  // namespace
}  // namespace dsnwatch::daemon
