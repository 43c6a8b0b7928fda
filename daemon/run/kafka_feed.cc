#include "daemon/run/kafka_feed.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "ingest/format/named_formats.h"

namespace dsnwatch::daemon {
namespace {

constexpr std::size_t kLeastCorrelation = 64u << 10;

void add(exporters::SourceHealth& sum, const ingest::FormatCounts& counts, const CountingSink& sink) {
  sum.lines_total += counts.lines;
  for (std::size_t i = 0; i < counts.unparsed.size(); ++i) sum.unparsed_total[i].second += counts.unparsed[i];
  sum.last_event_us = std::max(sum.last_event_us, sink.last_event_us());
  sum.last_late_us = std::max(sum.last_late_us, sink.last_late_us());
}

}  // namespace

KafkaFeed::Partition::Partition(std::unique_ptr<ingest::Format> format, std::size_t memory, WorkerParts parts)
    : sink(parts.tally, parts.unclassified, parts.clock),
      correlator({memory, /*keep_message_ids=*/false}),
      pipeline(std::move(format), correlator, parts.classifier, sink) {}

KafkaFeed::KafkaFeed(KafkaSource& source, std::size_t lane, std::size_t memory, WorkerParts parts)
    : source_(source), number_(lane), memory_(memory), parts_(parts) {
  for (int i = 0; i < ingest::kUnparsedCount; ++i) {
    gone_.unparsed_total.emplace_back(ingest::name(static_cast<ingest::Unparsed>(i)), 0);
  }
}

core::Result<void> KafkaFeed::open(const StoredPositions&) {
  lane_ = &source_.consumer().lane(number_);
  return {};
}

/// A partition was given to this worker.
ingest::MessageSink& KafkaFeed::open(const ingest::KafkaPartition& id, bool own) {
  // Half of the memory for those that are here now, since more may come later.
  const std::size_t here = source_.consumer().lane_count() * (partitions_.size() + 1);
  ingest::FormatSettings settings;
  settings.time.timezone = source_.config().timezone;
  settings.time.reference_us = parts_.clock.unix_us();
  settings.default_host = source_.config().host;
  settings.keys = source_.config().json;
  auto format = ingest::NamedFormats::make(source_.config().format, std::move(settings));
  if (!format) throw std::runtime_error(format.error().message);  // It was good when the configuration was read.
  auto added = std::make_unique<Partition>(std::move(*format), std::max(memory_ / 2 / here, kLeastCorrelation), parts_);
  KafkaSource::Correlation stored = source_.take_correlation(id);
  if (own) {
    for (const auto& [key, value] : stored) added->correlator.restore(key, value, *parts_.knowledge.providers);
    added->pipeline.restore(source_.format_state(id));
  } else {
    for (auto& [key, value] : stored) added->stale.push_back(std::move(key));
  }
  added->sink.look_at_clock();
  std::unique_ptr<Partition>& place = partitions_[id];
  if (place) add(gone_, place->pipeline.counts(), place->sink);
  place = std::move(added);
  return *place;
}

bool KafkaFeed::read(std::size_t budget) {
  if (draining_ || parts_.tally.full()) {
    lane_->obey(*this);
    return false;
  }
  for (auto& [id, partition] : partitions_) partition->sink.look_at_clock();
  return lane_->poll(*this, budget);
}

void KafkaFeed::hand_over(HandOver& into, const AddRecord& add) {
  let_go(into, add);
  std::vector<ingest::KafkaPartitionStatus> status = lane_->status();
  double lag_seconds = 0;
  into.correlation_evictions += evictions_gone_;
  for (const ingest::KafkaPartitionStatus& seen : status) {
    Partition& partition = *partitions_.at(seen.partition);
    add_position(seen.partition, seen.position, partition, add);
    add_correlation(seen.partition, partition, into);
    into.correlation_evictions += partition.correlator.evicted_total();
    lag_seconds = std::max(lag_seconds, seen.lag_seconds);
  }
  into.sources.push_back(report());
  into.sources.back().health.backlog_seconds = lag_seconds;
  source_.publish(number_, std::move(status), lane_->counts());
  if (const auto sample = lane_->take_poison_sample()) {
    parts_.log.warn("a message is no text and was skipped", {{"source", source_.key()}, {"message", *sample}});
  }
  if (const auto sample = lane_->take_format_sample()) source_.tell_unknown_format(*sample);
}

void KafkaFeed::add_position(const ingest::KafkaPartition& id, const ingest::KafkaPosition& position,
                             const Partition& partition, const AddRecord& add) const {
  add(source_record_key(source_.group_of(id)), join_state(encode(position), partition.pipeline.format().save()));
}

void KafkaFeed::add_correlation(const ingest::KafkaPartition& id, Partition& partition, HandOver& into) const {
  const std::string group = source_.group_of(id);
  for (const std::string& key : std::exchange(partition.stale, {})) {
    into.correlation.push_back({correlation_record_key(group, key), {}, true});
  }
  for (ingest::Correlator::Change& change : partition.correlator.take_changes(*parts_.knowledge.providers)) {
    into.correlation.push_back({correlation_record_key(group, change.key), std::move(change.value), change.erase});
  }
}

/// What was counted of released partitions is handed over once more; what was learnt of them is forgotten, since their
/// next owner goes on from here.
void KafkaFeed::let_go(HandOver& into, const AddRecord& add_record) {
  for (const auto& [id, position] : lane_->take_released()) {
    into.released.push_back(source_.group_of(id));
    const auto found = partitions_.find(id);
    if (found == partitions_.end() || position.next < 0) continue;
    Partition& partition = *found->second;
    add_position(id, position, partition, add_record);
    partition.correlator.forget_all();
    add_correlation(id, partition, into);
    evictions_gone_ += partition.correlator.evicted_total();
    add(gone_, partition.pipeline.counts(), partition.sink);
    partitions_.erase(found);
  }
}

SourceReport KafkaFeed::report() {
  const ingest::KafkaStatus status = source_.consumer().status();
  SourceReport report{source_.key(), gone_, status.problem};
  if (!status.open && report.problem.empty()) report.problem = source_.key() + ": the group has not been joined yet";
  report.health.up = status.open;
  report.health.bytes_total = lane_->bytes_total();
  for (const auto& [id, partition] : partitions_) add(report.health, partition->pipeline.counts(), partition->sink);
  return report;
}

}  // namespace dsnwatch::daemon
