#include "ingest/source/kafka_consumer.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/ingest/kafka_member.h"

namespace dsnwatch::ingest {
namespace {

TEST_F(KafkaConsumerTest, EveryMessageComesOnceAndInOrder) {
  cluster.make_topic("mail", 3);
  fill(3, 1000, "old");
  Member member(cluster.brokers(), {}, "me", FileSettings::Start::kBeginning, "^mail.*");
  work_until({&member}, [&] { return member.counted() == 3000; });
  fill(3, 10, "new");
  work_until({&member}, [&] { return member.counted() >= 3030; });
  for (int p = 0; p < 3; ++p) {
    const auto& lines = member.received("mail", p).counted;
    ASSERT_EQ(lines.size(), 1010u);
    EXPECT_EQ(member.received("mail", p).hosts, std::set<std::string>{"k"});
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(lines[static_cast<std::size_t>(i)], "old " + std::to_string(p) + " " + std::to_string(i));
    }
    EXPECT_EQ(member.ledger()[(KafkaPartition{"mail", p})].next, 1010);
  }
  EXPECT_TRUE(member.consumer().status().open);
}

TEST_F(KafkaConsumerTest, ANewGroupBeginsAtTheEnd) {
  cluster.make_topic("mail", 2);
  fill(2, 100, "old");
  Member member(cluster.brokers(), {}, "me", FileSettings::Start::kEnd);
  work_until({&member}, [&] { return member.partitions() == 2; });
  fill(2, 5, "new");
  work_until({&member}, [&] { return member.counted() >= 10; });
  EXPECT_EQ(member.received("mail", 0).counted.front(), "new 0 0");
  EXPECT_EQ(member.counted(), 10u);
}

TEST_F(KafkaConsumerTest, TombstonesAndWhatIsNoTextAreSkippedAndCounted) {
  cluster.make_topic("mail", 1);
  cluster.produce("mail", 0, "one");
  cluster.produce("mail", 0, nullptr);
  cluster.produce("mail", 0, std::string("\0\0\0\1bin", 7));
  cluster.produce("mail", 0, "");
  cluster.produce("mail", 0, "two\nthree");
  cluster.produce("mail", 0, std::string(900'000, 'x'));
  cluster.produce("mail", 0, "last");
  cluster.flush();
  Member member(cluster.brokers(), {});
  work_until({&member}, [&] {
    const auto& lines = member.received("mail", 0).counted;
    return !lines.empty() && lines.back() == "last";
  });
  EXPECT_EQ(member.counts("mail").tombstones + member.counts("mail").poison, 2u);
  EXPECT_EQ(member.counts("mail").poison, 1u);
  EXPECT_EQ(member.received("mail", 0).counted[1].substr(0, 4), "");
  EXPECT_EQ(member.ledger()[(KafkaPartition{"mail", 0})].next, 7);
}

TEST_F(KafkaConsumerTest, AMessageSaysItsFormatAndOneThatThereIsNotIsCounted) {
  cluster.make_topic("mail", 1);
  cluster.produce("mail", 0, "none");
  cluster.produce("mail", 0, "other header", "host", "postfix");
  cluster.produce("mail", 0, "named", "format", "postfix");
  cluster.produce("mail", 0, "empty", "format", "");
  cluster.produce("mail", 0, "unknown", "format", "sendmail\n");
  cluster.produce("mail", 0, "unknown as well", "format", "Postfix");
  cluster.flush();
  Member member(cluster.brokers(), {});
  work_until({&member}, [&] { return member.counted() >= 6; });
  EXPECT_EQ(member.received("mail", 0).formats, (std::vector<std::string>{"", "", "postfix", "", "", ""}));
  EXPECT_EQ(member.counts("mail").unknown_format, 2u);
  const auto sample = member.take_format_sample();
  ASSERT_TRUE(sample.has_value());
  EXPECT_EQ(*sample, "mail/0 offset 4: sendmail\\x0a");
}

TEST_F(KafkaConsumerTest, ARestartGoesOnWhereTheLedgerStands) {
  cluster.make_topic("mail", 2);
  fill(2, 50, "old");
  std::map<KafkaPartition, KafkaPosition> ledger;
  {
    Member member(cluster.brokers(), {});
    work_until({&member}, [&] { return member.counted() == 100; });
    member.checkpoint();
    ledger = member.ledger();
  }
  fill(2, 50, "new");
  Member member(cluster.brokers(), ledger);
  work_until({&member}, [&] { return member.counted() >= 100; });
  EXPECT_EQ(member.counted(), 100u);
  EXPECT_TRUE(member.owns("mail", 0));
  EXPECT_EQ(member.received("mail", 0).counted.front(), "new 0 0");
  // The last message that was counted was looked at, to see that it is the same topic.
  EXPECT_EQ(member.received("mail", 1).learnt, std::vector<std::string>{"old 1 49"});
}

TEST_F(KafkaConsumerTest, ALedgerAheadOfTheBrokerWinsUnlessSomebodyElseCommitted) {
  cluster.make_topic("mail", 1);
  fill(1, 100, "old");
  {
    Member member(cluster.brokers(), {}, "first");
    work_until({&member}, [&] { return member.counted() == 100; });
  }
  // A ledger that claims to be elsewhere: it is not the one that the broker's offset stands for.
  Member other(cluster.brokers(), {{{"mail", 0}, KafkaPosition{.next = 10, .last = -1}}}, "second");
  fill(1, 3, "new");
  work_until({&other}, [&] { return other.counted() >= 3; });
  EXPECT_EQ(other.counted(), 3u);
  EXPECT_FALSE(other.owns("mail", 0));
}

TEST_F(KafkaConsumerTest, APositionBeyondTheEndIsNoEnd) {
  cluster.make_topic("mail", 1);
  fill(1, 10, "old");
  Member member(cluster.brokers(), {{{"mail", 0}, KafkaPosition{.next = 5000, .last = 4999, .last_hash = 1}}});
  work_until({&member}, [&] { return member.partitions() == 1; });
  fill(1, 5, "new");
  work_until({&member}, [&] { return member.counted() >= 5; });
  EXPECT_EQ(member.received("mail", 0).counted.back(), "new 0 4");
}

TEST_F(KafkaConsumerTest, ATopicMadeAnewIsToldByItsLastMessage) {
  cluster.make_topic("mail", 1);
  fill(1, 100, "old");
  const KafkaPosition other_topic{.next = 50, .last = 49, .last_timestamp_ms = 1, .last_hash = message_hash("else")};
  Member member(cluster.brokers(), {{{"mail", 0}, other_topic}});
  work_until({&member}, [&] { return member.notices().find("made anew") != std::string::npos; });
  fill(1, 5, "new");
  work_until({&member}, [&] {
    const auto& lines = member.received("mail", 0).counted;
    return !lines.empty() && lines.back() == "new 0 4";
  });
}

TEST_F(KafkaConsumerTest, AMemberThatLeavesAndOneThatComesCountNothingTwice) {
  cluster.make_topic("mail", 4);
  fill(4, 500, "old");
  auto first = std::make_unique<Member>(cluster.brokers(), std::map<KafkaPartition, KafkaPosition>{}, "first");
  work_until({first.get()}, [&] { return first->counted() == 2000; });
  Member second(cluster.brokers(), {}, "second");
  work_until({first.get(), &second}, [&] { return second.partitions() == 2 && first->partitions() == 2; });
  fill(4, 500, "new");
  work_until({first.get(), &second}, [&] { return first->counted() + second.counted() >= 4000; });
  EXPECT_EQ(first->counted() + second.counted(), 4000u);
  EXPECT_EQ(second.counted(), 1000u);
  const std::size_t of_first = first->counted();
  first->checkpoint();
  first.reset();
  work_until({&second}, [&] { return second.partitions() == 4; });
  fill(4, 100, "last");
  work_until({&second}, [&] { return of_first + second.counted() >= 4400; });
  EXPECT_EQ(of_first + second.counted(), 4400u);
}

TEST_F(KafkaConsumerTest, ABrokerThatIsAwayIsSaidOnceAndComesBack) {
  cluster.make_topic("mail", 1);
  fill(1, 10, "old");
  Member member(cluster.brokers(), {});
  work_until({&member}, [&] { return member.counted() == 10; });
  rd_kafka_mock_broker_set_down(cluster.mock(), 1);
  work_until({&member}, [&] { return !member.consumer().status().problem.empty(); });
  EXPECT_FALSE(member.consumer().status().open);
  EXPECT_FALSE(member.consumer().status().errors_total.empty());
  rd_kafka_mock_broker_set_up(cluster.mock(), 1);
  work_until({&member}, [&] { return member.consumer().status().open; });
  fill(1, 10, "new");
  work_until({&member}, [&] { return member.counted() == 20; });
  const std::string said = member.notices();
  const std::size_t first = said.find("can't be read");
  EXPECT_NE(first, std::string::npos);
  EXPECT_EQ(said.find("can't be read", first + 1), std::string::npos) << said;
  EXPECT_NE(said.find("can be read again"), std::string::npos) << said;
}

TEST_F(KafkaConsumerTest, AnUnknownTopicIsAProblemUntilItIsThere) {
  KafkaSettings settings;
  settings.name = "kafka:test";
  settings.brokers = cluster.brokers();
  settings.group = "test";
  settings.topics = {"^no-such-.*"};
  const auto tried = try_kafka(settings, 5000);
  ASSERT_FALSE(tried);
  EXPECT_NE(tried.error().message.find("no-such-"), std::string::npos) << tried.error().message;
  cluster.make_topic("no-such-topic", 1);
  EXPECT_TRUE(try_kafka(settings, 5000));
}

}  // namespace
}  // namespace dsnwatch::ingest
