#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "daemon/pipeline.h"
#include "daemon/run/feed.h"
#include "daemon/run/kafka_source.h"
#include "daemon/run/source_reader.h"
#include "ingest/correlate/correlator.h"
#include "ingest/source/kafka_lane.h"

namespace dsnwatch::daemon {

/// The partitions of a Kafka source that one worker reads at the time. Each is a correlation group of its own, since
/// others may own it tomorrow. Thread: the worker's.
class KafkaFeed final : public Feed, private ingest::KafkaSinks {
 public:
  /// `memory`: bytes for the correlation of all partitions of the source in this process.
  KafkaFeed(KafkaSource& source, std::size_t lane, std::size_t memory, WorkerParts parts);

  core::Result<void> open(const StoredPositions& stored) override;
  bool read(std::size_t budget) override;
  void add_wake_fds(std::vector<int>& fds) const override { fds.push_back(lane_->wake_fd()); }
  void start_draining() override { draining_ = true; }
  /// What is not read yet stays for the next start, or for another member.
  bool drained() const override { return draining_; }
  void hand_over(HandOver& into, const AddRecord& add) override;

 private:
  struct Partition final : ingest::MessageSink {
    Partition(std::unique_ptr<ingest::Format> format, std::size_t memory, WorkerParts parts);

    void on_messages(std::span<const ingest::Message> messages) override { pipeline.on_messages(messages); }
    void on_look_back(std::span<const ingest::Message> messages) override { pipeline.on_look_back(messages); }
    void on_long_message(std::uint64_t bytes) override { pipeline.on_long_line(bytes); }

    CountingSink sink;
    ingest::Correlator correlator;
    Pipeline<CountingSink> pipeline;
    std::vector<std::string> stale;  // Keys of correlation in the ledger that are not taken up.
  };

  ingest::MessageSink& open(const ingest::KafkaPartition& partition, bool own) override;
  void add_position(const ingest::KafkaPartition& id, const ingest::KafkaPosition& position, const Partition& partition,
                    const AddRecord& add) const;
  void add_correlation(const ingest::KafkaPartition& id, Partition& partition, HandOver& into) const;
  void let_go(HandOver& into, const AddRecord& add);
  SourceReport report();

  KafkaSource& source_;
  std::size_t number_;
  std::size_t memory_;
  WorkerParts parts_;
  ingest::KafkaLane* lane_ = nullptr;
  std::map<ingest::KafkaPartition, std::unique_ptr<Partition>> partitions_;
  exporters::SourceHealth gone_;  // Of partitions that were let go.
  std::uint64_t evictions_gone_ = 0;
  bool draining_ = false;
};

}  // namespace dsnwatch::daemon
