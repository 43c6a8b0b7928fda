#include "ingest/source/kafka_position.h"

#include <gtest/gtest.h>

namespace dsnwatch::ingest {
namespace {

TEST(KafkaPosition, ComesBackFromItsText) {
  const KafkaPosition position{.next = 12, .last = 10, .last_timestamp_ms = 1'790'000'000'000, .last_hash = ~0ull};
  EXPECT_EQ(decode_kafka_position(encode(position)), position);
  EXPECT_EQ(decode_kafka_position(encode(KafkaPosition{})), KafkaPosition{});
  const KafkaPosition let_go{.next = 3, .let_go = true};
  EXPECT_EQ(decode_kafka_position(encode(let_go)), let_go);
}

TEST(KafkaPosition, RefusesWhatIsNone) {
  for (const char* text : {"", "kafka1", "kafka1 1 2 3", "kafka1 1 2 3 4", "kafka2 1 2 3 4 0", "kafka1 -5 2 3 4 0",
                           "kafka1 x 2 3 4 0", "file1 0"}) {
    EXPECT_FALSE(decode_kafka_position(text)) << text;
  }
}

TEST(KafkaPartition, ComesBackFromItsText) {
  const KafkaPartition partition{"mail.eu", 11};
  EXPECT_EQ(text_of(partition), "mail.eu/11");
  EXPECT_EQ(parse_kafka_partition("mail.eu/11"), partition);
  for (const char* text : {"", "/", "/1", "mail", "mail/", "mail/x", "mail/1x", "mail/-1", "mail/99999999999"}) {
    EXPECT_FALSE(parse_kafka_partition(text)) << text;
  }
}

TEST(CommitNote, ComesBackFromItsText) {
  const auto note = decode_commit_note(encode(CommitNote{"abc", 5, 7}));
  ASSERT_TRUE(note);
  EXPECT_EQ(note->owner, "abc");
  EXPECT_EQ(note->born_ms, 5);
  EXPECT_EQ(note->at_ms, 7);
  for (const char* text : {"", "x", "dsnwatch1 abc", "other abc 5 7"}) EXPECT_FALSE(decode_commit_note(text)) << text;
}

struct StartCase {
  const char* name;
  KafkaStartFacts facts;
  KafkaStart::From from;
  std::int64_t position;
  std::uint64_t lost = 0;
  std::int64_t after_ms = 0;
};

KafkaStartFacts facts(std::optional<std::int64_t> own, std::optional<std::int64_t> committed, const char* committer,
                      std::int64_t low = 0, std::int64_t high = 1000) {
  KafkaStartFacts result;
  if (own) result.own = KafkaPosition{.next = *own, .last = *own - 1, .last_timestamp_ms = 70, .last_hash = 1};
  result.committed = committed;
  if (committer != nullptr) result.note = CommitNote{committer, 5, 60};
  result.low = low;
  result.high = high;
  result.owner = "me";
  return result;
}

class StartOf : public testing::TestWithParam<StartCase> {};

TEST_P(StartOf, IsDecided) {
  const KafkaStart start = decide_start(GetParam().facts);
  EXPECT_EQ(start.from, GetParam().from);
  EXPECT_EQ(start.position, GetParam().position);
  EXPECT_EQ(start.lost, GetParam().lost);
  EXPECT_EQ(start.after_ms, GetParam().after_ms);
}

using From = KafkaStart::From;
const StartCase kStartCases[] = {
    {"NobodyCountedIt", facts({}, {}, nullptr), From::kNew, -1},
    {"OursAheadAfterACrash", facts(120, 100, "me"), From::kOwn, 120},
    {"OursEqual", facts(100, 100, "me"), From::kOwn, 100},
    {"OursNeverCommitted", facts(120, {}, nullptr), From::kOwn, 120},
    {"OursBehind", facts(90, 100, "me"), From::kBroker, 100},
    {"SomebodyElseCountedOn", facts(120, 150, "other"), From::kBroker, 150},
    {"SomebodyElseBehindUs", facts(120, 110, "other"), From::kBroker, 110},
    {"OperatorWentBack", facts(120, 10, nullptr), From::kBroker, 10},
    {"OperatorWentForward", facts(120, 500, nullptr), From::kBroker, 500},
    {"NoLedger", facts({}, 100, "other"), From::kBroker, 100},
    {"RetentionOvertookUs", facts(120, 100, "me", 200), From::kOwn, 200, 80},
    {"RetentionOvertookTheGroup", facts({}, 100, "other", 250), From::kBroker, 250, 150},
    {"TopicMadeAnew", facts(120, {}, nullptr, 0, 7), From::kByTime, -1, 0, 70},
    {"LogLostItsEnd", facts({}, 100, "other", 0, 99), From::kByTime, -1, 0, 60},
    {"ResetBeyondTheEnd", facts({}, 2000, nullptr), From::kByTime, -1, 0, 0},
};
INSTANTIATE_TEST_SUITE_P(Kafka, StartOf, testing::ValuesIn(kStartCases),
                         [](const auto& of_case) { return of_case.param.name; });

}  // namespace
}  // namespace dsnwatch::ingest
