#include <gmock/gmock.h>

#include <random>

#include "tests/daemon/run_rig.h"

namespace dsnwatch::daemon {
namespace {

using core::Family;
using testing::HasSubstr;
using testing::Not;

const std::string kStamp = "2026-09-21T10:00:00.000000+00:00 mx1 postfix/";

std::string sender_line(const std::string& id, const std::string& sender) {
  return kStamp + "qmgr[9]: " + id + ": from=<" + sender + ">, size=1000, nrcpt=1 (queue active)\n";
}
std::string delivery_line(const std::string& id, const std::string& status, const std::string& said) {
  const std::string dsn = status == "sent" ? "2.0.0" : status == "deferred" ? "4.2.2" : "5.1.1";
  return kStamp + "smtp[8]: " + id + ": to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25, delay=1, " +
         "delays=0/0/0/1, dsn=" + dsn + ", status=" + status + " (" + said + ")\n";
}
std::string expiry_line(const std::string& id) {
  return kStamp + "qmgr[9]: " + id + ": from=<x@alpha.example>, status=expired, returned to sender\n";
}

using RunCheckpoint = RunRig;

TEST_F(RunCheckpoint, PublishesWhatTheLogSays) {
  append(sender_line("4XYZ1", "x@alpha.example") + delivery_line("4XYZ1", "sent", "250 2.0.0 Ok"));
  start();
  drain();
  EXPECT_EQ(published(Family::kAttempts, "result=\"delivered\""), 1u);
  EXPECT_EQ(published(Family::kSenderAttempts, "sender_domain=\"alpha.example\""), 1u);
  EXPECT_EQ(checkpointer->why_not_ready(), "");
  EXPECT_THAT(health_text(), HasSubstr("dsnwatch_source_lines_total{source=\"" + config.sources[0].path + "\"} 2"));
}

TEST_F(RunCheckpoint, WhatALaterLineNeedsSurvivesARestart) {
  append(sender_line("4XYZ1", "x@alpha.example") +
         delivery_line("4XYZ1", "deferred", "host mx.example.org[192.0.2.1] said: 452 4.2.2 Mailbox full"));
  start();
  drain();
  start();
  append(expiry_line("4XYZ1"));
  drain();
  EXPECT_EQ(published(Family::kExpired, "cause=\"mailbox_full\""), 1u);
  EXPECT_EQ(published(Family::kSenderAttempts, "sender_domain=\"alpha.example\""), 1u);
}

TEST_F(RunCheckpoint, APartOfAContainersRecordSurvivesKillMinusNine) {
  const std::string line =
      delivery_line("4XYZ1", "bounced", "host mx.example.org[192.0.2.1] said: 550 5.1.1 no such user");
  const std::string part = "2026-09-21T10:00:00.1Z stdout P " + line.substr(0, 90) + "\n";
  append(part);
  start();
  drain();
  EXPECT_EQ(published(Family::kAttempts), 0u);
  append("2026-09-21T10:00:00.2Z stdout F " + line.substr(90));
  start();
  drain();
  EXPECT_EQ(published(Family::kRejections, "enhanced_code=\"5.1.1\""), 1u);
  start();
  drain();
  EXPECT_EQ(published(Family::kAttempts), 1u);
}

TEST_F(RunCheckpoint, KeysOfJsonRecordsCanBeConfigured) {
  config.sources[0].json.message = "text_of.line";
  append(R"({"message":"no line","text_of":{"line":")" + delivery_line("4XYZ1", "sent", "250 2.0.0 Ok"));
  std::filesystem::resize_file(folder / "mail.log", std::filesystem::file_size(folder / "mail.log") - 1);
  append("\"}}\n");
  start();
  drain();
  EXPECT_EQ(published(Family::kAttempts, "result=\"delivered\""), 1u);
}

TEST_F(RunCheckpoint, ShowsNothingThatIsNotDurable) {
  append(delivery_line("4XYZ1", "sent", "250 2.0.0 Ok"));
  ledger.full = true;
  start();
  worker->drain();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(checkpointer->round());
  EXPECT_EQ(published(Family::kAttempts), 0u);
  EXPECT_THAT(logged, HasSubstr("no space left"));
  EXPECT_THAT(health_text(), HasSubstr("dsnwatch_ledger_degraded 0"));
  ledger.full = false;
  drain();
  EXPECT_EQ(published(Family::kAttempts), 1u);
  EXPECT_THAT(logged, HasSubstr("checkpoints succeed again"));
}

TEST_F(RunCheckpoint, AfterTheGraceCountsShowAllTheSameAndItRecovers) {
  append(delivery_line("4XYZ1", "sent", "250 2.0.0 Ok"));
  ledger.full = true;
  start();
  worker->drain();
  checkpointer->round();
  clock.now_ms += 299'000;
  checkpointer->round();
  EXPECT_THAT(health_text(), HasSubstr("dsnwatch_ledger_degraded 0"));
  clock.now_ms += 1000;
  checkpointer->round();
  EXPECT_THAT(health_text(), HasSubstr("dsnwatch_ledger_degraded 1"));
  EXPECT_THAT(logged, HasSubstr("a crash now would make them wrong"));
  while (published(Family::kAttempts) == 0) checkpointer->round();
  ledger.full = false;
  drain();
  EXPECT_THAT(health_text(), HasSubstr("dsnwatch_ledger_degraded 0"));
  start();
  drain();
  EXPECT_EQ(published(Family::kAttempts), 1u);
}

TEST_F(RunCheckpoint, AMissingSourceIsAProblemAndNoEnd) {
  start();
  drain();
  EXPECT_THAT(checkpointer->why_not_ready(), HasSubstr("No such file"));
  EXPECT_THAT(logged, HasSubstr("event=\"source unreadable\""));
}

TEST_F(RunCheckpoint, AnUnchangedStateIsNotWrittenAgain) {
  append(delivery_line("4XYZ1", "sent", "250 2.0.0 Ok"));
  start();
  drain();
  checkpointer->round();
  const auto before = ledger.positions;
  ledger.full = true;  // A write would fail.
  EXPECT_TRUE(checkpointer->round());
  EXPECT_EQ(before.size(), ledger.positions.size());
}

/// Random lines, rounds, failures of the disk and kills: in the end every line counts once, with its sender.
class AnyCrash : public RunRig, public testing::WithParamInterface<unsigned> {};

TEST_P(AnyCrash, CountsEachLineOnce) {
  std::mt19937 random(GetParam());
  SCOPED_TRACE("seed " + std::to_string(GetParam()));
  const auto below = [&](unsigned n) { return random() % n; };
  std::vector<std::string> waiting;
  std::uint64_t deferred = 0, expired = 0;
  unsigned number = 0;
  append("");
  start();
  for (int step = 0; step < 120; ++step) {
    switch (below(6)) {
      case 0:
      case 1: {
        const std::string id = "4B" + std::to_string(10'000'000 + ++number);
        append(sender_line(id, "x@alpha.example"));
        waiting.push_back(id);
        break;
      }
      case 2:
        for (const std::string& id : waiting) {
          append(delivery_line(id, "deferred", "host mx.example.org[192.0.2.1] said: 452 4.2.2 Mailbox full"));
          ++deferred;
          if (below(3) == 0) break;
        }
        break;
      case 3:
        if (waiting.empty() || deferred == 0) break;
        append(
            delivery_line(waiting.front(), "deferred", "host mx.example.org[192.0.2.1] said: 452 4.2.2 Mailbox full") +
            expiry_line(waiting.front()));
        ++deferred;
        ++expired;
        waiting.erase(waiting.begin());
        break;
      case 4:
        ledger.full = below(3) == 0;
        checkpointer->round();
        clock.now_ms += 1000;
        break;
      case 5:
        if (below(2) == 0) start();
        break;
    }
  }
  ledger.full = false;
  drain();
  EXPECT_EQ(published(Family::kAttempts), deferred);
  EXPECT_EQ(published(Family::kSenderAttempts, "alpha.example"), deferred);
  EXPECT_EQ(published(Family::kExpired, "cause=\"mailbox_full\""), expired);
}

INSTANTIATE_TEST_SUITE_P(RunCheckpoint, AnyCrash, testing::Range(1u, 9u));

TEST_F(RunCheckpoint, WhatNoRuleKnowsIsKeptForPeople) {
  std::string unknown =
      delivery_line("4XYZ1", "bounced", "host mx.example.org[192.0.2.1] said: 550 gnarf a@example.org");
  unknown.replace(unknown.find("5.1.1"), 5, "5.0.0");
  append(unknown + delivery_line("4XYZ2", "sent", "250 2.0.0 Ok"));
  start();
  drain();
  ASSERT_NE(checkpointer->unclassified(), nullptr);
  const auto replies = checkpointer->unclassified()->ranked(0);
  ASSERT_EQ(replies.size(), 1u);
  EXPECT_EQ(replies[0]->text, "550 gnarf <address>");
}

}  // namespace
}  // namespace dsnwatch::daemon
