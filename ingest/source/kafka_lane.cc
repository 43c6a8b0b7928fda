#include "ingest/source/kafka_lane.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "ingest/format/format.h"
#include "ingest/source/kafka_bad_batch.h"
#include "ingest/source/line_blocks.h"

namespace dsnwatch::ingest {
namespace {

constexpr std::size_t kBatch = 512;
/// Of librdkafka: before, a batch loses what was put into it when the group is divided at that moment, and reading goes
/// on behind it (release notes of 2.0.0, "Poor Consumer batch API messaging guarantees"; mended in 2.1.0).
constexpr int kFirstVersionWithBatches = 0x020100;
constexpr std::size_t kSampleBytes = 16;
// Of look_for_still_ones().
constexpr core::MonotonicMs kLookMs = 1000, kHeldUpMs = 5000, kStillMs = 30'000;

// librdkafka stops fetching at its limits (kafka_client.cc). As soon as a fourth of them has been read it is told to
// look again, so that an answer is on its way while the rest is read.
constexpr std::uint64_t kNudgeMessages = 12'500;
constexpr std::uint64_t kNudgeBytes = 2u << 20;
constexpr std::uint64_t kRoomAgain = 37'500;  // Messages in the queue.

std::string_view payload_of(const rd_kafka_message_t& message) {
  return {static_cast<const char*>(message.payload), message.len};
}

std::int64_t timestamp_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  return std::max<std::int64_t>(rd_kafka_message_timestamp(&message, &type), 0);
}

/// The first bytes, printable: enough to see what it is, too little to hold an address.
std::string sample(std::string_view payload) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : payload.substr(0, kSampleBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text.append("\\x").append(1, kDigits[byte >> 4]).append(1, kDigits[byte & 15]);
    }
  }
  return text;
}

}  // namespace

KafkaLane::KafkaLane(rd_kafka_t* client, const core::Clock& clock, KafkaFields fields, Rescuer rescuer)
    : client_(client),
      clock_(clock),
      fields_(std::move(fields)),
      rescuer_(std::move(rescuer)),
      whole_batches_((rd_kafka_version() >> 8) >= kFirstVersionWithBatches),
      queue_(rd_kafka_queue_new(client)),
      wake_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  const std::uint64_t one = 1;
  rd_kafka_queue_io_event_enable(queue_.get(), wake_.get(), &one, sizeof one);
}

KafkaLane::~KafkaLane() {
  rd_kafka_queue_io_event_enable(queue_.get(), -1, nullptr, 0);
}

void KafkaLane::wake() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof one);
}

void KafkaLane::give(std::vector<KafkaAssignment> assignments) {
  {
    const std::lock_guard lock(mutex_);
    for (KafkaAssignment& a : assignments) orders_.push_back({Order::Kind::kGive, std::move(a)});
    ordered_ = true;
  }
  wake();
}

void KafkaLane::release(const std::vector<KafkaPartition>& partitions) {
  {
    const std::lock_guard lock(mutex_);
    for (const KafkaPartition& id : partitions) orders_.push_back({Order::Kind::kRelease, {id, {}, 0, false, 0}});
    ordered_ = true;
  }
  wake();
}

void KafkaLane::move(const KafkaAssignment& to) {
  {
    const std::lock_guard lock(mutex_);
    orders_.push_back({Order::Kind::kMove, to});
    ordered_ = true;
  }
  wake();
}

void KafkaLane::attach(const KafkaPartition& partition) {
  const KafkaQueue queue(rd_kafka_queue_get_partition(client_, partition.topic.c_str(), partition.number));
  if (queue) rd_kafka_queue_forward(queue.get(), queue_.get());
}

void KafkaLane::obey(KafkaSinks& sinks) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(wake_.get(), &count, sizeof count);
  if (!ordered_) return;
  std::vector<Order> orders;
  {
    const std::lock_guard lock(mutex_);
    orders.swap(orders_);
    ordered_ = false;
  }
  for (const Order& order : orders) carry_out(order, sinks);
  found_ = nullptr;
  found_topic_ = nullptr;
}

void KafkaLane::carry_out(const Order& order, KafkaSinks& sinks) {
  const KafkaAssignment& given = order.assignment;
  const auto known = partitions_.find(given.partition);
  if (order.kind == Order::Kind::kRelease) {
    if (known == partitions_.end()) {
      released_.emplace_back(given.partition, KafkaPosition{.next = -1});
      return;
    }
    known->second.position.let_go = true;
    released_.emplace_back(given.partition, known->second.position);
    partitions_.erase(known);
    return;
  }
  if (order.kind == Order::Kind::kMove && known == partitions_.end()) return;
  // Given again before anybody took notice that it was released.
  std::erase_if(released_, [&](const auto& gone) { return gone.first == given.partition; });
  Partition& partition = partitions_[given.partition];
  partition.id = given.partition;
  partition.position = given.position;
  partition.expected = given.read_from;
  partition.waits_for_rescue = false;
  partition.to_compare.reset();
  if (given.position.last >= given.read_from && given.position.last_hash != 0) partition.to_compare = given.position;
  if (partition.sink == nullptr) partition.sink = &sinks.open(given.partition, given.own);
  partition.counts = &counts_[given.partition.topic];
  partition.counts->lost += given.lost;
  partition.counts->poison += given.poison;
}

