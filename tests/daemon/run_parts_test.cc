#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include "daemon/log.h"
#include "daemon/run/pending_changes.h"
#include "daemon/run/source_groups.h"
#include "daemon/run/source_set.h"
#include "daemon/run/stored_state.h"
#include "tests/daemon/run_rig.h"

namespace dsnwatch::daemon {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(RunLog, WritesLogfmtThatNoValueCanBreak) {
  RunClock clock;
  std::vector<std::string> lines;
  Log log(clock, [&](std::string_view line) { lines.emplace_back(line); });
  log.warn("source unreadable", {{"source", "/var/log/mail.log"}, {"problem", "a \"b\"\nc\x1b[2J"}, {"empty", ""}});
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], HasSubstr(" level=warn event=\"source unreadable\" source=/var/log/mail.log "
                                  "problem=\"a \\\"b\\\"; c [2J\" empty=\"\"\n"));
  EXPECT_THAT(lines[0], testing::StartsWith("time=2026-"));
}

TEST(RunLog, LeavesRepeatsOutAndSaysHowMany) {
  RunClock clock;
  std::vector<std::string> lines;
  Log log(clock, [&](std::string_view line) { lines.emplace_back(line); });
  for (int i = 0; i < 10; ++i) log.error("full", {{"disk", "a"}});
  log.error("full", {{"disk", "b"}});
  EXPECT_EQ(lines.size(), 2u);
  clock.now_ms += 60'000;
  log.error("full", {{"disk", "a"}});
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_THAT(lines[2], HasSubstr("left_out=9"));
}

TEST(RunState, JoinsAndSplits) {
  const auto state = split_state(join_state("12:position\n", "format"));
  ASSERT_TRUE(state);
  EXPECT_EQ(state->first, "12:position\n");
  EXPECT_EQ(state->second, "format");
  for (const char* damaged : {"", "5", "x:", "9:short"}) EXPECT_FALSE(split_state(damaged)) << damaged;
  const std::string key = correlation_record_key("mx1", std::string("a\0b", 3));
  EXPECT_EQ(split_correlation_key(key), std::pair(std::string_view("mx1"), std::string_view("a\0b", 3)));
}

core::StoredRecord put(const std::string& key, const std::string& value) {
  return {key, value, false};
}
core::StoredRecord erase(const std::string& key) {
  return {key, {}, true};
}

TEST(RunPendingChanges, KeepTheLastOfEachRecordUntilTheCommit) {
  PendingChanges pending;
  pending.loaded({put("old", "1")});
  pending.add_positions({put("a", "1")});
  pending.add_positions({put("a", "2")});
  pending.add_correlation({put("q1", "1"), put("q2", "1"), erase("q1"), erase("old")});
  Checkpoint first;
  pending.copy_to(first);
  ASSERT_EQ(first.positions.size(), 1u);
  EXPECT_EQ(first.positions[0].value, "2");
  ASSERT_EQ(first.correlation.size(), 2u);  // q1 came and went: the ledger never hears of it.
  EXPECT_TRUE(first.correlation[0].erase);
  EXPECT_EQ(first.correlation[0].key, "old");
  EXPECT_EQ(first.correlation[1].key, "q2");
  pending.committed();
  EXPECT_TRUE(pending.empty());
  pending.add_correlation({erase("q2"), erase("old")});
  Checkpoint second;
  pending.copy_to(second);
  ASSERT_EQ(second.correlation.size(), 1u);
  EXPECT_EQ(second.correlation[0].key, "q2");
}

TEST(RunSourceGroups, SourcesThatShareQueueIdsShareAWorker) {
  std::vector<SourceConfig> sources(5);
  sources[0].host = "mx1";
  sources[1].host = "mx2";
  sources[2].host = "mx1";
  sources[3].correlate = "mx2";
  const auto assignments = assign_sources(sources, 2);
  EXPECT_EQ(assignments[0].worker, assignments[2].worker);
  EXPECT_EQ(assignments[1].worker, assignments[3].worker);
  EXPECT_NE(assignments[0].worker, assignments[1].worker);
  EXPECT_EQ(assignments[4].group, "");
  EXPECT_EQ(group_count(assignments), 3u);
  EXPECT_EQ(worker_count(assignments), 2u);
  EXPECT_EQ(worker_count(assign_sources({sources[0]}, 8)), 1u);
}

using RunSourceSet = RunRig;

TEST_F(RunSourceSet, APatternLeavesRotatedGenerationsOut) {
  for (const char* name : {"a.log", "a.log.1", "b.log", "b-20260131.log", "c.txt"})
    std::ofstream(folder / name) << "x\n";
  std::filesystem::create_directory(folder / "d.log");
  EXPECT_THAT(matching_files((folder / "*.log*").string()),
              ElementsAre((folder / "a.log").string(), (folder / "b.log").string()));
  EXPECT_TRUE(is_pattern("/var/log/*.log"));
  EXPECT_FALSE(is_pattern("/var/log/mail.log"));
}

TEST_F(RunSourceSet, AFileThatComesToAPatternIsReadWholeAlsoWhileTheDaemonWasDown) {
  const std::string line =
      "2026-09-21T10:00:00.000000+00:00 mx1 postfix/smtp[8]: 4XYZ1: to=<a@example.org>, "
      "relay=mx.example.org[192.0.2.1]:25, "
      "delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n";
  config.sources[0].path = (folder / "*.log").string();
  config.sources[0].start = ingest::FileSettings::Start::kEnd;
  std::ofstream(folder / "old.log") << line;
  start();
  drain();
  EXPECT_EQ(published(core::Family::kAttempts), 0u);
  stop();
  std::ofstream(folder / "new.log") << line;
  start();
  drain();
  EXPECT_EQ(published(core::Family::kAttempts), 1u);
  stop();
  start();
  drain();
  EXPECT_EQ(published(core::Family::kAttempts), 1u);
}

}  // namespace
}  // namespace dsnwatch::daemon
