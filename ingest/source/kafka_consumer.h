#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/result.h"
#include "ingest/source/kafka_client.h"
#include "ingest/source/kafka_lane.h"
#include "ingest/source/kafka_plan.h"
#include "ingest/source/kafka_position.h"
#include "ingest/source/kafka_settings.h"

namespace dsnwatch::ingest {

/// Something worth a line of the daemon's log.
struct KafkaNotice {
  bool warning = false;
  std::string_view event;  ///< A short stable phrase.
  std::string detail;
};

/// What the consumer needs of the rest. Called from its thread.
struct KafkaConsumerParts {
  std::function<std::optional<Position>(const KafkaPartition&)> stored;  ///< What the ledger holds.
  std::function<void()> request_checkpoint;
  std::function<void(const KafkaNotice&)> notice;
};

struct KafkaStatus {
  bool open = false;    ///< Joined the group, and the brokers answer.
  std::string problem;  ///< Empty, or why not.
  std::uint64_t rebalances_total = 0;
  std::map<std::string, std::uint64_t> errors_total;  ///< By librdkafka's name of the error.
};

/// A member of a consumer group. Its own thread (dsn/kafka) follows the group; partitions go to lanes, one per worker.
///
/// An offset is committed to the broker only after the ledger holds what was counted up to it: durable() says so. When
/// partitions are revoked, they are let go only after that, too.
class KafkaConsumer {
 public:
  /// Connects nothing yet. Fails for settings that librdkafka refuses.
  static core::Result<std::unique_ptr<KafkaConsumer>> make(KafkaSettings settings, std::size_t lanes,
                                                           const core::Clock& clock);
  ~KafkaConsumer();  ///< As close().

  std::size_t lane_count() const { return lanes_.size(); }
  KafkaLane& lane(std::size_t number) { return *lanes_[number]; }

  /// Joins the group.
  void start(KafkaConsumerParts parts);

  /// These positions are durable, and these partitions will not be counted by us any more. Thread: any.
  void durable(const std::vector<std::pair<KafkaPartition, KafkaPosition>>& positions,
               const std::vector<KafkaPartition>& released);

  /// Commits what is durable and leaves the group (a static member's partitions stay its own until the session ends).
  void close();

  KafkaStatus status() const;

 private:
  using Partitions = std::vector<KafkaPartition>;
  explicit KafkaConsumer(KafkaSettings settings, const core::Clock& clock);
  static void on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void* self);
  static void on_error(rd_kafka_t*, int error, const char* reason, void* self);
  static void on_committed(rd_kafka_t*, rd_kafka_resp_err_t, rd_kafka_topic_partition_list_t*, void* self);
  static void on_log(const rd_kafka_t*, int level, const char* facility, const char* text);

  void run(const std::stop_token& stop);
  void subscribe();
  void on_message(const rd_kafka_message_t& message);
  void look_whether_back();
  void take_rescues(const std::stop_token& stop);
  void rescue(KafkaRescue wanted, const std::stop_token& stop);
  void tell_rescue(const KafkaRescue& wanted, const KafkaAssignment& to) const;

  void assign(const rd_kafka_topic_partition_list_t& list);
  std::optional<std::vector<KafkaAssignment>> plan(const Partitions& partitions);
  void revoke(const rd_kafka_topic_partition_list_t& list);
  void wait_until_released(const Partitions& partitions);
  void commit_moved();
  bool commit(const Partitions& partitions, bool wait);
  void commit_last();
  void commit_before_letting_go(const Partitions& partitions);
  void tell_refused() const;
  void fill(rd_kafka_topic_partition_list_t& list, const Partitions& partitions);

  void attach(const KafkaPartition& partition);
  void attach_again();

  KafkaLane& lane_of(const KafkaPartition& partition);
  void notice(bool warning, std::string_view event, std::string detail) const;
  void count_error(rd_kafka_resp_err_t error);
  void set_problem(std::string problem);

  KafkaSettings settings_;
  const core::Clock& clock_;
  KafkaConsumerParts parts_;
  rd_kafka_t* client_ = nullptr;  // Destroyed in close().
  std::vector<std::unique_ptr<KafkaLane>> lanes_;
  std::unique_ptr<KafkaPlanner> planner_;
  std::string last_reason_;  // Of the error callback: why the last connection failed.
  std::map<KafkaPartition, core::MonotonicMs> attach_until_;
  core::MonotonicMs next_look_ms_ = 0;
  bool fatal_ = false;
  rd_kafka_resp_err_t refused_ = RD_KAFKA_RESP_ERR_NO_ERROR;  // Why the last commit that was waited for was refused.

  mutable std::mutex mutex_;  // Guards what follows.
  std::condition_variable_any changed_;
  KafkaStatus status_;
  std::map<KafkaPartition, KafkaPosition> durable_;  // Of the partitions that are ours.
  std::set<KafkaPartition> uncommitted_;             // Of durable_, moved since their last commit.
  core::MonotonicMs commit_after_ms_ = 0;            // The group is being divided anew until about then.
  bool joins_again_ = false;                         // The next assignment still belongs to a revocation.
  std::set<KafkaPartition> awaited_;                 // To be released, not yet durable.
  std::vector<KafkaRescue> rescues_;
  bool closing_ = false;

  std::jthread thread_;
};

}  // namespace dsnwatch::ingest
