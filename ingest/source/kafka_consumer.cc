#include "ingest/source/kafka_consumer.h"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

namespace dsnwatch::ingest {
namespace {

constexpr int kPollMs = 100;
constexpr int kLastCommitTries = 50;
constexpr core::MonotonicMs kLookIntervalMs = 2000;
constexpr core::MonotonicMs kAttachMs = 10'000;

}  // namespace

core::Result<std::unique_ptr<KafkaConsumer>> KafkaConsumer::make(KafkaSettings settings, std::size_t lanes,
                                                                 const core::Clock& clock) {
  auto conf = make_kafka_conf(settings);
  if (!conf) return tl::unexpected(std::move(conf).error());
  std::unique_ptr<KafkaConsumer> consumer(new KafkaConsumer(std::move(settings), clock));
  rd_kafka_conf_set_opaque(conf->get(), consumer.get());
  rd_kafka_conf_set_rebalance_cb(conf->get(), on_rebalance);
  rd_kafka_conf_set_error_cb(conf->get(), on_error);
  rd_kafka_conf_set_offset_commit_cb(conf->get(), on_committed);
  rd_kafka_conf_set_log_cb(conf->get(), on_log);
  auto client = new_kafka_client(consumer->settings_, std::move(*conf));
  if (!client) return tl::unexpected(std::move(client).error());
  consumer->client_ = client->release();
  rd_kafka_poll_set_consumer(consumer->client_);
  for (std::size_t i = 0; i < lanes; ++i) {
    const KafkaSettings& ours = consumer->settings_;
    consumer->lanes_.push_back(std::make_unique<KafkaLane>(
        consumer->client_, clock, KafkaFields{KafkaField(ours.host_from), KafkaField(ours.format_from)},
        [self = consumer.get()](const KafkaRescue& wanted) {
          const std::lock_guard lock(self->mutex_);
          self->rescues_.push_back(wanted);
        }));
  }
  consumer->planner_ = std::make_unique<KafkaPlanner>(consumer->client_, consumer->settings_, clock);
  return consumer;
}

KafkaConsumer::KafkaConsumer(KafkaSettings settings, const core::Clock& clock)
    : settings_(std::move(settings)), clock_(clock) {}

KafkaConsumer::~KafkaConsumer() {
  close();
  lanes_.clear();  // Their queues end before the client.
  if (client_ != nullptr) rd_kafka_destroy(client_);
}

void KafkaConsumer::start(KafkaConsumerParts parts) {
  parts_ = std::move(parts);
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void KafkaConsumer::close() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  thread_.request_stop();
  thread_.join();
}

void KafkaConsumer::run(const std::stop_token& stop) {
  ::pthread_setname_np(::pthread_self(), "dsn/kafka");
  subscribe();
  while (!stop.stop_requested()) {
    const KafkaHandle<rd_kafka_message_t> message(rd_kafka_consumer_poll(client_, kPollMs));
    if (message) on_message(*message);
    attach_again();
    take_rescues(stop);
    look_whether_back();
  }
  commit_last();
  rd_kafka_consumer_close(client_);
}

/// While the group is being divided anew a commit is refused; what is taken from us meanwhile is committed there.
void KafkaConsumer::commit_last() {
  for (int tries = 0; tries < kLastCommitTries; ++tries) {
    Partitions ours;
    {
      const std::lock_guard lock(mutex_);
      if (!status_.problem.empty()) return;  // Without a broker a commit would only wait.
      for (const auto& [partition, position] : durable_) ours.push_back(partition);
    }
    if (commit(ours, /*wait=*/true)) return;
    const KafkaHandle<rd_kafka_message_t> message(rd_kafka_consumer_poll(client_, kPollMs));
  }
  tell_refused();
}

void KafkaConsumer::tell_refused() const {
  notice(/*warning=*/true, "the last offsets could not be committed; their next owner may count some again",
         rd_kafka_err2str(refused_));
}

void KafkaConsumer::subscribe() {
  const KafkaList topics = new_kafka_list();
  for (const std::string& topic : settings_.topics) {
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  }
  const auto error = rd_kafka_subscribe(client_, topics.get());
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    set_problem("the topics can't be subscribed to: " + std::string(rd_kafka_err2str(error)));
}

/// Only errors come here; messages go to the lanes.
void KafkaConsumer::on_message(const rd_kafka_message_t& message) {
  if (message.err == RD_KAFKA_RESP_ERR_NO_ERROR || message.err == RD_KAFKA_RESP_ERR__PARTITION_EOF) return;
  count_error(message.err);
  const std::string reason = rd_kafka_message_errstr(&message);
  notice(/*warning=*/true, "kafka error", reason);
  switch (message.err) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
      set_problem(reason);
      break;
    default:
      break;
  }
}

