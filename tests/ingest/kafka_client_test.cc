#include "ingest/source/kafka_client.h"

#include <gtest/gtest.h>

namespace dsnwatch::ingest {
namespace {

KafkaSettings with(std::vector<std::pair<std::string, std::string>> properties) {
  KafkaSettings settings;
  settings.name = "kafka:test";
  settings.brokers = "127.0.0.1:1";
  settings.group = "test";
  settings.topics = {"mail"};
  settings.properties = std::move(properties);
  return settings;
}

TEST(KafkaConf, TakesLibrdkafkasProperties) {
  EXPECT_TRUE(make_kafka_conf(with({{"security.protocol", "SASL_SSL"}, {"queued.min.messages", "1000"}})));
}

TEST(KafkaConf, RefusesWhatDsnwatchDecidesItself) {
  for (const char* name : {"bootstrap.servers", "group.id", "auto.offset.reset", "enable.auto.commit",
                           "partition.assignment.strategy", "enable.partition.eof"}) {
    const auto conf = make_kafka_conf(with({{name, "x"}}));
    ASSERT_FALSE(conf) << name;
    EXPECT_NE(conf.error().message.find(name), std::string::npos);
    EXPECT_NE(conf.error().message.find("can't be set"), std::string::npos);
  }
}

TEST(KafkaConf, RefusesUnknownPropertiesAndNeverShowsASecret) {
  const auto unknown = make_kafka_conf(with({{"sasl.pasword", "hunter2"}}));
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("sasl.pasword"), std::string::npos);
  EXPECT_EQ(unknown.error().message.find("hunter2"), std::string::npos);
}

TEST(KafkaConf, KnowsWhichPropertiesAreSecret) {
  for (const char* name : {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem",
                           "sasl.oauthbearer.client.secret", "sasl.oauthbearer.config"}) {
    EXPECT_TRUE(is_secret_property(name)) << name;
  }
  for (const char* name : {"sasl.username", "ssl.ca.location", "security.protocol"}) {
    EXPECT_FALSE(is_secret_property(name)) << name;
  }
}

TEST(KafkaConf, SaysThatAnOldLibraryCannotDoScram) {
  const std::string trouble = known_trouble(with({{"sasl.mechanisms", "SCRAM-SHA-256"}}));
  EXPECT_EQ(trouble.empty(), (rd_kafka_version() >> 8) >= 0x020601) << trouble;
  EXPECT_EQ(known_trouble(with({{"sasl.mechanisms", "PLAIN"}})), "");
}

KafkaSettings with_token(std::vector<std::pair<std::string, std::string>> properties) {
  KafkaSettings settings = with(std::move(properties));
  settings.token_file = "/nonexistent/token";
  return settings;
}

TEST(KafkaConf, ATokensFileChoosesTheMechanism) {
  EXPECT_TRUE(make_kafka_conf(with_token({{"security.protocol", "SASL_SSL"}})));
  EXPECT_TRUE(make_kafka_conf(with_token({{"sasl.mechanism", "OAUTHBEARER"}})));
  for (const auto& [name, value] :
       {std::pair<std::string, std::string>("sasl.mechanisms", "PLAIN"), {"sasl.oauthbearer.config", "x"}}) {
    const auto conf = make_kafka_conf(with_token({{name, value}}));
    ASSERT_FALSE(conf) << name;
    EXPECT_NE(conf.error().message.find("oauthbearer: "), std::string::npos) << conf.error().message;
  }
}

TEST(TryKafka, SaysThatThereIsNoToken) {
  const auto tried = try_kafka(with_token({{"security.protocol", "SASL_PLAINTEXT"}}), 5000);
  ASSERT_FALSE(tried);
  EXPECT_NE(tried.error().message.find("/nonexistent/token: No such file"), std::string::npos) << tried.error().message;
}

TEST(TryKafka, SaysThatATokenNeedsSasl) {
  const auto tried = try_kafka(with_token({}), 5000);
  ASSERT_FALSE(tried);
  EXPECT_NE(tried.error().message.find("security.protocol"), std::string::npos) << tried.error().message;
}

TEST(TryKafka, SaysThatNobodyAnswers) {
  const auto tried = try_kafka(with({}), 1500);
  ASSERT_FALSE(tried);
  EXPECT_NE(tried.error().message.find("127.0.0.1:1"), std::string::npos) << tried.error().message;
}

}  // namespace
}  // namespace dsnwatch::ingest
