#include "exporters/prometheus/health.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>

#include "exporters/prometheus/health_catalogue.h"
#include "exporters/prometheus/process_metrics.h"
#include "exporters/prometheus/text_format.h"

namespace dsnwatch::exporters {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;

constexpr double kMicroseconds = 1e6;

/// The family of a catalogue entry, registered at the first call.
template <class Metric>
Family<Metric>& family(prometheus::Registry& registry, Health metric) {
  const HealthInfo& about = info(metric);
  return prometheus::detail::Builder<Metric>()
      .Name(std::string(about.name))
      .Help(std::string(about.help))
      .Register(registry);
}

/// A counter that follows totals kept elsewhere. Thread: the caller locks.
class FollowedTotal {
 public:
  explicit FollowedTotal(Counter& counter) : counter_(&counter) {}
  void follow(std::uint64_t total) {
    counter_->Increment(static_cast<double>(total >= last_ ? total - last_ : total));
    last_ = total;
  }

 private:
  Counter* counter_;
  std::uint64_t last_ = 0;
};

/// Where a label's use is shown as the value of `label`.
std::string_view name(core::BoundedLabel label) {
  switch (label) {
    case core::BoundedLabel::kDomain:
      return "domain";
    case core::BoundedLabel::kSenderDomain:
      return "sender_domain";
    case core::BoundedLabel::kSourceIp:
      return "source_ip";
    case core::BoundedLabel::kStream:
      return "stream";
    case core::BoundedLabel::kClientIp:
      return "client_ip";
    case core::BoundedLabel::kHost:
      return "host";
  }
  return "";
}

std::size_t catalogue_place(const prometheus::MetricFamily& family) {
  const auto catalogue = health_catalogue();
  const auto found = std::find_if(catalogue.begin(), catalogue.end(),
                                  [&](const HealthInfo& about) { return about.name == family.name; });
  return static_cast<std::size_t>(found - catalogue.begin());
}

}  // namespace

struct HealthMetrics::Impl {
  /// The series of one source.
  struct Source {
    Source(prometheus::Registry& in, std::string_view key) : registry(in), labels{{"source", std::string(key)}} {}

    Counter& counter(Health metric) { return family<Counter>(registry, metric).Add(labels); }
    Gauge& gauge(Health metric) { return family<Gauge>(registry, metric).Add(labels); }

    prometheus::Registry& registry;
    prometheus::Labels labels;
    Gauge& up = gauge(Health::kSourceUp);
    Gauge& backlog_bytes = gauge(Health::kSourceBacklogBytes);
    Gauge& backlog_seconds = gauge(Health::kSourceBacklogSeconds);
    FollowedTotal lines{counter(Health::kSourceLines)};
    FollowedTotal bytes{counter(Health::kSourceBytes)};
    FollowedTotal rotations{counter(Health::kSourceRotations)};
    FollowedTotal truncations{counter(Health::kSourceTruncations)};
    FollowedTotal bytes_lost{counter(Health::kSourceBytesLost)};
    std::map<std::string, FollowedTotal, std::less<>> unparsed;
  };

  /// The series of one Kafka source.
  struct Kafka {
    struct Partition {
      Gauge* lag_messages;
      Gauge* lag_seconds;
    };
    struct Topic {
      FollowedTotal lost, poison, unknown_format;
    };
    Gauge* assigned;
    FollowedTotal rebalances;
    std::map<std::pair<std::string, std::int32_t>, Partition> partitions;
    std::map<std::string, Topic, std::less<>> topics;
    std::map<std::string, FollowedTotal, std::less<>> errors;
  };

  /// The series of one bounded label.
  struct LabelSeries {
    Gauge& values;
    Gauge& limit;
    FollowedTotal overflowed;
  };

  explicit Impl(const core::Clock& the_clock) : clock(the_clock), last_checkpoint_ms(the_clock.monotonic_ms()) {}

  Gauge& gauge(Health metric) { return family<Gauge>(registry, metric).Add({}); }
  Counter& counter(Health metric) { return family<Counter>(registry, metric).Add({}); }
  LabelSeries& label_series(core::BoundedLabel label);
  FollowedTotal& unparsed(Source& source, std::string_view reason);
  Kafka& kafka(std::string_view source);
  void set_partitions(const std::string& source, Kafka& series, const KafkaHealth& now);

