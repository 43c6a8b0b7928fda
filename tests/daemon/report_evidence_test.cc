// What `report --evidence` and `report --compare` print.
#include <gmock/gmock.h>

#include <sstream>

#include "daemon/report/comparison.h"
#include "daemon/report/evidence.h"

namespace dsnwatch::daemon {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr std::int64_t kStart = 1'795'420'800'000'000;  // 2026-11-23T08:00:00Z

std::shared_ptr<const core::Providers> providers() {
  core::ProviderSpec google;
  google.id = "google";
  google.title = "Google";
  google.contact = "https://forms.example/";
  google.mx_suffixes = {"google.com"};
  return *core::Providers::build(std::vector{google}, {});
}

core::Attempt refusal(std::string_view queue_id, std::string_view text, std::int64_t time_us = kStart) {
  core::Attempt attempt;
  attempt.result = core::AttemptResult::kBounced;
  attempt.queue_id = queue_id;
  attempt.text = text;
  attempt.time_us = time_us;
  attempt.remote = true;
  attempt.has_sender = true;
  attempt.sender = "news@Shop.example";
  attempt.recipient = "jane@example.com";
  attempt.remote_host = "mx.google.com";
  attempt.remote_ip = "203.0.113.5";
  attempt.source_ip = "198.51.100.7";
  return attempt;
}

TEST(Evidence, HoldsWhatThePostmasterWillAskFor) {
  const auto known = providers();
  Evidence evidence(known->find("google"), known, {});
  core::Verdict verdict;
  verdict.provider = known->find("google");
  verdict.cause = core::Cause::kSpam;
  for (int i = 0; i < 10; ++i) {
    const std::string id = "Q" + std::to_string(i), text = "550 5.7.1 Spam, case a1b2c3d4e" + std::to_string(i);
    evidence.on_attempt(refusal(id, text, kStart + i * 1'000'000), verdict);
  }
  core::Attempt good = refusal("G", "250 ok");
  good.result = core::AttemptResult::kDelivered;
  evidence.on_attempt(good, verdict);
  core::Attempt own = refusal("L", "connection timed out");
  own.remote = false;
  evidence.on_attempt(own, verdict);
  verdict.provider = core::kOtherProvider;
  evidence.on_attempt(refusal("X", "550 somebody else"), verdict);
  std::ostringstream out;
  EXPECT_TRUE(evidence.write(10, out));
  EXPECT_THAT(out.str(), AllOf(HasSubstr("https://forms.example/"), HasSubstr("198.51.100.7 (10)"),
                               HasSubstr("shop.example (10)"), HasSubstr("Attempts: 12, of these 1 delivered"),
                               HasSubstr("1. spam: 10 times, 2026-11-23T08:00:00Z to 2026-11-23T08:00:09Z"),
                               HasSubstr("queue id Q0,"), HasSubstr("550 5.7.1 Spam, case a1b2c3d4e9"),
                               HasSubstr("server mx.google.com[203.0.113.5]")));
  EXPECT_THAT(out.str(), AllOf(Not(HasSubstr("Q5")), Not(HasSubstr("somebody else")), Not(HasSubstr("timed out")),
                               Not(HasSubstr("jane"))));
}

TEST(Evidence, SaysIfThereIsNone) {
  const auto known = providers();
  Evidence evidence(known->find("google"), known, {});
  std::ostringstream out;
  EXPECT_FALSE(evidence.write(10, out));
  EXPECT_EQ(out.str(), "No rejection by Google was found.\n");
}

TEST(Evidence, IsBoundedAndPrintable) {
  const auto known = providers();
  Evidence evidence(known->find("google"), known, {});
  core::Verdict verdict;
  verdict.provider = known->find("google");
  for (int i = 0; i < 3000; ++i) {
    std::string text = "550 \x1b[2J\xff word";
    for (int n = i; n > 0; n /= 10) text += static_cast<char>('a' + n % 10);
    evidence.on_attempt(refusal("Q", text), verdict);
  }
  std::ostringstream out;
  evidence.write(10'000, out);
  EXPECT_THAT(out.str(), AllOf(HasSubstr("501. "), Not(HasSubstr("502. ")), Not(HasSubstr("\x1b"))));
}

std::shared_ptr<const core::RuleSet> rules(core::Cause cause, const std::string& id) {
  core::RuleSpec spec;
  spec.id = id;
  spec.cause = cause;
  spec.match = "gnarf again";
  return *core::RuleSet::build({spec}, *providers());
}

TEST(Comparison, TellsWhichVerdictsChange) {
  const auto known = providers();
  Comparison comparison(rules(core::Cause::kSpam, "b.gnarf"), known, {});
  core::Classifier before(rules(core::Cause::kPolicy, "a.gnarf"), known);
  core::Classifier same_cause(rules(core::Cause::kSpam, "a.gnarf"), known);
  for (int i = 0; i < 3; ++i) {
    const core::Attempt attempt = refusal("Q", "550 gnarf again for jane@example.com");
    comparison.on_attempt(attempt, before.classify(attempt));
  }
  const core::Attempt attempt = refusal("Q", "550 gnarf again");
  comparison.on_attempt(attempt, same_cause.classify(attempt));
  const core::Attempt unchanged = refusal("Q", "550 5.1.1 nothing known");
  comparison.on_attempt(unchanged, before.classify(unchanged));
  std::ostringstream out;
  comparison.write(0, out);
  EXPECT_EQ(out.str(),
            "Of 5 rejections the other rules give 3 another cause, and 1 the same cause by another rule.\n\n"
            "3  policy (a.gnarf) -> spam (b.gnarf)\n   \"550 gnarf again for <address>\"\n\n"
            "1  spam (a.gnarf) -> spam (b.gnarf)\n   \"550 gnarf again\"\n");
}

}  // namespace
}  // namespace dsnwatch::daemon
