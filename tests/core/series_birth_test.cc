#include <gtest/gtest.h>

#include "tests/core/series_fixture.h"

// Birth (design section 5): a new series is 0 while its hold lasts, so that increase() sees its first value.
namespace dsnwatch::core::testing {
namespace {

constexpr const char* kBounces =
    R"(dsnwatch_rejections_total{mta="postfix",provider="other",result="bounced",enhanced_code="5.7.1",cause="policy"})";

class Birth : public ::testing::Test {
 protected:
  std::uint64_t seen() { return daemon_.published().at(kBounces); }
  std::uint64_t counted() { return daemon_.totals().at(kBounces); }
  void bounce(std::uint32_t times = 1) {
    daemon_.count(bounced("user@example.com", Cause::kPolicy, {5, 7, 1}, times));
    daemon_.checkpoint();
  }
  /// A checkpoint each second, as the daemon does.
  void run(MonotonicMs ms) {
    for (MonotonicMs at = 0; at < ms; at += kSecond) {
      clock_.pass(std::min(kSecond, ms - at));
      daemon_.checkpoint();
    }
  }

  FakeClock clock_;
  Daemon daemon_{clock_};
};

TEST_F(Birth, ANewSeriesIsZeroWhileHeld) {
  bounce(40);
  EXPECT_EQ(seen(), 0u);
  EXPECT_EQ(counted(), 40u) << "who asks without Prometheus' header sees the value at once";
  run(89 * kSecond);
  EXPECT_EQ(seen(), 0u);
  run(kSecond);
  EXPECT_EQ(seen(), 40u);
  bounce(2);
  EXPECT_EQ(seen(), 42u);
}

TEST_F(Birth, CountsDuringTheHoldShowAtItsEnd) {
  bounce(40);
  run(60 * kSecond);
  bounce(3);
  EXPECT_EQ(seen(), 0u);
  run(30 * kSecond);
  EXPECT_EQ(seen(), 43u) << "the hold is the series', not its counts'";
}

TEST_F(Birth, TheFirstPrometheusRequestBeginsTheHoldAnew) {
  bounce(40);
  run(60 * kSecond);
  daemon_.store().on_prometheus_request();
  run(60 * kSecond);
  daemon_.store().on_prometheus_request();  // Not the first.
  run(29 * kSecond);
  EXPECT_EQ(seen(), 0u);
  run(kSecond);
  EXPECT_EQ(seen(), 40u);
}

TEST_F(Birth, ARequestBeforeTheBirthDoesNotCount) {
  daemon_.store().on_prometheus_request();
  run(10 * kSecond);
  bounce(40);
  run(90 * kSecond);
  EXPECT_EQ(seen(), 40u);
}

TEST_F(Birth, ARequestBetweenCheckpointAndPublicationDoesNotCount) {
  daemon_.count(bounced("user@example.com"));
  daemon_.merge();
  daemon_.store().advance();
  daemon_.store().on_prometheus_request();
  clock_.pass(50 * kSecond);
  daemon_.checkpoint();
  run(89 * kSecond);
  EXPECT_EQ(seen(), 0u) << "from the publication";
  run(kSecond);
  EXPECT_EQ(seen(), 1u);
}

TEST_F(Birth, ALateRequestDoesNotHideTheValueAgain) {
  bounce(40);
  run(90 * kSecond);
  daemon_.store().on_prometheus_request();
  run(kSecond);
  EXPECT_EQ(seen(), 40u);
}

TEST_F(Birth, AKillInTheHoldBeginsItAnew) {
  bounce(40);
  run(80 * kSecond);
  clock_.reboot();
  daemon_.restart();
  EXPECT_EQ(seen(), 0u);
  EXPECT_EQ(counted(), 40u);
  run(89 * kSecond);
  EXPECT_EQ(seen(), 0u);
  run(kSecond);
  EXPECT_EQ(seen(), 40u);
}

// However long it takes until the new process can be scraped, its hold is not over before it has begun.
TEST(BirthAfterARestart, TheHoldBeginsWhenTheNewProcessPublishes) {
  FakeClock clock;
  Daemon first(clock);
  first.count(bounced("user@example.com"));
  first.checkpoint();
  SeriesStore store({}, make_providers(), clock);
  ASSERT_TRUE(store.restore(contents(first.disk())).has_value());
  clock.pass(5 * kMinute);
  store.advance();
  EXPECT_EQ(scrape(*store.snapshot(), View::kPublished).at(kBounces), 0u);
  clock.pass(90 * kSecond);
  store.advance();
  EXPECT_EQ(scrape(*store.snapshot(), View::kPublished).at(kBounces), 1u);
}

TEST_F(Birth, AKillBetweenCommitAndPublicationKeepsTheHold) {
  daemon_.count(bounced("user@example.com"));
  daemon_.merge();
  daemon_.store().advance();
  commit_to(daemon_.disk(), daemon_.store().changes());
  daemon_.restart();
  EXPECT_EQ(seen(), 0u);
  run(90 * kSecond);
  EXPECT_EQ(seen(), 1u);
}

TEST_F(Birth, TheEndOfAHoldSurvivesAKill) {
  bounce(40);
  run(90 * kSecond);
  EXPECT_EQ(seen(), 40u);
  daemon_.restart();
  EXPECT_EQ(seen(), 40u) << "what was published never falls";
}

TEST_F(Birth, TheEndOfAHoldIsDurableBeforeItIsPublished) {
  bounce(40);
  clock_.pass(90 * kSecond);
  daemon_.store().advance();
  EXPECT_TRUE(daemon_.store().dirty());
  Disk later = daemon_.disk();
  commit_to(later, daemon_.store().changes());
  EXPECT_NE(later, daemon_.disk());
  daemon_.restart();  // Killed before the commit: nobody has seen the value.
  EXPECT_EQ(seen(), 0u);
}

TEST_F(Birth, SeriesBornLaterHaveTheirOwnHold) {
  bounce(40);
  run(60 * kSecond);
  daemon_.count(bounced("user@example.com", Cause::kSpam));
  daemon_.checkpoint();
  run(30 * kSecond);
  constexpr const char* kSpam =
      R"(dsnwatch_rejections_total{mta="postfix",provider="other",result="bounced",enhanced_code="5.7.1",cause="spam"})";
  EXPECT_EQ(seen(), 40u);
  EXPECT_EQ(daemon_.published().at(kSpam), 0u);
  run(60 * kSecond);
  EXPECT_EQ(daemon_.published().at(kSpam), 1u);
}

TEST_F(Birth, DrainingEndsHoldsAfterOneMoreRequest) {
  bounce(40);
  run(kSecond);
  daemon_.store().on_prometheus_request();
  daemon_.store().end_holds(false);
  run(kSecond);
  EXPECT_EQ(seen(), 0u) << "that request came before";
  daemon_.store().on_prometheus_request();
  run(kSecond);
  EXPECT_EQ(seen(), 40u);
}

TEST_F(Birth, WhatIsBornInTheDrainIsSeenAtZeroFirst) {
  daemon_.store().end_holds(false);
  daemon_.store().on_prometheus_request();
  bounce(40);
  run(kSecond);
  EXPECT_EQ(seen(), 0u);
  daemon_.store().on_prometheus_request();
  run(kSecond);
  EXPECT_EQ(seen(), 40u);
}

TEST_F(Birth, EndingAtOnceKeepsWhatPrometheusNeverSawForTheNextStart) {
  bounce(40);
  daemon_.store().end_holds(true);
  run(kSecond);
  EXPECT_EQ(seen(), 0u) << "shown with its value at the next start, the 40 were lost to increase()";
  daemon_.restart();
  EXPECT_EQ(seen(), 0u);
}

TEST_F(Birth, EndingAtOnceShowsWhatPrometheusHasSeen) {
  bounce(40);
  daemon_.store().on_prometheus_request();
  run(kSecond);
  daemon_.store().end_holds(true);
  run(kSecond);
  EXPECT_EQ(seen(), 40u);
}

TEST(BirthSettings, NoHoldIsLongerThanFiveMinutes) {
  FakeClock clock;
  SeriesSettings settings;
  settings.birth_hold_ms = kHour;
  Daemon daemon(clock, settings);
  daemon.count(bounced("user@example.com"));
  daemon.checkpoint();
  clock.pass(5 * kMinute);
  daemon.checkpoint();
  EXPECT_EQ(daemon.published().at(kBounces), 1u);
}

TEST(BirthSettings, HistogramsAreHeldToo) {
  FakeClock clock;
  Daemon daemon(clock);
  Sample sample = delivered("a@example.com");
  sample.attempt.delay = 3;
  daemon.count(sample);
  daemon.checkpoint();
  constexpr const char* kDelay = R"(dsnwatch_delivery_delay_seconds{provider="other",result="delivered"})";
  EXPECT_EQ(daemon.published().at(kDelay), 0u);
  clock.pass(90 * kSecond);
  daemon.checkpoint();
  EXPECT_EQ(daemon.published().at(kDelay), 1u);
  daemon.restart();
  EXPECT_EQ(daemon.published().at(kDelay), 1u);
}

}  // namespace
}  // namespace dsnwatch::core::testing
