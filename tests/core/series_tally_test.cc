#include <gtest/gtest.h>

#include <limits>

#include "core/series/tally.h"
#include "tests/core/series_fixture.h"

namespace dsnwatch::core::testing {
namespace {

/// What samples count under, by the names of the exposition.
Scrape counted(const std::vector<Sample>& samples, TallySettings tally = {}, SeriesSettings series = {}) {
  FakeClock clock;
  Daemon daemon(clock, series, std::move(tally));
  for (const Sample& sample : samples) daemon.count(sample);
  daemon.checkpoint();
  return daemon.totals();
}

Sample full_bounce() {
  Sample sample = bounced("user@Example.COM");
  sample.attempt.source_ip = "192.0.2.10";
  sample.attempt.delay = 2.5;
  sample.verdict.provider = 2;  // The first of make_providers(): google.
  sample.verdict.blocklist = kOtherBlocklist;
  return sample;
}

TEST(Tally, ABounceCountsInEveryFamilyThatItBelongsTo) {
  const Scrape expected = {
      {R"(dsnwatch_attempts_total{mta="postfix",provider="google",result="bounced"})", 1},
      {R"(dsnwatch_rejections_total{mta="postfix",provider="google",result="bounced",enhanced_code="5.7.1",cause="policy"})",
       1},
      {R"(dsnwatch_domain_attempts_total{provider="google",domain="example.com",result="bounced"})", 1},
      {R"(dsnwatch_domain_rejections_total{provider="google",domain="example.com",result="bounced",enhanced_code="5.7.1",cause="policy"})",
       1},
      {R"(dsnwatch_ip_attempts_total{source_ip="192.0.2.10",provider="google",result="bounced"})", 1},
      {R"(dsnwatch_ip_rejections_total{source_ip="192.0.2.10",provider="google",result="bounced",enhanced_code="5.7.1",cause="policy"})",
       1},
      {R"(dsnwatch_sender_attempts_total{sender_domain="shop.example",provider="google",result="bounced"})", 1},
      {R"(dsnwatch_sender_rejections_total{sender_domain="shop.example",provider="google",result="bounced",enhanced_code="5.7.1",cause="policy"})",
       1},
      {R"(dsnwatch_blocklist_rejections_total{blocklist="other",source_ip="192.0.2.10"})", 1},
      {R"(dsnwatch_delivery_delay_seconds{provider="google",result="bounced"})", 1},
  };
  EXPECT_EQ(counted({full_bounce()}), expected);
}

TEST(Tally, ADeliveryIsNoRejection) {
  const Scrape totals = counted({delivered("user@example.com", 3)});
  EXPECT_EQ(totals.size(), 4u);
  EXPECT_EQ(totals.at(R"(dsnwatch_attempts_total{mta="postfix",provider="other",result="delivered"})"), 3u);
  EXPECT_EQ(totals.at(R"(dsnwatch_ip_attempts_total{source_ip="unknown",provider="other",result="delivered"})"), 3u);
}

TEST(Tally, SuspendedAndExpiredAreNoAttempts) {
  Sample suspended = bounced("a@example.com", Cause::kGreylisted);
  suspended.attempt.result = AttemptResult::kDeferred;
  suspended.attempt.suspended = true;
  Sample expired = bounced("b@example.com", Cause::kExpired);
  expired.attempt.result = AttemptResult::kExpired;
  Sample remembered = expired;
  remembered.attempt.last_cause = Cause::kMailboxFull;
  remembered.attempt.last_provider = 3;
  const Scrape expected = {
      {R"(dsnwatch_suspended_total{mta="postfix",provider="other",cause="greylisted"})", 1},
      {R"(dsnwatch_expired_total{mta="postfix",provider="other",cause="expired"})", 1},
      {R"(dsnwatch_expired_total{mta="postfix",provider="yahoo",cause="mailbox_full"})", 1},
  };
  EXPECT_EQ(counted({suspended, expired, remembered}), expected);
}

TEST(Tally, InboundRefusals) {
  Sample sample = bounced("x@here.example", Cause::kRelayDenied);
  sample.attempt.kind = Kind::kInbound;
  sample.attempt.result = AttemptResult::kRejected;
  sample.attempt.client_ip = "2001:db8:1:2:3::4";
  Sample unclassified = sample;
  unclassified.verdict.cause = Cause::kUnknown;
  const Scrape plain = {
      {R"(dsnwatch_inbound_rejections_total{mta="postfix",result="rejected",enhanced_code="5.7.1",cause="relay_denied"})",
       1},
      {R"(dsnwatch_inbound_rejections_total{mta="postfix",result="rejected",enhanced_code="5.7.1",cause="unknown"})",
       1},
      {R"(dsnwatch_unclassified_total{mta="postfix"})", 1},
  };
  EXPECT_EQ(counted({sample, unclassified}), plain);

  TallySettings tally;
  tally.inbound_client_ip = true;
  SeriesSettings series;
  series.inbound_client_ip = true;
  const Scrape totals = counted({sample}, tally, series);
  EXPECT_EQ(
      totals.at(
          R"(dsnwatch_inbound_rejections_total{mta="postfix",result="rejected",enhanced_code="5.7.1",cause="relay_denied",client_ip="2001:db8:1:2::/64"})"),
      1u);
}

TEST(Tally, BounceMailsAndComplaintsStayOutOfTheOtherFamilies) {
  Sample dsn = bounced("a@example.com");
  dsn.attempt.kind = Kind::kDsn;
  Sample complaint = delivered("b@example.com");
  complaint.attempt.kind = Kind::kComplaint;
  const Scrape expected = {
      {R"(dsnwatch_dsn_rejections_total{provider="other",result="bounced",enhanced_code="5.7.1",cause="policy"})", 1},
      {R"(dsnwatch_complaints_total{provider="other",kind="other"})", 1},
  };
  EXPECT_EQ(counted({dsn, complaint}), expected);
}

TEST(Tally, SendersAndRecipients) {
  Sample null_sender = delivered("user@example.com");
  null_sender.attempt.sender = "";
  Sample unknown_sender = delivered("user@example.com");
  unknown_sender.attempt.has_sender = false;
  Sample odd = delivered("no-domain");
  odd.attempt.sender = "evil@bad\"value\n";
  const Scrape totals = counted({null_sender, unknown_sender, odd, delivered("")});
  for (const char* sender : {"<>", "unknown", "other", "shop.example"}) {
    EXPECT_EQ(totals.at("dsnwatch_sender_attempts_total{sender_domain=\"" + std::string(sender) +
                        "\",provider=\"other\",result=\"delivered\"}"),
              1u)
        << sender;
  }
  for (const char* domain : {"other", "unknown"}) {
    EXPECT_EQ(totals.at("dsnwatch_domain_attempts_total{provider=\"other\",domain=\"" + std::string(domain) +
                        "\",result=\"delivered\"}"),
              1u)
        << domain;
  }
}

TEST(Tally, SpellingsOfADomainAreOne) {
  const Scrape totals = counted({delivered("a@EXAMPLE.com"), delivered("b@example.com."), delivered("c@example.com")});
  EXPECT_EQ(totals.at(R"(dsnwatch_domain_attempts_total{provider="other",domain="example.com",result="delivered"})"),
            3u);
}

struct SourceCase {
  const char* name;
  const char* source_ip;
  const char* service;
  const char* verdict_ip;
  bool networks;
  AttemptResult result;
  const char* expected;
};

class SourceAddresses : public ::testing::TestWithParam<SourceCase> {};

TEST_P(SourceAddresses, Found) {
  const SourceCase& one = GetParam();
  TallySettings tally;
  tally.service_ips = {{"postfix-out1/smtp", "192.0.2.20"}};
  tally.nat = {{"10.0.0.5", "192.0.2.5"}};
  if (one.networks) tally.source_networks = {*IpNetwork::parse("192.0.2.0/24")};
  Sample sample = bounced("user@example.com");
  sample.attempt.result = one.result;
  sample.attempt.source_ip = one.source_ip;
  sample.attempt.service = one.service;
  sample.attempt.remote_ip = "198.51.100.25";
  sample.verdict.ip = one.verdict_ip;
  const Scrape totals = counted({sample}, tally);
  const std::string name = "dsnwatch_ip_attempts_total{source_ip=\"" + std::string(one.expected) +
                           "\",provider=\"other\",result=\"" + std::string(core::name(one.result)) + "\"}";
  EXPECT_TRUE(totals.contains(name)) << name;
}

constexpr auto kBounce = AttemptResult::kBounced;
INSTANTIATE_TEST_SUITE_P(
    Series, SourceAddresses,
    ::testing::Values(SourceCase{"logged", "192.0.2.1", "postfix-out1/smtp", "192.0.2.9", false, kBounce, "192.0.2.1"},
                      SourceCase{"logged_inner", "10.0.0.5", "", "", false, kBounce, "192.0.2.5"},
                      SourceCase{"logged_nonsense", "x\"y", "", "", false, kBounce, "other"},
                      SourceCase{"service", "", "postfix-out1/smtp", "192.0.2.9", false, kBounce, "192.0.2.20"},
                      SourceCase{"reply", "", "postfix/smtp", "203.0.113.9", false, kBounce, "203.0.113.9"},
                      SourceCase{"reply_private", "", "", "10.1.1.1", false, kBounce, "unknown"},
                      SourceCase{"reply_remote", "", "", "198.51.100.25", false, kBounce, "unknown"},
                      SourceCase{"reply_remote_mapped", "", "", "::ffff:198.51.100.25", false, kBounce, "unknown"},
                      SourceCase{"reply_ours", "", "", "192.0.2.77", true, kBounce, "192.0.2.77"},
                      SourceCase{"reply_invented", "", "", "203.0.113.9", true, kBounce, "unknown"},
                      SourceCase{"reply_of_a_delivery", "", "", "203.0.113.9", false, AttemptResult::kDelivered,
                                 "unknown"}),
    [](const auto& tested) { return tested.param.name; });

TEST(Tally, StreamsAndHostsOnlyWhereAskedFor) {
  Sample sample = bounced("user@example.com");
  sample.attempt.tenant = "blue";
  sample.attempt.host = "MX1";
  EXPECT_FALSE(
      counted({sample}).contains(R"(dsnwatch_stream_attempts_total{stream="blue",provider="other",result="bounced"})"));
  TallySettings tally;
  tally.stream = TallySettings::Stream::kTenant;
  tally.host = true;
  SeriesSettings series;
  series.host = true;
  Sample none = delivered("user@example.com");
  const Scrape totals = counted({sample, none}, tally, series);
  EXPECT_EQ(totals.at(R"(dsnwatch_stream_attempts_total{stream="blue",provider="other",result="bounced"})"), 1u);
  EXPECT_EQ(totals.at(R"(dsnwatch_stream_attempts_total{stream="unknown",provider="other",result="delivered"})"), 1u);
  EXPECT_EQ(totals.at(R"(dsnwatch_attempts_total{mta="postfix",provider="other",result="bounced",host="mx1"})"), 1u);
  EXPECT_EQ(totals.at(R"(dsnwatch_attempts_total{mta="postfix",provider="other",result="delivered",host="unknown"})"),
            1u);
}

TEST(Tally, DelaysFallIntoTheirBuckets) {
  FakeClock clock;
  Daemon daemon(clock);
  for (const double delay : {0.0, 1.0, 1.001, 432'000.0, 432'001.0, 1e300}) {
    Sample sample = delivered("a@example.com", 2);
    sample.attempt.delay = delay;
    daemon.count(sample);
  }
  for (const double delay : {-1.0, std::numeric_limits<double>::quiet_NaN()}) {
    Sample sample = delivered("a@example.com");
    sample.attempt.delay = delay;
    daemon.count(sample);
  }
  daemon.checkpoint();
  const auto& layout = *daemon.snapshot().families[static_cast<std::size_t>(Family::kDeliveryDelay)];
  ASSERT_EQ(layout.slots.size(), 1u);
  const std::uint64_t* cells = &daemon.snapshot().values[layout.slots[0]];
  EXPECT_EQ(cells[0], 4u) << "0 s and 1 s: bounds are inclusive";
  EXPECT_EQ(cells[1], 2u);
  EXPECT_EQ(cells[12], 2u);
  EXPECT_EQ(cells[13], 4u) << "beyond the last bound";
  EXPECT_EQ(cells[14], 2u * (1000 + 1001 + 432'000'000ull + 432'001'000ull + 366ull * 86'400'000));
}

TEST(Tally, IsFullInTime) {
  Tally tally(std::make_shared<const TallySettings>());
  EXPECT_TRUE(tally.empty());
  int added = 0;
  for (; !tally.full() && added < 1'000'000; ++added) {
    const std::string recipient = "u@d" + std::to_string(added) + ".example";
    const Sample sample = delivered(recipient);
    tally.add(sample.attempt, sample.verdict);
  }
  EXPECT_LE(added, 40'000);
  EXPECT_FALSE(tally.empty());
  tally.clear();
  EXPECT_TRUE(tally.empty());
  EXPECT_FALSE(tally.full());
}

}  // namespace
}  // namespace dsnwatch::core::testing
