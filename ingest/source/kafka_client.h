#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "ingest/source/kafka_position.h"
#include "ingest/source/kafka_settings.h"

namespace dsnwatch::ingest {

struct KafkaDeleter {
  void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};
template <class T>
using KafkaHandle = std::unique_ptr<T, KafkaDeleter>;
using KafkaClient = KafkaHandle<rd_kafka_t>;
using KafkaConf = KafkaHandle<rd_kafka_conf_t>;
using KafkaList = KafkaHandle<rd_kafka_topic_partition_list_t>;
using KafkaQueue = KafkaHandle<rd_kafka_queue_t>;

inline KafkaList new_kafka_list(int room = 16) {
  return KafkaList(rd_kafka_topic_partition_list_new(room));
}

std::vector<KafkaPartition> partitions_of(const rd_kafka_topic_partition_list_t& list);
KafkaList list_of(const std::vector<KafkaPartition>& partitions);

/// The settings as librdkafka wants them, with our defaults under the operator's properties. Fails for what librdkafka
/// refuses and for properties that dsnwatch decides itself; the message never holds a value.
core::Result<KafkaConf> make_kafka_conf(const KafkaSettings& settings);

/// A consumer that connects when it is used.
core::Result<KafkaClient> new_kafka_client(const KafkaSettings& settings, KafkaConf conf);

/// True for properties whose values must not be shown.
bool is_secret_property(std::string_view name);

/// Empty, or a sentence about settings that the librdkafka in use is known not to manage.
std::string known_trouble(const KafkaSettings& settings);

/// Connects, looks for the topics and asks for the group's offsets. The error says which of these failed and why.
/// Blocks for at most about `timeout_ms`.
core::Result<void> try_kafka(const KafkaSettings& settings, core::MonotonicMs timeout_ms);

}  // namespace dsnwatch::ingest
