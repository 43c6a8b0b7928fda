#include "daemon/run/kafka_source.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <random>
#include <sstream>
#include <system_error>

namespace dsnwatch::daemon {
namespace {

std::string random_name() {
  std::random_device device;
  std::ostringstream text;
  text << std::hex << (static_cast<std::uint64_t>(device()) << 32 | device());
  return std::move(text).str();
}

std::string host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "dsnwatch";
  return name.data();
}

core::Result<std::string> secret(const KafkaProperty& property) {
  const std::string what = "Kafka property \"" + property.name + "\"";
  if (property.kind == KafkaProperty::Kind::kValue) return property.value;
  if (property.kind == KafkaProperty::Kind::kEnvironment) {
    const char* const value = std::getenv(property.value.c_str());
    if (value == nullptr) return core::fail(what + ": the environment has no " + property.value);
    return std::string(value);
  }
  std::ifstream in(property.value, std::ios::binary);
  std::ostringstream text;
  if (in) text << in.rdbuf();
  if (!in) return core::fail(what + ": can't read " + property.value + ": " + std::generic_category().message(errno));
  std::string value = std::move(text).str();
  while (value.ends_with('\n') || value.ends_with('\r')) value.pop_back();
  return value;
}

}  // namespace

core::Result<MemberIdentity> member_identity(const std::string& state_dir) {
  if (state_dir.empty()) return MemberIdentity{random_name(), {}};
  const std::string path = state_dir + "/kafka-member";
  std::string name;
  std::ifstream(path) >> name;
  if (name.empty()) {
    name = random_name();
    std::ofstream out(path, std::ios::trunc);
    out << name << '\n';
    out.flush();
    if (!out) return core::fail("can't write " + path + ": " + std::generic_category().message(errno));
  }
  return MemberIdentity{name, host_name() + "-" + name};
}

core::Result<ingest::KafkaSettings> kafka_settings(const SourceConfig& config) {
  ingest::KafkaSettings settings;
  settings.name = kafka_source_key(config);
  settings.brokers = config.kafka->brokers;
  settings.group = config.kafka->group;
  settings.topics = config.kafka->topics;
  settings.start = config.start;
  settings.look_back_ms = config.kafka->look_back_ms;
  settings.host_from = config.kafka->host_from;
  settings.format_from = config.kafka->format_from;
  settings.token_file = config.kafka->token_file;
  for (const KafkaProperty& property : config.kafka->properties) {
    auto value = secret(property);
    if (!value) return tl::unexpected(core::Error(value.error()).prefixed(config.where));
    settings.properties.emplace_back(property.name, std::move(*value));
  }
  return settings;
}

std::string kafka_source_key(const SourceConfig& config) {
  return "kafka:" + config.kafka->group;
}

KafkaSource::KafkaSource(SourceConfig config, const core::Clock& clock, Log& log)
    : config_(std::move(config)), key_(kafka_source_key(config_)), clock_(clock), log_(log) {}

std::optional<ingest::KafkaPartition> KafkaSource::partition_of(std::string_view group) const {
  if (!group.starts_with(key_ + "/")) return std::nullopt;
  return ingest::parse_kafka_partition(group.substr(key_.size() + 1));
}

void KafkaSource::keep_position(std::string_view record_key, std::string_view value) {
  const std::string prefix = source_record_key("");
  if (!record_key.starts_with(prefix)) return;
  const auto partition = partition_of(record_key.substr(prefix.size()));
  if (!partition) return;
  if (auto state = split_state(value)) {
    const std::lock_guard lock(mutex_);
    stored_[*partition] = std::move(*state);
  }
}

bool KafkaSource::keep_correlation(std::string_view group, std::string_view key, std::string_view value) {
  const auto partition = partition_of(group);
  if (!partition) return false;
  const std::lock_guard lock(mutex_);
  correlation_[*partition].emplace_back(key, value);
  return true;
}

