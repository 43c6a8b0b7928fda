#include "ingest/source/kafka_bad_batch.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/ingest/kafka_member.h"
#include "tests/ingest/raw_batch.h"

namespace dsnwatch::ingest {
namespace {

using Outcome = KafkaReading::Outcome;

/// A partition of which some offsets can't be read.
struct Partition {
  struct Batch {
    std::int64_t begin, end;
    bool said = true;
  };
  std::vector<Batch> bad;
  std::int64_t high = 1'000'000;
  int readings = 0;
  bool slow = false;  // An impatient reading gets no answer.

  core::Result<KafkaBadBatch> measure(std::int64_t begin) {
    return measure_bad_batch(begin, high, [this](std::int64_t offset, bool patient) -> KafkaReading {
      ++readings;
      if (slow && !patient) return {};
      for (const Batch& batch : bad) {
        if (offset < batch.begin || offset >= batch.end) continue;
        return batch.said ? KafkaReading{Outcome::kBad, batch.begin, "why"} : KafkaReading{};
      }
      return {offset < high ? Outcome::kReadable : Outcome::kEnd, -1, {}};
    });
  }
};

class BadBatch : public testing::TestWithParam<bool> {};

TEST_P(BadBatch, IsMeasuredToTheMessage) {
  for (const std::int64_t size : {1, 2, 3, 7, 100, 9999}) {
    for (const std::int64_t from : {0, 1, 50}) {
      if (from >= size) continue;
      Partition partition{{{700, 700 + size, GetParam()}}};
      const auto found = partition.measure(700 + from);
      ASSERT_TRUE(found) << found.error().message;
      EXPECT_EQ(found->begin, 700 + from);
      EXPECT_EQ(found->end, 700 + size);
      EXPECT_FALSE(found->why.empty());
      EXPECT_LE(partition.readings, 34);
    }
  }
}

TEST_P(BadBatch, MayBeTheLastOne) {
  Partition partition{{{700, 1000, GetParam()}}, 1000};
  const auto found = partition.measure(700);
  // Where nothing is said and nothing follows, it may be the network.
  ASSERT_EQ(found.has_value(), GetParam());
  if (found) {
    EXPECT_EQ(found->end, 1000);
  }
}

INSTANTIATE_TEST_SUITE_P(WhetherLibrdkafkaSaysSoOrNot, BadBatch, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "said" : "silent"; });

TEST(MeasureBadBatch, KnowsTheNextBadOneByItsBeginning) {
  Partition partition{{{700, 800}, {800, 900}, {950, 2000}}};
  for (const std::int64_t begin : {700, 800, 950}) {
    const auto found = partition.measure(begin);
    ASSERT_TRUE(found) << found.error().message;
    EXPECT_EQ(found->end, begin == 700 ? 800 : begin == 800 ? 900 : 2000);
  }
}

TEST(MeasureBadBatch, SkipsNothingThatCanBeRead) {
  Partition partition;
  const auto found = partition.measure(700);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->end, found->begin);
}

TEST(MeasureBadBatch, BlamesNoBatchWhereNothingCanBeRead) {
  Partition away{{{0, 2'000'000, false}}};
  EXPECT_FALSE(away.measure(700));
}

TEST(MeasureBadBatch, BlamesNoBatchWhereAnswersAreSlow) {
  Partition partition{{{700, 800, false}}};
  partition.slow = true;
  EXPECT_FALSE(partition.measure(700));
}

/// A batch that can't be read, and what librdkafka says of it.
struct BadBatchCase {
  std::string name;
  std::int16_t codec;
  std::string records, said;
  KafkaProperties properties = {};
};

class KafkaBadBatch : public KafkaConsumerTest, public testing::WithParamInterface<BadBatchCase> {
 protected:
  void produce_bad(std::int32_t count) {
    cluster.flush();
    produce_raw(cluster.brokers(), "mail", 0, raw_batch(GetParam().codec, count, GetParam().records));
  }
};

