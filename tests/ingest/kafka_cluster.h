#pragma once

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace dsnwatch::ingest {

/// A cluster within this process, on loopback: librdkafka's mock. No broker, no Java.
class KafkaCluster {
 public:
  explicit KafkaCluster(int brokers = 1) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    std::array<char, 256> reason{};
    rd_kafka_conf_set(conf, "test.mock.num.brokers", std::to_string(brokers).c_str(), reason.data(), reason.size());
    rd_kafka_conf_set(conf, "linger.ms", "1", reason.data(), reason.size());
    producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, reason.data(), reason.size());
    if (producer_ == nullptr) throw std::runtime_error(reason.data());
    mock_ = rd_kafka_handle_mock_cluster(producer_);
  }
  ~KafkaCluster() { rd_kafka_destroy(producer_); }

  std::string brokers() const { return rd_kafka_mock_cluster_bootstraps(mock_); }
  rd_kafka_mock_cluster_t* mock() const { return mock_; }

  void make_topic(const std::string& name, int partitions) {
    ASSERT_EQ(rd_kafka_mock_topic_create(mock_, name.c_str(), partitions, 1), RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  /// nullptr: a tombstone.
  void produce(const std::string& topic, int partition, const std::string* value) {
    void* const bytes = value == nullptr ? nullptr : const_cast<char*>(value->data());
    const std::size_t size = value == nullptr ? 0 : value->size();
    const auto error = rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                                         RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_VALUE(bytes, size),
                                         RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    ASSERT_EQ(error, RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void produce(const std::string& topic, int partition, const std::string& value) { produce(topic, partition, &value); }
  /// With one header.
  void produce(const std::string& topic, int partition, const std::string& value, const std::string& header,
               const std::string& says) {
    const auto error =
        rd_kafka_producev(producer_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                          RD_KAFKA_V_KEY("k", 1), RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                          RD_KAFKA_V_HEADER(header.c_str(), says.data(), static_cast<ssize_t>(says.size())),
                          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    ASSERT_EQ(error, RD_KAFKA_RESP_ERR_NO_ERROR);
  }
  void flush() { ASSERT_EQ(rd_kafka_flush(producer_, 20'000), RD_KAFKA_RESP_ERR_NO_ERROR); }

 private:
  rd_kafka_t* producer_ = nullptr;
  rd_kafka_mock_cluster_t* mock_ = nullptr;
};

}  // namespace dsnwatch::ingest
