#include "daemon/report/report_sink.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "daemon/report/render.h"

namespace dsnwatch::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::int64_t kMorning = 1'795'420'800'000'000;  // 2026-11-23T08:00:00Z
constexpr std::int64_t kMinute = 60'000'000;

class ReportSinkTest : public ::testing::Test {
 protected:
  ReportSinkTest() : report_(known_providers()), google_(report_.provider_names->find("google")) {}

  static std::shared_ptr<const core::Providers> known_providers() {
    core::ProviderSpec google;
    google.id = "google";
    google.title = "Google (Gmail and Workspace)";
    google.mx_suffixes = {"google.com"};
    const std::vector<core::ProviderSpec> specs = {google};
    return core::Providers::build(specs, {}).value();
  }

  static core::Attempt attempt(core::AttemptResult result, std::int64_t time_us = kMorning) {
    core::Attempt attempt;
    attempt.result = result;
    attempt.time_us = time_us;
    attempt.has_sender = true;
    attempt.sender = "News@Shop.example";
    attempt.recipient = "jane@Example.com";
    return attempt;
  }

  static core::Verdict verdict(core::ProviderId provider, core::Cause cause = core::Cause::kUnknown,
                               core::EnhancedStatus enhanced = {}) {
    core::Verdict verdict;
    verdict.provider = provider;
    verdict.cause = cause;
    verdict.enhanced = enhanced;
    return verdict;
  }

  void add_rejections() {
    ReportSink sink(report_, {});
    core::Attempt refused = attempt(core::AttemptResult::kBounced);
    refused.text = "550-5.7.26 <jane@example.com>: not | authenticated \"quoted\\\" [192.0.2.9]";
    refused.remote_ip = "203.0.113.5";
    core::Verdict why = verdict(google_, core::Cause::kUnauthenticated, {5, 7, 26});
    why.ip = "192.0.2.9";
    sink.on_attempt(refused, why);
    refused.time_us += 5 * kMinute;
    refused.count = 2;
    sink.on_attempt(refused, why);

    core::Attempt listed = attempt(core::AttemptResult::kDeferred, kMorning + kMinute);
    listed.suspended = true;
    listed.recipient = "bob@other.example";
    listed.text = "451 4.7.1 listed";
    core::Verdict list = verdict(core::kOtherProvider, core::Cause::kIpBlocklisted, {4, 7, 1});
    list.blocklist = core::kOtherBlocklist;
    sink.on_attempt(listed, list);

    core::Attempt given_up = attempt(core::AttemptResult::kExpired, kMorning + 9 * kMinute);
    given_up.recipient = "bob@other.example";
    given_up.last_cause = core::Cause::kIpBlocklisted;
    given_up.last_provider = core::kOtherProvider;
    sink.on_attempt(given_up, verdict(core::kOtherProvider, core::Cause::kExpired));

    core::Attempt inner = attempt(core::AttemptResult::kDelivered);
    inner.sender = "";
    sink.on_attempt(inner, verdict(core::kInternalProvider));

    core::Attempt inbound = attempt(core::AttemptResult::kRejected);
    inbound.kind = core::Kind::kInbound;
    inbound.text = "554 5.7.1 <victim@example.com>: Relay access denied";
    sink.on_attempt(inbound, verdict(core::kOtherProvider, core::Cause::kRelayDenied, {5, 7, 1}));
  }

  static const Row* row(const RowTable& table, std::string_view key) {
    for (const Row& row : table.rows()) {
      if (row.key == key) return &row;
    }
    ADD_FAILURE() << "no row " << key;
    static const Row kNone;
    return &kNone;
  }

  std::string json(std::size_t top = 0) {
    std::ostringstream out;
    render_json(report_, {.top = top}, out);
    return out.str();
  }

  Report report_;
  core::ProviderId google_;
};

TEST_F(ReportSinkTest, TotalsByResult) {
  add_rejections();
  const Counts& counts = report_.attempts;
  EXPECT_EQ(counts.delivered, 1u);
  EXPECT_EQ(counts.deferred, 1u);
  EXPECT_EQ(counts.bounced, 3u);
  EXPECT_EQ(counts.expired, 1u);
  EXPECT_EQ(counts.rejections, 4u);
  EXPECT_EQ(counts.internal, 1u);
  EXPECT_EQ(counts.suspended, 1u);
  EXPECT_EQ(report_.inbound.bounced, 1u);
  EXPECT_EQ(report_.first_us, kMorning);
  EXPECT_EQ(report_.last_us, kMorning + 9 * kMinute);
}

