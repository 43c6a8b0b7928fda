#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/clock.h"
#include "ingest/envelope/message.h"
#include "ingest/source/followed_file.h"
#include "ingest/source/kafka_client.h"
#include "ingest/source/kafka_field.h"
#include "ingest/source/kafka_position.h"

namespace dsnwatch::ingest {

/// A partition as it is given to a worker.
struct KafkaAssignment {
  KafkaPartition partition;
  KafkaPosition position;      ///< Counting begins at `next`.
  std::int64_t read_from = 0;  ///< What lies before `position.next` is look-back.
  bool own = false;            ///< Our ledger holds what was counted and learnt up to here.
  std::uint64_t lost = 0;      ///< Messages gone before they were counted.
  std::uint64_t poison = 0;    ///< Messages that can't be read and are skipped.
  std::string said = {};       ///< Why they can't.
};

/// Gets the messages of one partition, in their order, in batches whose views are valid during the call.
class MessageSink {
 public:
  virtual ~MessageSink() = default;
  virtual void on_messages(std::span<const Message> messages) = 0;
  /// What lies before the place where counting begins: to learn from, not to count.
  virtual void on_look_back(std::span<const Message> messages) = 0;
  /// A message longer than the limit of a line was dropped.
  virtual void on_long_message(std::uint64_t bytes) = 0;
};

/// Where the messages of each partition go. Thread: the worker's.
class KafkaSinks {
 public:
  virtual ~KafkaSinks() = default;
  /// `own`: what the ledger holds of the partition is to be taken up. The sink is used until the partition was taken by
  /// KafkaLane::take_released().
  virtual MessageSink& open(const KafkaPartition& partition, bool own) = 0;
};

/// A partition that can't be read on from where it stands.
struct KafkaRescue {
  KafkaPartition partition;
  KafkaPosition position;
  enum class Why : std::uint8_t {
    kNoSuchOffset,
    kOtherTopic,  ///< What lies before the position is not what was counted.
    kBadBatch,    ///< librdkafka fetches the batch at `at` again and again, and never hands anything on.
  } why = Why::kNoSuchOffset;
  std::int64_t at = 0;  ///< The first offset that was not read.
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  bool told = false;                    ///< That it takes long.
  core::MonotonicMs not_before_ms = 0;  ///< When to try again.
};

/// A partition as its worker sees it.
struct KafkaPartitionStatus {
  KafkaPartition partition;
  KafkaPosition position;
  std::uint64_t lag_messages = 0;
  double lag_seconds = 0;  ///< Age of the last message read while there is a lag.
  bool looking_back = false;
};

/// Counters of a topic on one lane since the start.
struct KafkaTopicCounts {
  std::uint64_t lost = 0;            ///< Messages that retention removed before they were counted.
  std::uint64_t poison = 0;          ///< Messages that are no text, or in a batch that can't be read.
  std::uint64_t tombstones = 0;      ///< Messages without a value.
  std::uint64_t unknown_format = 0;  ///< Messages that name a format that there is not.
};

/// The partitions of one worker: one queue of librdkafka, into which theirs are forwarded, so that its limits hold for
/// all of them together. Messages are handed on where librdkafka received them, without a copy.
///
/// Thread: the worker's, but for give(), release(), move() and detach(), which are the consumer's.
class KafkaLane {
 public:
  using Rescuer = std::function<void(const KafkaRescue&)>;

  KafkaLane(rd_kafka_t* client, const core::Clock& clock, KafkaFields fields, Rescuer rescuer);
  ~KafkaLane();

  /// Hands about `budget` bytes of messages on; false if there were none.
  bool poll(KafkaSinks& sinks, std::size_t budget);
  /// Takes only what the consumer says, no messages.
  void obey(KafkaSinks& sinks);

