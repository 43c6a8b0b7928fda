#include <gtest/gtest.h>

#include <string>

#include "core/series/label_values.h"
#include "daemon/report/row_table.h"

namespace dsnwatch::daemon {
namespace {

Outcome delivered() {
  return {.result = core::AttemptResult::kDelivered};
}

TEST(RowTable, OneRowAKey) {
  RowTable table;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 10'000; ++i) table.at("domain" + std::to_string(i) + ".example").add(delivered());
  }
  ASSERT_EQ(table.rows().size(), 10'000u);
  for (const Row& row : table.rows()) EXPECT_EQ(row.counts.delivered, 3u);
  EXPECT_EQ(table.rows()[42].key, "domain42.example");
  EXPECT_EQ(table.overflowed(), 0u);
}

TEST(RowTable, WhatFindsNoRoomCountsUnderOther) {
  RowTable table(3);
  for (const char* key : {"a", "b", "c", "d", "e", "a", "d", "other"}) table.at(key).add(delivered());
  ASSERT_EQ(table.rows().size(), 4u);
  EXPECT_EQ(table.rows()[0].counts.delivered, 2u);
  EXPECT_EQ(table.rows()[3].key, "other");
  EXPECT_EQ(table.rows()[3].counts.delivered, 4u);
  EXPECT_EQ(table.overflowed(), 3u);
}

TEST(RowTable, SpellingsShareTheirKeysRow) {
  RowTable table;
  for (const char* spelling : {"example.com", "EXAMPLE.com", "example.com.", "example.com", "ex ample", "<>"})
    table.at_spelling(spelling, core::normalise_domain).add(delivered());
  ASSERT_EQ(table.rows().size(), 2u);
  EXPECT_EQ(table.rows()[0].key, "example.com");
  EXPECT_EQ(table.rows()[0].counts.delivered, 4u);
  EXPECT_EQ(table.rows()[1].key, "other");
}

TEST(RowTable, NoSpellingIsTheNullSender) {
  RowTable table;
  table.at("<>").add(delivered());
  table.at_spelling("<>", core::normalise_domain).add(delivered());
  EXPECT_EQ(table.rows()[0].counts.delivered, 1u);
}

class RowTest : public ::testing::Test {
 protected:
  Outcome refused(core::Cause cause, const char* text, std::int64_t time_us = core::kNoTime) {
    attempt_.text = text;
    example_.emplace(attempt_, texts_, scratch_);
    return {.result = core::AttemptResult::kBounced,
            .rejection = true,
            .time_us = time_us,
            .cause = cause,
            .example = &*example_};
  }

  core::Attempt attempt_;
  TextPool texts_;
  std::string scratch_;
  std::optional<Example> example_;
};

TEST_F(RowTest, FirstAndLastAreTimesOfRejections) {
  Row row;
  Outcome good = delivered();
  good.time_us = 1;
  row.add(good);
  EXPECT_EQ(row.first_us, core::kNoTime);
  row.add(refused(core::Cause::kSpam, "spam", 20));
  row.add(refused(core::Cause::kSpam, "spam"));
  row.add(refused(core::Cause::kSpam, "spam", 10));
  EXPECT_EQ(row.first_us, 10);
  EXPECT_EQ(row.last_us, 20);
  EXPECT_EQ(row.counts.rejections, 3u);
}

TEST_F(RowTest, MainCauseWithItsFirstReply) {
  Row row;
  row.add(refused(core::Cause::kSpam, "looks like spam"));
  row.add(refused(core::Cause::kUserUnknown, "no such user"));
  row.add(refused(core::Cause::kUserUnknown, "unknown user"));
  EXPECT_EQ(row.causes.main().cause, core::Cause::kUserUnknown);
  EXPECT_EQ(row.causes.main().count, 2u);
  EXPECT_EQ(texts_.at(row.causes.main().text), "no such user");
}

TEST_F(RowTest, TheMainCauseIsFoundAmongAll) {
  Row row;
  for (int i = 0; i < 44; ++i) {
    const auto cause = static_cast<core::Cause>(1 + i);
    for (int n = 0; n < (i == 30 ? 9 : 8); ++n) row.add(refused(cause, "550 no"));
  }
  EXPECT_EQ(row.causes.main().cause, static_cast<core::Cause>(31));
  EXPECT_EQ(row.causes.main().count, 9u);
}

TEST_F(RowTest, AnExpiryIsNoAttempt) {
  Row row;
  row.add({.result = core::AttemptResult::kExpired, .internal = true, .suspended = true, .count = 2});
  EXPECT_EQ(row.counts.expired, 2u);
  EXPECT_EQ(row.counts.attempts(), 0u);
  EXPECT_EQ(row.counts.internal, 0u);
  EXPECT_EQ(row.counts.lost(), 2u);
}

TEST(TextPool, KeepsEachTextOnceAndNotTooMany) {
  TextPool pool;
  EXPECT_EQ(pool.keep(""), 0u);
  const TextId id = pool.keep("a text");
  EXPECT_NE(id, 0u);
  EXPECT_EQ(pool.keep("a text"), id);
  EXPECT_EQ(pool.at(id), "a text");
  std::size_t kept = 0;
  for (int i = 0; i < 100'000; ++i) kept += pool.keep(std::string(200, 'x') + std::to_string(i)) != 0;
  EXPECT_GT(kept, 10'000u);
  EXPECT_LT(kept, 20'000u);
  EXPECT_EQ(pool.at(id), "a text");
}

}  // namespace
}  // namespace dsnwatch::daemon
