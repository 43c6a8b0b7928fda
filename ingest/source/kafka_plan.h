#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "ingest/source/kafka_client.h"
#include "ingest/source/kafka_lane.h"
#include "ingest/source/kafka_position.h"
#include "ingest/source/kafka_settings.h"

namespace dsnwatch::ingest {

/// Asks the brokers what is needed to decide where partitions begin, and decides. Thread: dsn/kafka, but for born_ms().
class KafkaPlanner {
 public:
  KafkaPlanner(rd_kafka_t* client, const KafkaSettings& settings, const core::Clock& clock)
      : client_(client), settings_(settings), clock_(clock) {}

  using Stored = std::function<std::optional<Position>(const KafkaPartition&)>;

  /// For partitions that were assigned. An error is one of the moment: it may be tried again.
  core::Result<std::vector<KafkaAssignment>> plan(const std::vector<KafkaPartition>& partitions, const Stored& stored);

  /// For a partition that can't be read on.
  core::Result<KafkaAssignment> plan_rescue(const KafkaRescue& rescue, const std::stop_token& stop);

  /// When the group first looked at the topic, as far as plan() found out; else now. Unix milliseconds. Thread: any.
  std::int64_t born_ms(const std::string& topic);

 private:
  struct Draft {
    KafkaPartition partition;
    KafkaStartFacts facts;
    KafkaStart start;
  };

  core::Result<KafkaAssignment> plan_behind_batch(const KafkaRescue& rescue, const std::stop_token& stop);
  core::Result<void> ask_committed(std::vector<Draft>& drafts);
  core::Result<void> ask_ends(std::vector<Draft>& drafts);
  core::Result<void> find_new_positions(std::vector<Draft>& drafts);
  core::Result<std::vector<KafkaAssignment>> add_look_back(const std::vector<Draft>& drafts);
  core::Result<std::int64_t> ask_born(const std::string& topic);

  /// The first offsets at or after these times (milliseconds, or librdkafka's BEGINNING and END); -1: none is.
  core::Result<std::vector<std::int64_t>> offsets_at(const std::vector<std::pair<KafkaPartition, std::int64_t>>& times);

  rd_kafka_t* client_;
  const KafkaSettings& settings_;
  const core::Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, std::int64_t> born_;  // By topic. Guarded by mutex_.
};

}  // namespace dsnwatch::ingest