TEST_P(KafkaBadBatch, IsCountedSaidAndSkipped) {
  cluster.make_topic("mail", 2);
  fill(2, 10, "old");
  produce_bad(37);
  fill(2, 10, "new");
  produce_bad(1);
  produce_bad(300);  // Nothing follows these two.
  Member member(cluster.brokers(), {}, "me", FileSettings::Start::kBeginning, "mail", GetParam().properties);
  const auto at_the_end = [&] {
    const auto ledger = member.ledger();
    const auto found = ledger.find({"mail", 0});
    return found != ledger.end() && found->second.next == 10 + 37 + 10 + 301;
  };
  work_until({&member}, [&] { return member.counted() == 40 && at_the_end(); }, 100);
  EXPECT_EQ(member.received("mail", 0).counted[10], "new 0 0");
  EXPECT_EQ(member.counts("mail").poison, 37u + 301u);
  const std::string said = member.notices();
  EXPECT_NE(said.find("mail/0: offsets 10 to 46, of which 37 will not be counted: "), std::string::npos) << said;
  EXPECT_NE(said.find("mail/0: offsets 57 to 57, of which 1 will not be counted: "), std::string::npos) << said;
  EXPECT_NE(said.find("mail/0: offsets 58 to 357, of which 300 will not be counted: "), std::string::npos) << said;
  EXPECT_NE(said.find(GetParam().said), std::string::npos) << said;
  // What comes behind is read, and nothing is skipped twice.
  fill(1, 5, "last");
  work_until({&member}, [&] { return member.counted() == 45; });
  EXPECT_EQ(member.counts("mail").poison, 338u);
}

INSTANTIATE_TEST_SUITE_P(
    Batches, KafkaBadBatch,
    testing::Values(BadBatchCase{"gzip", 1, "no gzip", "Decompression"},
                    BadBatchCase{"snappy", 2, "\xff\xff\xff no snappy", "Decompression"},
                    BadBatchCase{"lz4", 3, "no lz4", "Decompression"},
                    BadBatchCase{"zstd", 4, "no zstd", "Decompression"},
                    BadBatchCase{"unknown_codec", 7, "whatever", "Decompression"},
                    BadBatchCase{"checksum", 0, std::string(3000, 'x'), "CRC32C", {{"check.crcs", "true"}}}),
    [](const auto& tested) { return tested.param.name; });

/// Of a batch whose records don't end where they should, librdkafka says nothing.
TEST_F(KafkaConsumerTest, ABatchThatNothingComesOfIsSkippedOnceItIsCertain) {
  constexpr int kTimeFactor = 20;
  cluster.make_topic("mail", 2);
  fill(2, 10, "old");
  produce_raw(cluster.brokers(), "mail", 0, raw_batch(0, 3, std::string(40, '\x7f')));
  fill(2, 10, "new");
  Member member(cluster.brokers(), {}, "me", FileSettings::Start::kBeginning, "mail", {}, kTimeFactor);
  work_until({&member}, [&] { return member.counted() == 40; });
  EXPECT_EQ(member.received("mail", 0).counted[10], "new 0 0");
  EXPECT_EQ(member.counts("mail").poison, 3u);
  const std::string said = member.notices();
  EXPECT_NE(said.find("mail/0: offsets 10 to 12, of which 3 will not be counted: nothing comes"), std::string::npos)
      << said;
}

TEST_F(KafkaConsumerTest, OfABadBatchOnlyWhatWasNotCountedIsPoison) {
  cluster.make_topic("mail", 1);
  fill(1, 10, "old");
  produce_raw(cluster.brokers(), "mail", 0, raw_batch(1, 30, "no gzip"));
  fill(1, 10, "new");
  // It could be read once, or somebody moved the position there.
  Member member(cluster.brokers(), {{{"mail", 0}, KafkaPosition{.next = 25, .last = -1}}});
  work_until({&member}, [&] { return member.counted() == 10; });
  EXPECT_EQ(member.counts("mail").poison, 15u);
  EXPECT_EQ(member.ledger()[(KafkaPartition{"mail", 0})].next, 50);
}

TEST_F(KafkaConsumerTest, ABrokerThatIsAwayIsNoBadBatch) {
  constexpr int kTimeFactor = 20;
  cluster.make_topic("mail", 1);
  fill(1, 10, "old");
  Member member(cluster.brokers(), {}, "me", FileSettings::Start::kBeginning, "mail", {}, kTimeFactor);
  work_until({&member}, [&] { return member.counted() == 10; });
  // All but messages comes. librdkafka takes such an answer for the partition's end where that is asked for.
  std::vector<rd_kafka_resp_err_t> errors(300, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT);
  rd_kafka_mock_push_request_errors_array(cluster.mock(), /*Fetch*/ 1, errors.size(), errors.data());
  fill(1, 10, "new");
  work_until({&member}, [&] { return member.counted() == 20; }, 100);
  EXPECT_EQ(member.counts("mail").poison, 0u);
  EXPECT_EQ(member.notices().find("was skipped"), std::string::npos) << member.notices();
}

}  // namespace
}  // namespace dsnwatch::ingest