TEST_F(ReportSinkTest, EveryListHasItsRows) {
  add_rejections();
  EXPECT_EQ(row(report_.domains, "example.com")->counts.bounced, 3u);
  EXPECT_EQ(row(report_.domains, "example.com")->counts.delivered, 1u);
  EXPECT_EQ(row(report_.domains, "other.example")->counts.expired, 1u);
  EXPECT_EQ(row(report_.providers, "google")->counts.bounced, 3u);
  EXPECT_EQ(row(report_.providers, "internal")->counts.internal, 1u);
  EXPECT_EQ(row(report_.sender_domains, "shop.example")->counts.attempts(), 4u);
  EXPECT_EQ(row(report_.sender_domains, "<>")->counts.delivered, 1u);
  EXPECT_EQ(row(report_.causes, "unauthenticated")->counts.rejections, 3u);
  EXPECT_EQ(row(report_.causes, "ip_blocklisted")->counts.expired, 1u);
  EXPECT_EQ(row(report_.enhanced_codes, "5.7.26")->counts.bounced, 3u);
  EXPECT_EQ(row(report_.blocklists, "other")->counts.suspended, 1u);
  EXPECT_EQ(row(report_.source_ips, "192.0.2.9")->counts.rejections, 3u);
  EXPECT_EQ(row(report_.inbound_replies, "554 5.7.1 <address>: Relay access denied")->counts.bounced, 1u);
}

TEST_F(ReportSinkTest, FirstAndLastRejection) {
  add_rejections();
  EXPECT_EQ(row(report_.domains, "example.com")->first_us, kMorning);
  EXPECT_EQ(row(report_.domains, "example.com")->last_us, kMorning + 5 * kMinute);
  EXPECT_EQ(row(report_.providers, "internal")->first_us, core::kNoTime);
}

TEST_F(ReportSinkTest, AReceiverInventsNoAddressOfOurs) {
  ReportSink sink(report_, {});
  core::Attempt refused = attempt(core::AttemptResult::kBounced);
  refused.remote_ip = "203.0.113.5";
  for (const char* said : {"203.0.113.5", "10.0.0.1", "nonsense", ""}) {
    core::Verdict why = verdict(google_, core::Cause::kIpBlocked);
    why.ip = said;
    sink.on_attempt(refused, why);
  }
  EXPECT_TRUE(report_.source_ips.rows().empty());
  refused.source_ip = "10.0.0.1";  // Logged by our own MTA.
  sink.on_attempt(refused, verdict(google_, core::Cause::kIpBlocked));
  EXPECT_EQ(row(report_.source_ips, "10.0.0.1")->counts.bounced, 1u);
}

TEST_F(ReportSinkTest, OddAddressesHaveARow) {
  ReportSink sink(report_, {});
  for (const char* recipient : {"", "postmaster", "a@\xff\xfe", "b@exa mple",
                                "c@B\xc3\xbc"
                                "cher.example"}) {
    core::Attempt sent = attempt(core::AttemptResult::kDelivered);
    sent.recipient = recipient;
    sent.has_sender = false;
    sink.on_attempt(sent, verdict(google_));
  }
  EXPECT_EQ(row(report_.domains, "unknown")->counts.delivered, 1u);
  EXPECT_EQ(row(report_.domains, "other")->counts.delivered, 3u);
  EXPECT_EQ(row(report_.domains, "xn--bcher-kva.example")->counts.delivered, 1u);
  EXPECT_EQ(row(report_.sender_domains, "unknown")->counts.delivered, 5u);
}

TEST_F(ReportSinkTest, OnlyTheTimesAskedFor) {
  ReportSink sink(report_, {.since_us = kMorning, .until_us = kMorning + kMinute});
  for (const std::int64_t time : {kMorning - 1, kMorning, kMorning + kMinute - 1, kMorning + kMinute, core::kNoTime})
    sink.on_attempt(attempt(core::AttemptResult::kDelivered, time), verdict(google_));
  EXPECT_EQ(report_.attempts.delivered, 2u);
}

TEST_F(ReportSinkTest, WhatIsAnnouncedOnlySparesLookUps) {
  const std::vector<std::string> recipients = {"a@one.example", "b@Two.example", "c@one.example", "",
                                               "d@three.example"};
  std::vector<ingest::Record> records(recipients.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    records[i].attempt = attempt(core::AttemptResult::kDelivered, kMorning + (i == 2 ? kMinute : 0));
    records[i].attempt.recipient = recipients[i];
  }
  ReportSink sink(report_, {.since_us = kMorning, .until_us = kMorning + kMinute});
  for (int round = 0; round < 3; ++round) {  // From the second on the rows are there.
    sink.expect(records);
    for (const ingest::Record& record : records) {
      core::Attempt expired = record.attempt;  // One that nobody announced.
      const std::string waiting = "e@four.example";
      expired.recipient = waiting;
      sink.on_attempt(expired, verdict(google_));
      sink.on_attempt(record.attempt, verdict(google_));
    }
  }
  EXPECT_EQ(row(report_.domains, "one.example")->counts.delivered, 3u) << "the other one lies outside";
  EXPECT_EQ(row(report_.domains, "two.example")->counts.delivered, 3u);
  EXPECT_EQ(row(report_.domains, "three.example")->counts.delivered, 3u);
  EXPECT_EQ(row(report_.domains, "unknown")->counts.delivered, 3u);
  EXPECT_EQ(row(report_.domains, "four.example")->counts.delivered, 12u);
}

