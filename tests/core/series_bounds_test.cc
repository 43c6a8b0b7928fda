#include <gtest/gtest.h>

#include "tests/core/series_fixture.h"

// Bounds (design section 5): which values own series, and when they lose them.
namespace dsnwatch::core::testing {
namespace {

std::string domain_series(const std::string& domain) {
  return "dsnwatch_domain_attempts_total{provider=\"other\",domain=\"" + domain + "\",result=\"delivered\"}";
}

class Bounds : public ::testing::Test {
 protected:
  void send(const std::string& domain, std::uint32_t times = 1) { daemon_.count(delivered("u@" + domain, times)); }
  bool owns(const std::string& domain) { return daemon_.totals().contains(domain_series(domain)); }
  std::uint64_t value(const std::string& domain) { return daemon_.totals().at(domain_series(domain)); }
  void step(MonotonicMs ms) {
    clock_.pass(ms);
    daemon_.checkpoint();
  }

  static SeriesSettings three_domains() {
    SeriesSettings settings;
    settings.domains = 3;
    return settings;
  }
  FakeClock clock_;
  Daemon daemon_{clock_, three_domains()};
};

TEST_F(Bounds, WhatFindsNoRoomCountsUnderOther) {
  for (const char* domain : {"a.example", "b.example", "c.example", "d.example", "e.example"}) send(domain, 2);
  step(0);
  EXPECT_TRUE(owns("a.example") && owns("b.example") && owns("c.example"));
  EXPECT_FALSE(owns("d.example"));
  EXPECT_EQ(value("other"), 4u);
  EXPECT_EQ(daemon_.use(BoundedLabel::kDomain).owners, 3u);
  EXPECT_EQ(daemon_.use(BoundedLabel::kDomain).limit, 3u);
  EXPECT_EQ(daemon_.use(BoundedLabel::kDomain).overflowed_total, 4u);
}

TEST_F(Bounds, FourTimesTheWeightForFiveMinutesDisplaces) {
  for (const char* domain : {"a.example", "b.example", "c.example"}) send(domain, 100);
  send("b.example", 1);
  step(0);
  send("heavy.example", 400);
  step(0);  // Heavy from here on: at the next comparison.
  step(kSecond);
  step(5 * kMinute - kSecond);
  EXPECT_EQ(daemon_.use(BoundedLabel::kDomain).owners, 3u);
  send("heavy.example", 1);
  step(0);
  EXPECT_FALSE(owns("heavy.example")) << "five minutes are not over";
  step(kSecond);
  send("heavy.example", 5);
  step(kSecond);
  EXPECT_EQ(value("heavy.example"), 5u) << "born anew: earlier counts stay with other";
  EXPECT_EQ(value("other"), 401u);
}

TEST_F(Bounds, LessThanFourTimesNeverDisplaces) {
  for (const char* domain : {"a.example", "b.example", "c.example"}) send(domain, 100);
  step(0);
  send("heavy.example", 399);
  step(0);
  for (int minute = 0; minute < 60; ++minute) step(kMinute);
  send("heavy.example", 1);
  step(kSecond);
  EXPECT_FALSE(owns("heavy.example"));
}

TEST_F(Bounds, WhoFallsBelowMustBeginTheFiveMinutesAnew) {
  for (const char* domain : {"a.example", "b.example", "c.example"}) send(domain, 100);
  step(0);
  send("heavy.example", 450);
  step(kSecond);
  step(4 * kMinute);
  for (const char* domain : {"a.example", "b.example", "c.example"}) send(domain, 100);
  step(kSecond);  // Now 4 × 175.8 and more.
  send("heavy.example", 450);
  for (int second = 0; second < 290; ++second) step(kSecond);
  send("heavy.example");
  step(0);
  EXPECT_FALSE(owns("heavy.example"));
  for (int second = 0; second < 15; ++second) step(kSecond);
  send("heavy.example");
  step(0);
  EXPECT_TRUE(owns("heavy.example"));
}

TEST_F(Bounds, TheLightestGoesAndItsLastValueStandsForFiveMinutes) {
  send("a.example", 100);
  send("light.example", 10);
  send("c.example", 100);
  step(0);
  send("heavy.example", 1000);
  step(0);
  step(kSecond);
  step(5 * kMinute);
  ASSERT_EQ(daemon_.use(BoundedLabel::kDomain).owners, 3u);
  send("light.example", 7);
  send("heavy.example", 1);
  step(kSecond);
  EXPECT_TRUE(owns("heavy.example"));
  EXPECT_EQ(value("light.example"), 10u) << "its new counts go to other";
  EXPECT_EQ(value("other"), 1007u);
  step(4 * kMinute + 58 * kSecond);
  EXPECT_EQ(value("light.example"), 10u);
  step(kSecond);
  EXPECT_FALSE(owns("light.example"));
  EXPECT_TRUE(owns("a.example") && owns("c.example"));
}

TEST_F(Bounds, WhoComesBackIsBornAgainAtZero) {
  send("light.example", 10);
  send("b.example", 100);
  send("c.example", 100);
  step(0);
  send("heavy.example", 1000);
  step(0);
  step(kSecond);
  step(5 * kMinute);
  for (int minute = 0; minute < 6; ++minute) step(kMinute);
  ASSERT_FALSE(owns("light.example"));
  send("light.example", 5000);
  step(kSecond);
  for (int minute = 0; minute < 6; ++minute) step(kMinute);
  send("light.example", 3);
  step(kSecond);
  EXPECT_EQ(value("light.example"), 3u);
  EXPECT_EQ(daemon_.published().at(domain_series("light.example")), 0u);
}

TEST_F(Bounds, ADayWithoutCountsRetires) {
  send("idle.example", 5);
  send("busy.example", 5);
  step(0);
  for (int hour = 0; hour < 23; ++hour) {
    send("busy.example");
    step(kHour);
  }
  EXPECT_TRUE(owns("idle.example"));
  step(kHour);
  EXPECT_FALSE(owns("idle.example"));
  EXPECT_TRUE(owns("busy.example"));
  EXPECT_EQ(daemon_.use(BoundedLabel::kDomain).owners, 1u);
}

TEST_F(Bounds, IdlenessGoesOnWhileTheProcessIsDown) {
  send("idle.example", 5);
  step(0);
  clock_.pass(23 * kHour);
  clock_.reboot();
  daemon_.restart();
  daemon_.checkpoint();
  EXPECT_TRUE(owns("idle.example"));
  step(90 * kSecond);  // The hold of the first process never ended.
  step(kHour);
  EXPECT_FALSE(owns("idle.example"));
}

TEST_F(Bounds, ALeavingOwnerStillLeavesAfterARestart) {
  send("light.example", 10);
  send("b.example", 100);
  send("c.example", 100);
  step(0);
  send("heavy.example", 1000);
  step(0);
  step(kSecond);
  step(5 * kMinute);
  step(kMinute);
  daemon_.restart();
  send("light.example", 1);
  send("heavy.example", 1);
  step(kSecond);
  EXPECT_EQ(value("light.example"), 10u);
  EXPECT_TRUE(owns("heavy.example"));
  step(5 * kMinute);
  EXPECT_FALSE(owns("light.example"));
}

// Its value has never been shown: taken away now, its counts were lost to every increase.
TEST(BoundsAndBirth, AHeldSeriesIsNotTakenAway) {
  FakeClock clock;
  SeriesSettings settings;
  settings.domains = 1;
  settings.birth_hold_ms = 5 * kMinute;
  Daemon daemon(clock, settings);
  const auto step = [&](MonotonicMs ms) {
    clock.pass(ms);
    daemon.checkpoint();
  };
  daemon.count(delivered("u@light.example", 10));
  step(0);
  daemon.count(delivered("u@heavy.example", 1000));
  step(0);
  step(kSecond);
  step(4 * kMinute);
  daemon.store().on_prometheus_request();  // The hold now ends at 9 minutes.
  step(kMinute);                           // Displaced.
  step(3 * kMinute + 59 * kSecond);
  EXPECT_EQ(daemon.published().at(domain_series("light.example")), 0u);
  step(kSecond);
  EXPECT_EQ(daemon.published().at(domain_series("light.example")), 10u);
  step(kMinute);
  step(kMinute);
  EXPECT_FALSE(daemon.totals().contains(domain_series("light.example")));
}

TEST(BoundsByLabel, EachLabelHasItsOwnOwners) {
  FakeClock clock;
  SeriesSettings settings;
  settings.sender_domains = 1;
  settings.source_ips = 1;
  Daemon daemon(clock, settings);
  for (const char* number : {"1", "2", "3"}) {
    const std::string sender = "news@s" + std::string(number) + ".example", ip = "192.0.2." + std::string(number);
    Sample sample = delivered("u@example.com");
    sample.attempt.sender = sender;
    sample.attempt.source_ip = ip;
    daemon.count(sample);
  }
  daemon.checkpoint();
  const Scrape totals = daemon.totals();
  EXPECT_EQ(
      totals.at(R"(dsnwatch_sender_attempts_total{sender_domain="s1.example",provider="other",result="delivered"})"),
      1u);
  EXPECT_EQ(totals.at(R"(dsnwatch_sender_attempts_total{sender_domain="other",provider="other",result="delivered"})"),
            2u);
  EXPECT_EQ(totals.at(R"(dsnwatch_ip_attempts_total{source_ip="other",provider="other",result="delivered"})"), 2u);
  EXPECT_EQ(totals.at(domain_series("example.com")), 3u);
}

TEST(BoundsByFamily, AFullFamilyFallsBackInTwoSteps) {
  FakeClock clock;
  SeriesSettings settings;
  settings.series_per_family = 30;  // 5 for the series that stand in for all, 3 more for `other`: 22 for owners.
  Daemon daemon(clock, settings);
  for (int domain = 0; domain < 40; ++domain) {
    daemon.count(bounced("u@d" + std::to_string(domain) + ".example"));
  }
  for (const Cause cause : {Cause::kSpam, Cause::kMalware, Cause::kMailboxFull}) {
    daemon.count(bounced("u@d0.example", cause));
  }
  daemon.checkpoint();
  const Scrape totals = daemon.totals();
  const auto count = [&](const std::string& labels) {
    const auto found = totals.find("dsnwatch_domain_rejections_total{" + labels + "}");
    return found == totals.end() ? 0 : found->second;
  };
  const std::string tail = R"(",result="bounced",enhanced_code="5.7.1",cause=")";
  EXPECT_EQ(count(R"(provider="other",domain="d21.example)" + tail + "policy\""), 1u);
  EXPECT_EQ(count(R"(provider="other",domain="d22.example)" + tail + "policy\""), 0u);
  EXPECT_EQ(count(R"(provider="other",domain="other)" + tail + "policy\""), 18u) << "the same labels, other";
  EXPECT_EQ(count(R"(provider="other",domain="other)" + tail + "spam\""), 1u);
  EXPECT_EQ(count(R"(provider="other",domain="other)" + tail + "malware\""), 1u);
  EXPECT_EQ(count(R"(provider="other",domain="other",result="bounced",enhanced_code="other",cause="other")"), 1u)
      << "and other in every label but the result";
  std::size_t series = 0;
  for (const auto& [name, value] : totals) series += name.starts_with("dsnwatch_domain_rejections_total") ? 1 : 0;
  EXPECT_LE(series, 30u);
}

TEST(BoundsByFamily, AFamilyWithoutABoundedLabelFallsBackAtOnce) {
  FakeClock clock;
  SeriesSettings settings;
  settings.series_per_family = 7;
  Daemon daemon(clock, settings);
  for (const Cause cause : {Cause::kSpam, Cause::kMalware, Cause::kMailboxFull, Cause::kPolicy}) {
    daemon.count(bounced("u@example.com", cause));
  }
  daemon.checkpoint();
  EXPECT_EQ(
      daemon.totals().at(
          R"(dsnwatch_rejections_total{mta="other",provider="other",result="bounced",enhanced_code="other",cause="other"})"),
      2u);
}

}  // namespace
}  // namespace dsnwatch::core::testing
