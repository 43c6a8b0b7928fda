#include <chrono>
#include <thread>
#include <utility>

#include "ingest/source/kafka_consumer.h"

// Which partitions the group gives to this member and takes from it.

namespace dsnwatch::ingest {
namespace {

constexpr int kPollMs = 100;
constexpr int kCommitTries = 50;
// A commit in the middle of a rebalance may keep the member from joining in time, and cost it its partitions.
constexpr core::MonotonicMs kCommitPauseMs = 10'000;
constexpr auto kReleaseWait = std::chrono::seconds(30);
constexpr auto kRetryWait = std::chrono::seconds(1);

}  // namespace

void KafkaConsumer::on_rebalance(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* list,
                                 void* opaque) {
  KafkaConsumer& self = *static_cast<KafkaConsumer*>(opaque);
  {
    const std::lock_guard lock(self.mutex_);
    ++self.status_.rebalances_total;
    self.status_.open = true;
  }
  if (error == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    {
      const std::lock_guard lock(self.mutex_);
      // A revocation ends with an (empty) assignment; only then the member joins again, for the one that counts.
      if (!std::exchange(self.joins_again_, false)) self.commit_after_ms_ = 0;
    }
    self.assign(*list);
  } else {
    self.revoke(*list);
  }
}

void KafkaConsumer::assign(const rd_kafka_topic_partition_list_t& list) {
  const Partitions partitions = partitions_of(list);
  const auto planned = plan(partitions);
  if (!planned) {
    // Closing, or lost again: librdkafka wants them taken all the same before it takes them away. No lane reads them.
    const KafkaHandle<rd_kafka_error_t> taken(rd_kafka_incremental_assign(client_, &list));
    return;
  }
  KafkaList with_offsets = new_kafka_list(list.cnt);
  Partitions fresh;
  {
    const std::lock_guard lock(mutex_);
    for (const KafkaAssignment& a : *planned) durable_[a.partition] = a.position;
  }
  for (const KafkaAssignment& a : *planned) {
    rd_kafka_topic_partition_list_add(with_offsets.get(), a.partition.topic.c_str(), a.partition.number)->offset =
        a.read_from;
    if (!a.own) fresh.push_back(a.partition);
    if (a.lost > 0) {
      notice(/*warning=*/true, "messages were removed by retention before they were read",
             text_of(a.partition) + ": " + std::to_string(a.lost));
    }
    lane_of(a.partition).give({a});
    attach(a.partition);
  }
  if (!partitions.empty()) notice(/*warning=*/false, "partitions assigned", text_of(partitions));
  const KafkaHandle<rd_kafka_error_t> error(rd_kafka_incremental_assign(client_, with_offsets.get()));
  if (error) return set_problem("partitions can't be taken: " + std::string(rd_kafka_error_string(error.get())));
  // So that others know when the group began, and that these are ours.
  commit(fresh, /*wait=*/false);
}

/// Where the partitions begin; tries until the brokers answer.
std::optional<std::vector<KafkaAssignment>> KafkaConsumer::plan(const Partitions& partitions) {
  if (partitions.empty()) return std::vector<KafkaAssignment>();
  for (;;) {
    auto planned = planner_->plan(partitions, parts_.stored);
    if (planned) return std::move(*planned);
    notice(/*warning=*/true, "where to begin could not be found out yet", planned.error().message);
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, kRetryWait, [this] { return closing_; })) return std::nullopt;
    lock.unlock();
    if (rd_kafka_assignment_lost(client_) != 0) return std::nullopt;
  }
}

void KafkaConsumer::revoke(const rd_kafka_topic_partition_list_t& list) {
  const Partitions partitions = partitions_of(list);
  const bool lost = rd_kafka_assignment_lost(client_) != 0;
  bool closing = false;
  {
    const std::lock_guard lock(mutex_);
    closing = closing_;
    commit_after_ms_ = clock_.monotonic_ms() + kCommitPauseMs;
    joins_again_ = true;
  }
  if (!closing && !partitions.empty()) {
    notice(lost, lost ? "partitions lost" : "partitions revoked", text_of(partitions));
    wait_until_released(partitions);
  }
  if (!lost) commit_before_letting_go(partitions);
  {
    const std::lock_guard lock(mutex_);
    for (const KafkaPartition& partition : partitions) {
      durable_.erase(partition);
      // Where it goes on once it is ours again is decided anew.
      std::erase_if(rescues_, [&](const KafkaRescue& rescue) { return rescue.partition == partition; });
    }
  }
  for (const KafkaPartition& partition : partitions) attach_until_.erase(partition);
  const KafkaHandle<rd_kafka_error_t> error(rd_kafka_incremental_unassign(client_, &list));
  if (error) notice(/*warning=*/true, "partitions could not be let go", rd_kafka_error_string(error.get()));
}

/// A broker may refuse for a moment while it hands out shares.
void KafkaConsumer::commit_before_letting_go(const Partitions& partitions) {
  for (int tries = 0; !commit(partitions, /*wait=*/true); ++tries) {
    if (refused_ != RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS || tries == kCommitTries) return tell_refused();
    std::this_thread::sleep_for(std::chrono::milliseconds(kPollMs));
  }
}

/// The workers stop counting these, and a checkpoint makes durable what they counted.
void KafkaConsumer::wait_until_released(const Partitions& partitions) {
  std::unique_lock lock(mutex_);
  awaited_.insert(partitions.begin(), partitions.end());
  lock.unlock();
  for (const KafkaPartition& partition : partitions) lane_of(partition).release({partition});
  const auto deadline = std::chrono::steady_clock::now() + kReleaseWait;
  lock.lock();
  while (!awaited_.empty() && !closing_ && std::chrono::steady_clock::now() < deadline) {
    lock.unlock();
    parts_.request_checkpoint();
    lock.lock();
    changed_.wait_for(lock, std::chrono::milliseconds(kPollMs), [this] { return awaited_.empty() || closing_; });
  }
  if (!awaited_.empty() && !closing_) {
    lock.unlock();
    notice(/*warning=*/true,
           "partitions are let go although the ledger could not be written; their next owner counts some again",
           text_of(partitions));
    lock.lock();
  }
  awaited_.clear();
}

}  // namespace dsnwatch::ingest
