#include "ingest/source/kafka_lane.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/ingest/kafka_cluster.h"

namespace dsnwatch::ingest {
namespace {

struct Numbers final : MessageSink {
  void on_messages(std::span<const Message> messages) override {
    for (const Message& message : messages) counted.push_back(std::stoi(std::string(message.bytes)));
  }
  void on_look_back(std::span<const Message>) override {}
  void on_long_message(std::uint64_t) override {}
  std::vector<int> counted;
};

struct OnePartition final : KafkaSinks {
  MessageSink& open(const KafkaPartition&, bool) override { return numbers; }
  Numbers numbers;
};

using Client = std::unique_ptr<rd_kafka_t, void (*)(rd_kafka_t*)>;

Client new_client(const std::string& brokers) {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  std::array<char, 256> reason{};
  for (const auto& [name, value] : {std::pair<const char*, std::string>("bootstrap.servers", brokers),
                                    {"group.id", "test"},
                                    {"enable.auto.commit", "false"},
                                    {"enable.auto.offset.store", "false"}}) {
    rd_kafka_conf_set(conf, name, value.c_str(), reason.data(), reason.size());
  }
  Client client(rd_kafka_new(RD_KAFKA_CONSUMER, conf, reason.data(), reason.size()), rd_kafka_destroy);
  if (!client) throw std::runtime_error(reason.data());
  return client;
}

// While a group is divided anew librdkafka pauses what a member keeps, at any moment of its reading.
TEST(KafkaLane, LosesNothingWhereReadingIsPausedMeanwhile) {
  constexpr int kMessages = 60'000;
  KafkaCluster cluster;
  cluster.make_topic("mail", 1);
  for (int i = 0; i < kMessages; ++i) cluster.produce("mail", 0, std::to_string(i));
  cluster.flush();

  const Client client = new_client(cluster.brokers());
  const core::SystemClock clock;
  KafkaLane lane(client.get(), clock, KafkaFields(), [](const KafkaRescue&) {});
  const KafkaPartition id{"mail", 0};
  lane.give({KafkaAssignment{.partition = id, .position = {.next = 0}}});
  lane.attach(id);
  const KafkaList list = new_kafka_list(1);
  rd_kafka_topic_partition_list_add(list.get(), "mail", 0)->offset = 0;
  ASSERT_EQ(rd_kafka_assign(client.get(), list.get()), RD_KAFKA_RESP_ERR_NO_ERROR);

  std::jthread pausing([&](const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      rd_kafka_pause_partitions(client.get(), list.get());
      rd_kafka_resume_partitions(client.get(), list.get());
      std::this_thread::sleep_for(std::chrono::milliseconds(3));
    }
  });
  OnePartition sinks;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  const std::vector<int>& counted = sinks.numbers.counted;
  while ((counted.empty() || counted.back() != kMessages - 1) && std::chrono::steady_clock::now() < deadline) {
    if (!lane.poll(sinks, 1u << 20)) std::this_thread::yield();
  }
  pausing.request_stop();
  pausing.join();
  ASSERT_EQ(counted.size(), static_cast<std::size_t>(kMessages));
  for (int i = 0; i < kMessages; ++i) ASSERT_EQ(counted[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace dsnwatch::ingest