void KafkaConsumer::on_error(rd_kafka_t* client, int error, const char* reason, void* opaque) {
  KafkaConsumer& self = *static_cast<KafkaConsumer*>(opaque);
  const auto code = static_cast<rd_kafka_resp_err_t>(error);
  self.count_error(code);
  if (code == RD_KAFKA_RESP_ERR__FATAL) {
    std::array<char, 512> text{};
    const auto fatal = rd_kafka_fatal_error(client, text.data(), text.size());
    self.count_error(fatal);
    self.fatal_ = true;
    std::string problem = text.data();
    if (fatal == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID) {
      problem += ": another process of the group has the same group.instance.id; give each its own, then restart";
    }
    return self.set_problem(std::move(problem));
  }
  const bool telling = code == RD_KAFKA_RESP_ERR__AUTHENTICATION || code == RD_KAFKA_RESP_ERR__SSL;
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) self.last_reason_ = reason;
  if (code != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !telling) return;
  const std::string trouble = telling ? known_trouble(self.settings_) : std::string();
  self.set_problem("no broker of " + self.settings_.brokers + " can be used: " + self.last_reason_ +
                   (trouble.empty() ? "" : " (" + trouble + ")"));
}

void KafkaConsumer::on_log(const rd_kafka_t* client, int level, const char* facility, const char* text) {
  // What breaks a connection comes through on_error(); debug levels only where the `debug` property asks for them.
  constexpr int kWarning = 4, kInfo = 6;
  if (level == kInfo || std::strcmp(facility, "FAIL") == 0 || std::strcmp(facility, "ERROR") == 0) return;
  const auto* self = static_cast<const KafkaConsumer*>(rd_kafka_opaque(client));
  if (self != nullptr) self->notice(level <= kWarning, "librdkafka", std::string(facility) + ": " + text);
}

void KafkaConsumer::on_committed(rd_kafka_t*, rd_kafka_resp_err_t error, rd_kafka_topic_partition_list_t* list,
                                 void* opaque) {
  KafkaConsumer& self = *static_cast<KafkaConsumer*>(opaque);
  if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__NO_OFFSET) return;
  self.count_error(error);
  if (list != nullptr) {
    const std::lock_guard lock(self.mutex_);
    for (const KafkaPartition& partition : partitions_of(*list)) self.uncommitted_.insert(partition);
  }
  self.notice(/*warning=*/true, "offsets could not be committed; the next checkpoint tries again",
              rd_kafka_err2str(error));
}

/// A connection that came back says nothing by itself.
void KafkaConsumer::look_whether_back() {
  const core::MonotonicMs now = clock_.monotonic_ms();
  {
    const std::lock_guard lock(mutex_);
    if (status_.problem.empty() || fatal_ || now < next_look_ms_) return;
  }
  next_look_ms_ = now + kLookIntervalMs;
  const rd_kafka_metadata_t* metadata = nullptr;
  if (rd_kafka_metadata(client_, 0, nullptr, &metadata, 1000) != RD_KAFKA_RESP_ERR_NO_ERROR) return;
  bool topics_there = true;
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    topics_there = topics_there && metadata->topics[i].err == RD_KAFKA_RESP_ERR_NO_ERROR;
  }
  rd_kafka_metadata_destroy(metadata);
  if (topics_there) set_problem({});
}