  const core::Clock& clock;
  prometheus::Registry registry;
  ProcessMetrics process;
  Histogram& checkpoint_duration =
      family<Histogram>(registry, Health::kCheckpointDuration)
          .Add({}, Histogram::BucketBoundaries{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10});
  Gauge& checkpoint_age = gauge(Health::kCheckpointAge);
  Counter& checkpoint_failures = counter(Health::kCheckpointFailures);
  Gauge& ledger_degraded = gauge(Health::kLedgerDegraded);
  Gauge& rules_loaded = gauge(Health::kRulesLoaded);
  Gauge& reload_successful = gauge(Health::kReloadSuccessful);
  Gauge& reload_timestamp = gauge(Health::kReloadTimestamp);
  Family<Counter>& requests = family<Counter>(registry, Health::kHttpRequests);
  std::atomic<core::MonotonicMs> last_checkpoint_ms;

  std::mutex mutex;  ///< Guards what is below.
  FollowedTotal correlation_evictions{counter(Health::kCorrelationEvictions)};
  std::map<std::string, Source, std::less<>> sources;
  std::map<std::string, Kafka, std::less<>> kafkas;
  std::map<core::BoundedLabel, LabelSeries> labels;
};

HealthMetrics::Impl::LabelSeries& HealthMetrics::Impl::label_series(core::BoundedLabel label) {
  const auto found = labels.find(label);
  if (found != labels.end()) return found->second;
  const prometheus::Labels of_label = {{"label", std::string(name(label))}};
  LabelSeries series{family<Gauge>(registry, Health::kLabelValues).Add(of_label),
                     family<Gauge>(registry, Health::kLabelValuesLimit).Add(of_label),
                     FollowedTotal(family<Counter>(registry, Health::kLabelValuesOverflowed).Add(of_label))};
  return labels.emplace(label, series).first->second;
}

FollowedTotal& HealthMetrics::Impl::unparsed(Source& source, std::string_view reason) {
  const auto found = source.unparsed.find(reason);
  if (found != source.unparsed.end()) return found->second;
  prometheus::Labels of_reason = source.labels;
  of_reason.emplace("reason", reason);
  FollowedTotal total(family<Counter>(registry, Health::kSourceUnparsed).Add(of_reason));
  return source.unparsed.emplace(reason, total).first->second;
}

HealthMetrics::HealthMetrics(const BuildInfo& build, const core::Clock& clock) : impl_(std::make_unique<Impl>(clock)) {
  family<Gauge>(impl_->registry, Health::kBuildInfo)
      .Add({{"version", build.version}, {"revision", build.revision}, {"compiler", build.compiler}})
      .Set(1);
  reloaded(/*successful=*/true);
}

HealthMetrics::~HealthMetrics() = default;

void HealthMetrics::set_source(std::string_view key, const SourceHealth& source) {
  const std::lock_guard lock(impl_->mutex);
  auto found = impl_->sources.find(key);
  if (found == impl_->sources.end()) {
    found = impl_->sources.try_emplace(std::string(key), impl_->registry, key).first;
  }
  Impl::Source& series = found->second;
  series.up.Set(source.up ? 1 : 0);
  series.backlog_bytes.Set(static_cast<double>(source.backlog_bytes));
  series.backlog_seconds.Set(source.backlog_seconds);
  series.lines.follow(source.lines_total);
  series.bytes.follow(source.bytes_total);
  series.rotations.follow(source.rotations_total);
  series.truncations.follow(source.truncations_total);
  series.bytes_lost.follow(source.bytes_lost_total);
  for (const auto& [reason, total] : source.unparsed_total) impl_->unparsed(series, reason).follow(total);
  if (source.last_event_us != 0) {
    series.gauge(Health::kSourceLastEvent).Set(static_cast<double>(source.last_event_us) / kMicroseconds);
  }
  if (source.last_late_us != 0) {
    series.gauge(Health::kSourceLastLate).Set(static_cast<double>(source.last_late_us) / kMicroseconds);
  }
}

HealthMetrics::Impl::Kafka& HealthMetrics::Impl::kafka(std::string_view source) {
  const auto found = kafkas.find(source);
  if (found != kafkas.end()) return found->second;
  const prometheus::Labels of_source = {{"source", std::string(source)}};
  Kafka series{&family<Gauge>(registry, Health::kKafkaAssigned).Add(of_source),
               FollowedTotal(family<Counter>(registry, Health::kKafkaRebalances).Add(of_source)),
               {},
               {},
               {}};
  return kafkas.emplace(source, std::move(series)).first->second;
}

