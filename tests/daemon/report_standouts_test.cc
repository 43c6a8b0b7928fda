#include <gmock/gmock.h>

#include "core/address.h"
#include "core/series/seeded_hash.h"
#include "daemon/report/report_sink.h"
#include "daemon/report/standouts.h"

namespace dsnwatch::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kStart = 1'795'420'800'000'000;  // 2026-11-23T08:00:00Z

core::Attempt attempt(core::AttemptResult result, std::string_view queue_id, std::string_view recipient,
                      std::int64_t time_us = kStart) {
  core::Attempt attempt;
  attempt.result = result;
  attempt.queue_id = queue_id;
  attempt.recipient = recipient;
  attempt.time_us = time_us;
  attempt.has_sender = true;
  attempt.sender = "news@shop.example";
  return attempt;
}

core::Verdict unknown_user() {
  core::Verdict verdict;
  verdict.cause = core::Cause::kUserUnknown;
  verdict.confidence = core::Confidence::kText;
  return verdict;
}

TEST(RetriedRecipients, AreThoseThatAnotherMessageWentToAndWasRejected) {
  RetriedRecipients retried;
  const auto bounced = [&](std::string_view id, std::string_view to, std::int64_t at) {
    retried.add(attempt(core::AttemptResult::kBounced, id, to, at), unknown_user());
  };
  bounced("A", "gone@x.test", 1);
  bounced("A", "gone@x.test", 2);  // The same message.
  bounced("A", "once@x.test", 2);
  bounced("B", "", 2);
  EXPECT_EQ(retried.recipients(), 0u);
  bounced("C", "GONE@X.test", 5);
  bounced("D", "gone@x.test", 7);
  EXPECT_EQ(retried.recipients(), 1u);
  EXPECT_EQ(retried.again(), 2u);
  EXPECT_EQ(retried.first_us(), 5);
  EXPECT_EQ(retried.main_cause(), core::Cause::kUserUnknown);
  EXPECT_TRUE(retried.complete());
}

TEST(RetriedRecipients, AreBounded) {
  RetriedRecipients retried(2);
  for (const char* to : {"a@x.test", "b@x.test", "c@x.test"})
    for (const char* id : {"A", "B"}) retried.add(attempt(core::AttemptResult::kBounced, id, to), unknown_user());
  EXPECT_EQ(retried.recipients(), 2u);
  EXPECT_FALSE(retried.complete());
}

void add(VolumeWatch& watch, const core::Attempt& one, bool rejected) {
  const std::string_view domain = core::domain_of(one.sender);
  watch.add(one, domain, core::seeded_hash(domain), rejected);
}

/// A day of a sender: attempts and rejections in each hour.
void add_day(VolumeWatch& watch, const core::Attempt& kind, std::uint32_t attempts, std::uint32_t rejections,
             int jump_hour = -1, std::uint32_t jump = 1) {
  for (int hour = 0; hour < 24; ++hour) {
    core::Attempt one = kind;
    one.time_us = kStart + hour * kHour;
    const std::uint32_t factor = hour == jump_hour ? jump : 1;
    one.count = (attempts - rejections) * factor;
    add(watch, one, false);
    one.count = rejections * factor;
    if (one.count > 0) add(watch, one, true);
  }
}

TEST(VolumeWatch, FindsWhoseVolumeJumpedTogetherWithItsRejections) {
  VolumeWatch watch;
  core::Attempt steady = attempt(core::AttemptResult::kDelivered, "A", "x@x.test");
  add_day(watch, steady, 100, 50);
  core::Attempt stolen = steady;
  stolen.account = "bob";
  add_day(watch, stolen, 20, 4, 13, 50);
  core::Attempt mailing = steady;
  mailing.sender = "x@bulk.example";
  add_day(watch, mailing, 100, 0, 9, 100);  // Nobody minded.
  const auto jumps = watch.jumps(kStart, kStart + 24 * kHour, 5);
  ASSERT_EQ(jumps.size(), 1u);
  EXPECT_EQ(jumps[0].sender, "bob");
  EXPECT_TRUE(jumps[0].account);
  EXPECT_EQ(jumps[0].hour_us, kStart + 13 * kHour);
  EXPECT_EQ(jumps[0].attempts, 1000u);
  EXPECT_EQ(jumps[0].rejections, 200u);
  EXPECT_EQ(jumps[0].usual_attempts, 20u);
  EXPECT_EQ(jumps[0].usual_rejections, 4u);
}

TEST(VolumeWatch, HoursWithoutMailCountAsUsual) {
  VolumeWatch watch;
  core::Attempt burst = attempt(core::AttemptResult::kBounced, "A", "x@x.test");
  burst.count = 100;
  add(watch, burst, true);
  EXPECT_THAT(watch.jumps(kStart, kStart + kHour, 5), IsEmpty()) << "nobody knows what is usual";
  const auto jumps = watch.jumps(kStart - 12 * kHour, kStart + 12 * kHour, 5);
  ASSERT_EQ(jumps.size(), 1u);
  EXPECT_EQ(jumps[0].sender, "shop.example");
  EXPECT_FALSE(jumps[0].account);
}

TEST(VolumeWatch, ManySendersAndHoursAreBoundedAndTheHeavyStay) {
  VolumeWatch watch;
  core::Attempt one = attempt(core::AttemptResult::kBounced, "A", "x@x.test");
  one.account = "heavy";
  one.count = 500;
  add(watch, one, true);
  one.count = 1;
  std::string name;
  for (int i = 0; i < 10'000; ++i) {
    name = "s" + std::to_string(i);
    one.account = name;
    add(watch, one, true);
  }
  one.account = "late";
  one.count = 400;
  for (int hour = 1000; hour > 0; --hour) {  // Out of order as well.
    one.time_us = kStart + (hour % 2 == 0 ? hour : 1000 - hour) * kHour;
    add(watch, one, true);
  }
  const auto jumps = watch.jumps(kStart - 24 * kHour, kStart + 1000 * kHour, 5);
  ASSERT_FALSE(jumps.empty());
  EXPECT_EQ(jumps[0].sender, "heavy");
}

TEST(Standouts, AreSentencesWithNumbers) {
  Report report(*core::Providers::build({}, {}));
  ReportSink sink(report, {});
  for (int i = 0; i < 60; ++i) {
    const std::string id = "Q" + std::to_string(i);
    core::Attempt bounced =
        attempt(core::AttemptResult::kBounced, id, i < 2 ? "gone@x.test" : "", kStart + (i < 6 ? i : 5) * kHour);
    bounced.account = "eve\x1b[2J";
    sink.on_attempt(bounced, unknown_user());
  }
  EXPECT_THAT(standouts(report),
              ElementsAre(testing::AllOf(HasSubstr("1 recipient was tried again"),
                                         HasSubstr("1 time, mostly user_unknown"), HasSubstr("since 2026-11-23 09:00")),
                          testing::AllOf(testing::StartsWith("Account eve?[2J: 55 attempts and 55 rejections"),
                                         HasSubstr("2026-11-23 13:00 UTC, usually 1 and 1 an hour"))));
}

TEST(Standouts, OfAQuietLogAreNone) {
  Report report(*core::Providers::build({}, {}));
  EXPECT_THAT(standouts(report), IsEmpty());
}

}  // namespace
}  // namespace dsnwatch::daemon