TEST_F(ReportSinkTest, RefusalsInARowAreToldApart) {
  ReportSink sink(report_, {});
  core::Attempt refused = attempt(core::AttemptResult::kRejected);
  refused.kind = core::Kind::kInbound;
  const auto add = [&](const char* text, const char* recipient, int times) {
    refused.text = text;
    refused.recipient = recipient;
    for (int i = 0; i < times; ++i)
      sink.on_attempt(refused, verdict(core::kOtherProvider, core::Cause::kRelayDenied, {5, 7, 1}));
  };
  add("554 5.7.1 jane may not", "jane@example.com", 3);
  add("554 5.7.1 jane may not", "may@example.com", 2);
  add("554 5.7.1 nobody may", "may@example.com", 1);
  EXPECT_EQ(report_.inbound.bounced, 6u);
  EXPECT_EQ(row(report_.inbound_replies, "554 5.7.1 <name> may not")->counts.bounced, 3u);
  EXPECT_EQ(row(report_.inbound_replies, "554 5.7.1 jane <name> not")->counts.bounced, 2u);
  EXPECT_EQ(row(report_.inbound_replies, "554 5.7.1 nobody <name>")->counts.bounced, 1u);
}

TEST_F(ReportSinkTest, SpanIsOfTheLastFile) {
  ReportSink sink(report_, {});
  sink.on_attempt(attempt(core::AttemptResult::kDelivered, kMorning), verdict(google_));
  EXPECT_EQ(sink.take_span().first_us, kMorning);
  EXPECT_EQ(sink.take_span().first_us, core::kNoTime);
}

TEST_F(ReportSinkTest, FindingsAreRankedByMailLost) {
  add_rejections();
  const auto findings = costliest(report_, 3);
  ASSERT_EQ(findings.size(), 2u);
  EXPECT_EQ(findings[0]->cause, core::Cause::kUnauthenticated);
  EXPECT_EQ(findings[0]->ip, "192.0.2.9");
  EXPECT_EQ(findings[1]->cause, core::Cause::kIpBlocklisted);
  EXPECT_EQ(findings[1]->row.counts.expired, 1u);
}

TEST_F(ReportSinkTest, Json) {
  add_rejections();
  const std::string text = json();
  EXPECT_THAT(
      text,
      HasSubstr(
          R"("attempts":{"delivered":1,"deferred":1,"bounced":3,"expired":1,"rejections":4,"internal":1,"suspended":1})"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"({"key":"example.com","delivered":1,"deferred":0,"bounced":3,"expired":0,"rejections":3,"internal":1,"suspended":0,)"
          R"("first":"2026-11-23T08:00:00Z","last":"2026-11-23T08:05:00Z",)"
          R"("example":"550-5.7.26 <address>: not | authenticated \"quoted\\\" [<ip>]"})"));
  EXPECT_THAT(text, HasSubstr(R"("inbound":{"total":1,"rejected":1,"deferred":0,"replies":[)"));
  EXPECT_THAT(text, Not(HasSubstr("jane")));
}

TEST_F(ReportSinkTest, TopCutsLists) {
  add_rejections();
  EXPECT_THAT(json(1), HasSubstr("\"example.com\""));
  EXPECT_THAT(json(1), Not(HasSubstr("\"other.example\"")));
}

TEST_F(ReportSinkTest, TextSaysWhatAPersonNeeds) {
  add_rejections();
  std::ostringstream out;
  render_text(report_, {}, out);
  const std::string text = out.str();
  for (const char* part :
       {"5 delivery attempts: 1 delivered (20.0 %), 1 deferred, 3 bounced; 1 recipient given up",
        "1. Google (Gmail and Workspace): unauthenticated (5.7.26)", "first 2026-11-23 08:00, last 2026-11-23 08:05",
        "Who rejects", "Recipient domains", "Refused by this server itself", "<address>"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  std::ostringstream colored;
  render_text(report_, {.color = true}, colored);
  EXPECT_THAT(colored.str(), HasSubstr("\x1b[1m"));
}

TEST_F(ReportSinkTest, MarkdownEscapesWhatLogsSay) {
  add_rejections();
  std::ostringstream out;
  render_markdown(report_, {}, out);
  EXPECT_THAT(out.str(), HasSubstr("| provider | attempts |"));
  EXPECT_THAT(out.str(), HasSubstr(R"(&lt;address>: not \| authenticated)"));
}

TEST_F(ReportSinkTest, AnEmptyReportRenders) {
  for (auto render : {render_json, render_text, render_markdown}) {
    std::ostringstream out;
    render(report_, {}, out);
    EXPECT_THAT(out.str(), Not(HasSubstr("nan")));
    EXPECT_FALSE(out.str().empty());
  }
}

}  // namespace
}  // namespace dsnwatch::daemon