void KafkaConsumer::durable(const std::vector<std::pair<KafkaPartition, KafkaPosition>>& positions,
                            const std::vector<KafkaPartition>& released) {
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [partition, position] : positions) {
      const auto ours = durable_.find(partition);
      if (ours == durable_.end() || ours->second == position) continue;
      ours->second = position;
      uncommitted_.insert(partition);
    }
    for (const KafkaPartition& partition : released) awaited_.erase(partition);
  }
  changed_.notify_all();
  commit_moved();
}

void KafkaConsumer::commit_moved() {
  Partitions moved;
  {
    const std::lock_guard lock(mutex_);
    if (clock_.monotonic_ms() < commit_after_ms_) return;
    for (const KafkaPartition& partition : uncommitted_) {
      if (durable_.contains(partition)) moved.push_back(partition);
    }
    uncommitted_.clear();
  }
  commit(moved, /*wait=*/false);
}

bool KafkaConsumer::commit(const Partitions& partitions, bool wait) {
  if (partitions.empty()) return true;
  const KafkaList list = list_of(partitions);
  {
    const std::lock_guard lock(mutex_);
    fill(*list, partitions);
  }
  const auto error = rd_kafka_commit(client_, list.get(), wait ? 0 : 1);
  if (!wait || error == RD_KAFKA_RESP_ERR_NO_ERROR) return true;
  count_error(error);
  refused_ = error;
  return false;
}

/// The durable offsets with our note. mutex_ is held.
void KafkaConsumer::fill(rd_kafka_topic_partition_list_t& list, const Partitions& partitions) {
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const auto found = durable_.find(partitions[i]);
    if (found == durable_.end()) continue;
    rd_kafka_topic_partition_t& element = list.elems[i];
    const std::string note =
        encode(CommitNote{settings_.owner, planner_->born_ms(partitions[i].topic), found->second.last_timestamp_ms});
    element.offset = found->second.next;
    element.metadata = ::strndup(note.data(), note.size());  // Freed with the list.
    element.metadata_size = note.size();
  }
}

KafkaLane& KafkaConsumer::lane_of(const KafkaPartition& partition) {
  const auto topic = static_cast<std::size_t>(message_hash(partition.topic));
  return *lanes_[(topic + static_cast<std::size_t>(partition.number)) % lanes_.size()];
}

void KafkaConsumer::attach(const KafkaPartition& partition) {
  lane_of(partition).attach(partition);
  attach_until_[partition] = clock_.monotonic_ms() + kAttachMs;
}

/// When a partition ends, librdkafka takes its forwarding away, at a moment of its own that may come after the
/// partition was assigned anew. What then waits in the partition's queue goes to the lane with the next forwarding.
void KafkaConsumer::attach_again() {
  const core::MonotonicMs now = clock_.monotonic_ms();
  for (auto at = attach_until_.begin(); at != attach_until_.end();) {
    lane_of(at->first).attach(at->first);
    at = now > at->second ? attach_until_.erase(at) : std::next(at);
  }
}

void KafkaConsumer::notice(bool warning, std::string_view event, std::string detail) const {
  if (parts_.notice) parts_.notice({warning, event, std::move(detail)});
}

void KafkaConsumer::count_error(rd_kafka_resp_err_t error) {
  const std::lock_guard lock(mutex_);
  ++status_.errors_total[rd_kafka_err2name(error)];
}

void KafkaConsumer::set_problem(std::string problem) {
  std::unique_lock lock(mutex_);
  const bool was_good = status_.problem.empty();
  if (status_.problem == problem || (problem.empty() && was_good)) return;
  status_.problem = problem;
  lock.unlock();
  next_look_ms_ = clock_.monotonic_ms() + kLookIntervalMs;
  if (problem.empty()) {
    notice(/*warning=*/false, "kafka can be read again", settings_.name);
  } else if (was_good) {
    notice(/*warning=*/true, "kafka can't be read; it is tried again until it can", problem);
  }
}

KafkaStatus KafkaConsumer::status() const {
  const std::lock_guard lock(mutex_);
  KafkaStatus status = status_;
  status.open = status.open && status.problem.empty();
  return status;
}

}  // namespace dsnwatch::ingest