/// How many there were, at once; librdkafka's notices among them.
std::size_t KafkaLane::receive(std::span<rd_kafka_message_t*> messages) {
  if (whole_batches_) {
    const ssize_t count = rd_kafka_consume_batch_queue(queue_.get(), 0, messages.data(), messages.size());
    return count <= 0 ? 0 : static_cast<std::size_t>(count);
  }
  std::size_t count = 0;
  while (count < messages.size() && rd_kafka_consume_batch_queue(queue_.get(), 0, &messages[count], 1) == 1) ++count;
  return count;
}

bool KafkaLane::poll(KafkaSinks& sinks, std::size_t budget) {
  obey(sinks);
  std::array<rd_kafka_message_t*, kBatch> batch;
  bool any = false;
  for (std::size_t handed_on = 0; handed_on < budget;) {
    keep_fetching();
    const std::span<rd_kafka_message_t* const> received(batch.data(), receive(batch));
    if (received.empty()) break;
    any = true;
    handed_on += read_batch(sinks, received);
    for (rd_kafka_message_t* message : received) rd_kafka_message_destroy(message);
    if (received.size() < batch.size()) break;
  }
  look_for_still_ones();
  return any;
}

/// Returns the bytes of the messages.
std::size_t KafkaLane::read_batch(KafkaSinks& sinks, std::span<rd_kafka_message_t* const> batch) {
  std::size_t bytes = 0;
  for (const rd_kafka_message_t* message : batch) {
    Partition* partition = find(*message);
    if (partition == nullptr && ordered_) {
      end_run();
      obey(sinks);  // It was given to us just now.
      partition = find(*message);
    }
    if (partition == nullptr) continue;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      end_run();
      on_event(*partition, *message);
    } else if (message->offset >= partition->expected && !partition->waits_for_rescue) {
      take(*partition, *message);
      bytes += message->len + 1;
    }
  }
  end_run();
  messages_since_nudge_ += batch.size();
  bytes_total_ += bytes;
  return bytes;
}

/// Adds a message to the run, or begins a new one.
void KafkaLane::take(Partition& partition, const rd_kafka_message_t& message) {
  const bool counts = message.offset >= partition.position.next;
  if (run_ != &partition || run_counts_ != counts) end_run();
  partition.expected = message.offset + 1;
  if (!counts && !is_as_counted(partition, message)) return;
  run_ = &partition;
  run_counts_ = counts;
  run_last_ = &message;
  if (counts) partition.position.next = message.offset + 1;
  if (!is_text(partition, message)) return;
  const std::int64_t stamp_ms = timestamp_of(message);
  run_messages_.push_back({payload_of(message), fields_.host.of(message),
                           stamp_ms > 0 ? stamp_ms * 1000 : core::kNoTime, format_of(partition, message)});
}

/// Hands the run on and remembers its last message, while that is still there.
void KafkaLane::end_run() {
  if (run_ == nullptr) return;
  Partition& partition = *std::exchange(run_, nullptr);
  if (!run_messages_.empty()) {
    if (run_counts_) {
      partition.sink->on_messages(run_messages_);
    } else {
      partition.sink->on_look_back(run_messages_);
    }
    run_messages_.clear();
  }
  if (!run_counts_) return;
  partition.position.last = run_last_->offset;
  partition.position.last_timestamp_ms = timestamp_of(*run_last_);
  partition.position.last_hash = run_last_->payload == nullptr ? 0 : message_hash(payload_of(*run_last_));
}

/// False for what is no log line in any envelope; counted where the message is.
bool KafkaLane::is_text(Partition& partition, const rd_kafka_message_t& message) {
  const std::string_view payload = payload_of(message);
  KafkaTopicCounts& counts = *partition.counts;
  if (message.payload == nullptr) {
    if (run_counts_) ++counts.tombstones;
    return false;
  }
  if (payload.size() > kMaxLine) {
    if (run_counts_) partition.sink->on_long_message(payload.size());
    return false;
  }
  if (std::memchr(payload.data(), '\0', payload.size()) == nullptr) return true;
  if (!run_counts_) return false;
  ++counts.poison;
  if (!poison_sample_) {
    poison_sample_ = text_of(partition.id) + " offset " + std::to_string(message.offset) + ", " +
                     std::to_string(payload.size()) + " bytes: " + sample(payload);
  }
  return false;
}

/// False if a message of the look-back shows that this is not the topic that was counted.
bool KafkaLane::is_as_counted(Partition& partition, const rd_kafka_message_t& message) {
  if (!partition.to_compare || message.offset != partition.to_compare->last) return true;
  const KafkaPosition& counted = *partition.to_compare;
  const bool same =
      timestamp_of(message) == counted.last_timestamp_ms && message_hash(payload_of(message)) == counted.last_hash;
  partition.to_compare.reset();
  if (!same) ask_for_rescue(partition, KafkaRescue::Why::kOtherTopic);
  return same;
}

