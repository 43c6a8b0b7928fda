#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "daemon/config/config.h"
#include "daemon/log.h"
#include "daemon/run/stored_state.h"
#include "exporters/prometheus/health.h"
#include "ingest/source/kafka_consumer.h"

namespace dsnwatch::daemon {

/// Who this process is for its consumer groups: kept in the state directory, so that a restart is the same member.
struct MemberIdentity {
  std::string owner;        ///< Names the ledger.
  std::string instance_id;  ///< Empty without a state directory: a new process is a new member.
};
core::Result<MemberIdentity> member_identity(const std::string& state_dir);

/// The settings of an entry of `sources`; secrets are read from their files and the environment here.
core::Result<ingest::KafkaSettings> kafka_settings(const SourceConfig& config);

/// The key of an entry: "kafka:" and its group.
std::string kafka_source_key(const SourceConfig& config);

/// An entry of `sources` that is read from Kafka: the consumer, and what the ledger held of its partitions.
class KafkaSource {
 public:
  KafkaSource(SourceConfig config, const core::Clock& clock, Log& log);

  const std::string& key() const { return key_; }
  const SourceConfig& config() const { return config_; }
  ingest::KafkaConsumer& consumer() { return *consumer_; }

  // Before start(): what the ledger held, then open().
  void keep_position(std::string_view record_key, std::string_view value);
  bool keep_correlation(std::string_view group, std::string_view key, std::string_view value);
  core::Result<void> open(const MemberIdentity& identity, std::size_t lanes);

  /// Joins the group.
  void start(std::function<void()> request_checkpoint);
  /// Leaves it; what is durable is committed. Thread: main.
  void close();

  /// Of the ledger, once a commit has succeeded. Thread: dsn/ckpt.
  void durable(const std::vector<core::StoredRecord>& positions, const std::vector<std::string>& released);

  using Correlation = std::vector<std::pair<std::string, std::string>>;
  /// What the ledger held of a partition when the process began; only once. Thread: any.
  Correlation take_correlation(const ingest::KafkaPartition& partition);
  /// The format's state beside the stored position. Thread: any.
  std::string format_state(const ingest::KafkaPartition& partition) const;

  /// Said once in the life of the process: it may be every message. Thread: any.
  void tell_unknown_format(const std::string& message);

  /// What the feed of a lane sees of its partitions. Thread: its worker.
  void publish(std::size_t lane, std::vector<ingest::KafkaPartitionStatus> status,
               std::map<std::string, ingest::KafkaTopicCounts> counts);
  /// Thread: any.
  void report(exporters::HealthMetrics& health) const;

  /// The group of correlation, and the stem of the position's key, of one partition.
  std::string group_of(const ingest::KafkaPartition& partition) const { return key_ + "/" + text_of(partition); }

 private:
  struct Lane {
    std::vector<ingest::KafkaPartitionStatus> status;
    std::map<std::string, ingest::KafkaTopicCounts> counts;
  };

  std::optional<ingest::KafkaPartition> partition_of(std::string_view group) const;

  SourceConfig config_;
  std::string key_;
  const core::Clock& clock_;
  Log& log_;
  std::atomic<bool> format_told_ = false;

  mutable std::mutex mutex_;                                                      // Guards what follows.
  std::map<ingest::KafkaPartition, std::pair<std::string, std::string>> stored_;  // Position and the format's state.
  std::map<ingest::KafkaPartition, Correlation> correlation_;
  std::vector<Lane> seen_;

  std::unique_ptr<ingest::KafkaConsumer> consumer_;  // Last: its thread uses the rest.
};

}  // namespace dsnwatch::daemon
