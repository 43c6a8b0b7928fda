#pragma once

#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "ingest/source/kafka_consumer.h"
#include "tests/ingest/kafka_cluster.h"

namespace dsnwatch::ingest {

using KafkaProperties = std::vector<std::pair<std::string, std::string>>;

/// What came of one partition.
struct Received final : MessageSink {
  void on_messages(std::span<const Message> messages) override {
    for (const Message& message : messages) {
      counted.emplace_back(message.bytes);
      hosts.emplace(message.host);
      formats.emplace_back(message.format);
    }
  }
  void on_look_back(std::span<const Message> messages) override {
    for (const Message& message : messages) learnt.emplace_back(message.bytes);
  }
  void on_long_message(std::uint64_t) override { ++too_long; }
  std::set<std::string> hosts;
  std::vector<std::string> counted, learnt, formats;
  int too_long = 0;
};

/// Time that passes faster by a factor, so that what takes its time can be tested.
class FastClock final : public core::Clock {
 public:
  explicit FastClock(int factor) : factor_(factor), began_ms_(clock_.monotonic_ms()) {}
  core::MonotonicMs monotonic_ms() const override { return began_ms_ + (clock_.monotonic_ms() - began_ms_) * factor_; }
  std::int64_t unix_us() const override { return clock_.unix_us(); }

 private:
  core::SystemClock clock_;
  int factor_;
  core::MonotonicMs began_ms_;
};

/// A member with two workers that are this thread, and a ledger that is a map.
class Member final : private KafkaSinks {
 public:
  // By name: where topics are subscribed to by a pattern, librdkafka joins again whenever it has looked them up anew,
  // and each time the mock's coordinator waits five seconds for others.
  Member(const std::string& brokers, std::map<KafkaPartition, KafkaPosition> ledger, std::string owner = "me",
         FileSettings::Start start = FileSettings::Start::kBeginning, std::string topic = "mail",
         const KafkaProperties& more = {}, int time_factor = 1)
      : clock_(time_factor), ledger_(std::move(ledger)) {
    KafkaSettings settings;
    settings.name = "kafka:test";
    settings.brokers = brokers;
    settings.group = "test";
    settings.topics = {std::move(topic)};
    settings.start = start;
    settings.host_from = "key";
    settings.format_from = "header:format";
    settings.owner = std::move(owner);
    settings.properties = {{"session.timeout.ms", "6000"},
                           {"heartbeat.interval.ms", "200"},
                           {"topic.metadata.refresh.interval.ms", "500"}};
    settings.properties.insert(settings.properties.end(), more.begin(), more.end());
    auto made = KafkaConsumer::make(settings, 2, clock_);
    if (!made) throw std::runtime_error(made.error().message);
    consumer_ = std::move(*made);
    KafkaConsumerParts parts;
    parts.stored = [this](const KafkaPartition& partition) -> std::optional<Position> {
      const std::lock_guard lock(mutex_);
      const auto found = ledger_.find(partition);
      if (found == ledger_.end()) return std::nullopt;
      return encode(found->second);
    };
    parts.request_checkpoint = [] {};
    parts.notice = [this](const KafkaNotice& notice) {
      const std::lock_guard lock(mutex_);
      notices_ += std::string(notice.event) + ": " + notice.detail + "\n";
    };
    consumer_->start(std::move(parts));
  }
  ~Member() { consumer_->close(); }

  /// One round of both workers, then a checkpoint if there is to be one.
  void work(bool checkpoint = true) {
    for (std::size_t i = 0; i < consumer_->lane_count(); ++i) consumer_->lane(i).poll(*this, 1u << 20);
    if (checkpoint) this->checkpoint();
  }

  void checkpoint() {
    std::vector<std::pair<KafkaPartition, KafkaPosition>> positions;
    std::vector<KafkaPartition> released;
    for (std::size_t i = 0; i < consumer_->lane_count(); ++i) {
      for (const auto& [id, position] : consumer_->lane(i).take_released()) {
        released.push_back(id);
        if (position.next >= 0) positions.emplace_back(id, position);
      }
      for (const auto& status : consumer_->lane(i).status()) positions.emplace_back(status.partition, status.position);
    }
    {
      const std::lock_guard lock(mutex_);
      for (const auto& [id, position] : positions) ledger_[id] = position;
    }
    consumer_->durable(positions, released);
  }

  std::size_t partitions() const { return consumer_->lane(0).status().size() + consumer_->lane(1).status().size(); }
  std::size_t counted() const {
    std::size_t sum = 0;
    for (const auto& [id, received] : received_) sum += received->counted.size();
    return sum;
  }
  Received& received(const std::string& topic, int partition) {
    auto& place = received_[{topic, partition}];
    if (!place) place = std::make_unique<Received>();
    return *place;
  }
  const std::map<KafkaPartition, std::unique_ptr<Received>>& all() const { return received_; }
  std::map<KafkaPartition, KafkaPosition> ledger() const {
    const std::lock_guard lock(mutex_);
    return ledger_;
  }
  std::string notices() const {
    const std::lock_guard lock(mutex_);
    return notices_;
  }
  KafkaTopicCounts counts(const std::string& topic) const {
    KafkaTopicCounts sum;
    for (std::size_t i = 0; i < 2; ++i) {
      const auto found = consumer_->lane(i).counts().find(topic);
      if (found == consumer_->lane(i).counts().end()) continue;
      sum.lost += found->second.lost;
      sum.poison += found->second.poison;
      sum.tombstones += found->second.tombstones;
      sum.unknown_format += found->second.unknown_format;
    }
    return sum;
  }
  std::optional<std::string> take_format_sample() {
    auto sample = consumer_->lane(0).take_format_sample();
    return sample ? sample : consumer_->lane(1).take_format_sample();
  }
  KafkaConsumer& consumer() { return *consumer_; }
  bool owns(const std::string& topic, int partition) const { return own_.contains({topic, partition}); }

 private:
  MessageSink& open(const KafkaPartition& partition, bool own) override {
    if (own) own_.insert(partition);
    return received(partition.topic, partition.number);
  }

  FastClock clock_;
  std::map<KafkaPartition, std::unique_ptr<Received>> received_;
  std::set<KafkaPartition> own_;
  mutable std::mutex mutex_;
  std::map<KafkaPartition, KafkaPosition> ledger_;
  std::string notices_;
  std::unique_ptr<KafkaConsumer> consumer_;
};

/// Lets the members work until the condition holds.
inline void work_until(std::vector<Member*> members, const std::function<bool()>& condition, int seconds = 60) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  while (!condition() && std::chrono::steady_clock::now() < deadline) {
    std::vector<pollfd> waits;
    for (Member* member : members) {
      member->work();
      for (std::size_t i = 0; i < 2; ++i) waits.push_back({member->consumer().lane(i).wake_fd(), POLLIN, 0});
    }
    ::poll(waits.data(), waits.size(), 20);
  }
  std::string said;
  for (Member* member : members) said += member->notices();
  ASSERT_TRUE(condition()) << said;
}

class KafkaConsumerTest : public testing::Test {
 protected:
  void fill(int partitions, int each, const std::string& stem) {
    for (int p = 0; p < partitions; ++p) {
      for (int i = 0; i < each; ++i) {
        cluster.produce("mail", p, stem + " " + std::to_string(p) + " " + std::to_string(i));
      }
    }
    cluster.flush();
  }

  KafkaCluster cluster;
};

}  // namespace dsnwatch::ingest