  int wake_fd() const { return wake_.get(); }
  std::uint64_t bytes_total() const { return bytes_total_; }
  std::vector<KafkaPartitionStatus> status() const;
  const std::map<std::string, KafkaTopicCounts>& counts() const { return counts_; }
  /// One poison message since the last call: where it was and how it begins.
  std::optional<std::string> take_poison_sample() { return std::exchange(poison_sample_, std::nullopt); }
  /// One message of an unknown format since the last call: where it was and what it named.
  std::optional<std::string> take_format_sample() { return std::exchange(format_sample_, std::nullopt); }
  /// Partitions that were released since the last call, where they stand for good.
  std::vector<std::pair<KafkaPartition, KafkaPosition>> take_released() { return std::exchange(released_, {}); }

  /// Before the partition is assigned.
  void give(std::vector<KafkaAssignment> assignments);
  /// No message of these is handed on from the next poll() on.
  void release(const std::vector<KafkaPartition>& partitions);
  /// After a KafkaRescue: reading goes on at another place. The old messages must not be deliverable any more.
  void move(const KafkaAssignment& to);
  /// Messages of the partition come here.
  void attach(const KafkaPartition& partition);

 private:
  struct Partition {
    KafkaPartition id;
    KafkaPosition position;
    std::int64_t expected = 0;                // Offsets below were read already.
    std::optional<KafkaPosition> to_compare;  // The message at `last` must still be the one that was counted.
    bool waits_for_rescue = false;
    core::MonotonicMs still_since_ms = 0;  // `expected` has not moved since.
    std::int64_t still_at = -1;            // `expected` at that time.
    bool asked_why = false;                // A rescue found nothing in the way there.
    MessageSink* sink = nullptr;
    KafkaTopicCounts* counts = nullptr;
  };
  struct Order {
    enum class Kind : std::uint8_t { kGive, kRelease, kMove } kind;
    KafkaAssignment assignment;  // For kRelease only the partition.
  };

  void keep_fetching();
  std::size_t receive(std::span<rd_kafka_message_t*> messages);
  std::size_t read_batch(KafkaSinks& sinks, std::span<rd_kafka_message_t* const> batch);
  void end_run();
  void carry_out(const Order& order, KafkaSinks& sinks);
  Partition* find(const rd_kafka_message_t& message);
  void take(Partition& partition, const rd_kafka_message_t& message);
  bool is_text(Partition& partition, const rd_kafka_message_t& message);
  bool is_as_counted(Partition& partition, const rd_kafka_message_t& message);
  std::string_view format_of(Partition& partition, const rd_kafka_message_t& message);
  void on_event(Partition& partition, const rd_kafka_message_t& event);
  void ask_for_rescue(Partition& partition, KafkaRescue::Why why,
                      rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR);
  void look_for_still_ones();
  void wake();

  rd_kafka_t* client_;
  const core::Clock& clock_;
  const KafkaFields fields_;
  Rescuer rescuer_;
  const bool whole_batches_;  // librdkafka can be asked for them.
  KafkaQueue queue_;
  FileDescriptor wake_;
  std::map<KafkaPartition, Partition> partitions_;
  const rd_kafka_topic_t* found_topic_ = nullptr;  // What find() found last.
  std::int32_t found_number_ = -1;
  Partition* found_ = nullptr;
  // Messages of one partition behind each other, not yet handed on.
  Partition* run_ = nullptr;
  bool run_counts_ = false;  // Else it is look-back.
  const rd_kafka_message_t* run_last_ = nullptr;
  std::vector<Message> run_messages_;
  std::vector<std::pair<KafkaPartition, KafkaPosition>> released_;
  std::map<std::string, KafkaTopicCounts> counts_;
  std::optional<std::string> poison_sample_, format_sample_;
  std::uint64_t bytes_total_ = 0;
  std::uint64_t messages_since_nudge_ = 0, bytes_at_nudge_ = 0;
  core::MonotonicMs looked_ms_ = 0;

  std::mutex mutex_;
  std::vector<Order> orders_;  // Guarded by mutex_.
  std::atomic<bool> ordered_ = false;
};

}  // namespace dsnwatch::ingest