/// A partition that went to another member must not stay with the lag that it had.
void HealthMetrics::Impl::set_partitions(const std::string& source, Kafka& series, const KafkaHealth& now) {
  auto& messages = family<Gauge>(registry, Health::kKafkaLagMessages);
  auto& seconds = family<Gauge>(registry, Health::kKafkaLagSeconds);
  auto gone = series.partitions;
  for (const KafkaHealth::Partition& partition : now.partitions) {
    const std::pair key(partition.topic, partition.number);
    gone.erase(key);
    auto found = series.partitions.find(key);
    if (found == series.partitions.end()) {
      const prometheus::Labels of_partition = {
          {"source", source}, {"topic", partition.topic}, {"partition", std::to_string(partition.number)}};
      found = series.partitions.emplace(key, Kafka::Partition{&messages.Add(of_partition), &seconds.Add(of_partition)})
                  .first;
    }
    found->second.lag_messages->Set(static_cast<double>(partition.lag_messages));
    found->second.lag_seconds->Set(partition.lag_seconds);
  }
  for (const auto& [key, partition] : gone) {
    messages.Remove(partition.lag_messages);
    seconds.Remove(partition.lag_seconds);
    series.partitions.erase(key);
  }
}

void HealthMetrics::set_kafka(std::string_view source, const KafkaHealth& now) {
  const std::lock_guard lock(impl_->mutex);
  const std::string name(source);
  Impl::Kafka& series = impl_->kafka(source);
  series.assigned->Set(static_cast<double>(now.partitions.size()));
  series.rebalances.follow(now.rebalances_total);
  impl_->set_partitions(name, series, now);
  for (const auto& [topic, totals] : now.topics) {
    auto found = series.topics.find(topic);
    if (found == series.topics.end()) {
      const prometheus::Labels labels = {{"source", name}, {"topic", topic}};
      const auto add = [&](Health metric) {
        return FollowedTotal(family<Counter>(impl_->registry, metric).Add(labels));
      };
      found = series.topics
                  .emplace(topic, Impl::Kafka::Topic{add(Health::kKafkaLost), add(Health::kKafkaPoison),
                                                     add(Health::kKafkaUnknownFormat)})
                  .first;
    }
    found->second.lost.follow(totals.messages_lost_total);
    found->second.poison.follow(totals.poison_total);
    found->second.unknown_format.follow(totals.unknown_format_total);
  }
  for (const auto& [code, total] : now.errors_total) {
    auto found = series.errors.find(code);
    if (found == series.errors.end()) {
      const prometheus::Labels labels = {{"source", name}, {"code", code}};
      found =
          series.errors.emplace(code, FollowedTotal(family<Counter>(impl_->registry, Health::kKafkaErrors).Add(labels)))
              .first;
    }
    found->second.follow(total);
  }
}

void HealthMetrics::set_correlation_evictions(std::uint64_t total) {
  const std::lock_guard lock(impl_->mutex);
  impl_->correlation_evictions.follow(total);
}

void HealthMetrics::checkpoint_succeeded(double seconds) {
  impl_->checkpoint_duration.Observe(seconds);
  impl_->last_checkpoint_ms = impl_->clock.monotonic_ms();
}

void HealthMetrics::checkpoint_failed() {
  impl_->checkpoint_failures.Increment();
}

void HealthMetrics::set_ledger_degraded(bool degraded) {
  impl_->ledger_degraded.Set(degraded ? 1 : 0);
}

void HealthMetrics::set_label_use(const std::vector<core::Snapshot::LabelUse>& uses) {
  const std::lock_guard lock(impl_->mutex);
  for (const core::Snapshot::LabelUse& use : uses) {
    Impl::LabelSeries& series = impl_->label_series(use.label);
    series.values.Set(static_cast<double>(use.owners));
    series.limit.Set(static_cast<double>(use.limit));
    series.overflowed.follow(use.overflowed_total);
  }
}

void HealthMetrics::set_rules_loaded(std::size_t rules) {
  impl_->rules_loaded.Set(static_cast<double>(rules));
}

void HealthMetrics::reloaded(bool successful) {
  impl_->reload_successful.Set(successful ? 1 : 0);
  if (successful) impl_->reload_timestamp.Set(static_cast<double>(impl_->clock.unix_us()) / kMicroseconds);
}

void HealthMetrics::count_request(std::string_view path, unsigned status) {
  impl_->requests.Add({{"path", std::string(path)}, {"code", std::to_string(status)}}).Increment();
}

void HealthMetrics::render(std::string& out) const {
  const core::MonotonicMs age = impl_->clock.monotonic_ms() - impl_->last_checkpoint_ms;
  impl_->checkpoint_age.Set(static_cast<double>(age) / 1000);
  std::vector<prometheus::MetricFamily> families = impl_->registry.Collect();
  std::erase_if(families, [](const prometheus::MetricFamily& family) { return family.metric.empty(); });
  std::vector<prometheus::MetricFamily> process = impl_->process.Collect();
  std::move(process.begin(), process.end(), std::back_inserter(families));
  std::sort(families.begin(), families.end(),
            [](const auto& a, const auto& b) { return catalogue_place(a) < catalogue_place(b); });
  append_families(out, families);
}

}  // namespace dsnwatch::exporters