/// Empty where the message names none, or one that there is not: the source's setting holds then.
std::string_view KafkaLane::format_of(Partition& partition, const rd_kafka_message_t& message) {
  const std::string_view name = fields_.format.of(message);
  if (name.empty() || is_format(name)) return name;
  if (!run_counts_) return {};
  ++partition.counts->unknown_format;
  if (!format_sample_) {
    format_sample_ = text_of(partition.id) + " offset " + std::to_string(message.offset) + ": " + sample(name);
  }
  return {};
}

/// A broker thread that found the queue full sleeps for up to a second, however soon there is room again (until 2.2;
/// later `fetch.queue.backoff.ms`). A request that it has to send wakes it; the answer is of no interest.
void KafkaLane::keep_fetching() {
  if (messages_since_nudge_ < kNudgeMessages && bytes_total_ - bytes_at_nudge_ < kNudgeBytes) return;
  if (rd_kafka_queue_length(queue_.get()) > kRoomAgain) return;
  messages_since_nudge_ = 0;
  bytes_at_nudge_ = bytes_total_;
  const KafkaList list = new_kafka_list(static_cast<int>(partitions_.size()));
  for (const auto& [id, partition] : partitions_) {
    rd_kafka_topic_partition_list_add(list.get(), id.topic.c_str(), id.number)->offset = RD_KAFKA_OFFSET_END;
  }
  if (!partitions_.empty()) rd_kafka_offsets_for_times(client_, list.get(), /*timeout_ms=*/1);
}

/// Messages of a partition come in runs, so that the last answer is most often this one.
KafkaLane::Partition* KafkaLane::find(const rd_kafka_message_t& message) {
  if (message.rkt == found_topic_ && message.partition == found_number_) return found_;
  if (message.rkt == nullptr) return nullptr;
  const auto known = partitions_.find(KafkaPartition{rd_kafka_topic_name(message.rkt), message.partition});
  found_topic_ = message.rkt;
  found_number_ = message.partition;
  found_ = known == partitions_.end() ? nullptr : &known->second;
  return found_;
}

void KafkaLane::on_event(Partition& partition, const rd_kafka_message_t& event) {
  switch (event.err) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      // Behind control records as well, which are never handed on.
      if (!partition.waits_for_rescue && event.offset > partition.position.next) partition.position.next = event.offset;
      break;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      ask_for_rescue(partition, KafkaRescue::Why::kNoSuchOffset);
      break;
    default:
      if (is_bad_batch(event.err)) ask_for_rescue(partition, KafkaRescue::Why::kBadBatch, event.err);
      break;
  }
}

void KafkaLane::ask_for_rescue(Partition& partition, KafkaRescue::Why why, rd_kafka_resp_err_t error) {
  if (std::exchange(partition.waits_for_rescue, true)) return;
  rescuer_({partition.id, partition.position, why, partition.expected, error});
}

/// Of some batches that it can't read librdkafka says nothing: those whose records don't end where they should. Nothing
/// comes of them and of what follows, though there is more.
void KafkaLane::look_for_still_ones() {
  const core::MonotonicMs now = clock_.monotonic_ms();
  if (now - looked_ms_ < kLookMs) return;
  const bool held_up = now - std::exchange(looked_ms_, now) > kHeldUpMs;
  for (auto& [id, partition] : partitions_) {
    if (partition.expected != partition.still_at) partition.asked_why = false;
    if (held_up || partition.expected != partition.still_at) {
      partition.still_at = partition.expected;
      partition.still_since_ms = now;
    }
    if (partition.asked_why || partition.waits_for_rescue || now - partition.still_since_ms < kStillMs) continue;
    std::int64_t low = 0, high = -1;
    const auto error = rd_kafka_get_watermark_offsets(client_, id.topic.c_str(), id.number, &low, &high);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR || high <= partition.expected) continue;
    partition.asked_why = true;
    ask_for_rescue(partition, KafkaRescue::Why::kBadBatch);
  }
}

std::vector<KafkaPartitionStatus> KafkaLane::status() const {
  std::vector<KafkaPartitionStatus> all;
  const std::int64_t now_ms = clock_.unix_us() / 1000;
  for (const auto& [id, partition] : partitions_) {
    KafkaPartitionStatus status{id, partition.position, 0, 0, partition.expected < partition.position.next};
    std::int64_t low = 0, high = -1;
    const auto error = rd_kafka_get_watermark_offsets(client_, id.topic.c_str(), id.number, &low, &high);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR && high > partition.position.next) {
      status.lag_messages = static_cast<std::uint64_t>(high - partition.position.next);
      if (partition.position.last_timestamp_ms > 0) {
        const std::int64_t age_ms = std::max<std::int64_t>(now_ms - partition.position.last_timestamp_ms, 0);
        status.lag_seconds = static_cast<double>(age_ms) / 1000;
      }
    }
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace dsnwatch::ingest