core::Result<void> KafkaSource::open(const MemberIdentity& identity, std::size_t lanes) {
  auto settings = kafka_settings(config_);
  if (!settings) return tl::unexpected(std::move(settings).error());
  settings->owner = identity.owner;
  settings->instance_id = identity.instance_id;
  if (const std::string trouble = ingest::known_trouble(*settings); !trouble.empty()) {
    log_.warn("kafka authentication will fail", {{"source", key_}, {"problem", trouble}});
  }
  seen_.resize(lanes);
  auto consumer = ingest::KafkaConsumer::make(std::move(*settings), lanes, clock_);
  if (!consumer) return tl::unexpected(core::Error(consumer.error()).prefixed(config_.where));
  consumer_ = std::move(*consumer);
  return {};
}

void KafkaSource::start(std::function<void()> request_checkpoint) {
  ingest::KafkaConsumerParts parts;
  parts.request_checkpoint = std::move(request_checkpoint);
  parts.stored = [this](const ingest::KafkaPartition& partition) -> std::optional<ingest::Position> {
    const std::lock_guard lock(mutex_);
    const auto found = stored_.find(partition);
    if (found == stored_.end()) return std::nullopt;
    return found->second.first;
  };
  parts.notice = [this](const ingest::KafkaNotice& notice) {
    if (notice.warning) {
      log_.warn(notice.event, {{"source", key_}, {"detail", notice.detail}});
    } else {
      log_.info(notice.event, {{"source", key_}, {"detail", notice.detail}});
    }
  };
  consumer_->start(std::move(parts));
}

void KafkaSource::close() {
  if (consumer_) consumer_->close();
}

void KafkaSource::durable(const std::vector<core::StoredRecord>& positions, const std::vector<std::string>& released) {
  std::vector<std::pair<ingest::KafkaPartition, ingest::KafkaPosition>> ours;
  std::vector<ingest::KafkaPartition> let_go;
  const std::string prefix = source_record_key("");
  for (const core::StoredRecord& record : positions) {
    if (!std::string_view(record.key).starts_with(prefix)) continue;
    const auto partition = partition_of(std::string_view(record.key).substr(prefix.size()));
    auto state = split_state(record.value);
    if (!partition || !state) continue;
    if (const auto position = ingest::decode_kafka_position(state->first)) ours.emplace_back(*partition, *position);
    const std::lock_guard lock(mutex_);
    stored_[*partition] = std::move(*state);
  }
  for (const std::string& group : released) {
    if (const auto partition = partition_of(group)) let_go.push_back(*partition);
  }
  if (!ours.empty() || !let_go.empty()) consumer_->durable(ours, let_go);
}

KafkaSource::Correlation KafkaSource::take_correlation(const ingest::KafkaPartition& partition) {
  const std::lock_guard lock(mutex_);
  auto found = correlation_.extract(partition);
  return found.empty() ? Correlation() : std::move(found.mapped());
}

std::string KafkaSource::format_state(const ingest::KafkaPartition& partition) const {
  const std::lock_guard lock(mutex_);
  const auto found = stored_.find(partition);
  return found == stored_.end() ? std::string() : found->second.second;
}

void KafkaSource::tell_unknown_format(const std::string& message) {
  if (format_told_.exchange(true)) return;
  log_.warn("a message names a format that is not known; the source's own is used, and others like it are only counted",
            {{"source", key_}, {"message", message}});
}

void KafkaSource::publish(std::size_t lane, std::vector<ingest::KafkaPartitionStatus> status,
                          std::map<std::string, ingest::KafkaTopicCounts> counts) {
  const std::lock_guard lock(mutex_);
  seen_[lane] = {std::move(status), std::move(counts)};
}

void KafkaSource::report(exporters::HealthMetrics& health) const {
  exporters::KafkaHealth now;
  const ingest::KafkaStatus status = consumer_->status();
  now.rebalances_total = status.rebalances_total;
  now.errors_total = status.errors_total;
  {
    const std::lock_guard lock(mutex_);
    for (const Lane& lane : seen_) {
      for (const ingest::KafkaPartitionStatus& partition : lane.status) {
        now.partitions.push_back(
            {partition.partition.topic, partition.partition.number, partition.lag_messages, partition.lag_seconds});
      }
      for (const auto& [topic, counts] : lane.counts) {
        now.topics[topic].messages_lost_total += counts.lost;
        now.topics[topic].poison_total += counts.poison;
        now.topics[topic].unknown_format_total += counts.unknown_format;
      }
    }
  }
  health.set_kafka(key_, now);
}

}  // namespace dsnwatch::daemon
