#include "exporters/prometheus/health_catalogue.h"

#include <array>

namespace dsnwatch::exporters {
namespace {

using Labels = std::span<const std::string_view>;
constexpr std::array<std::string_view, 1> kSource = {"source"};
constexpr std::array<std::string_view, 2> kSourceReason = {"source", "reason"};
constexpr std::array<std::string_view, 2> kSourceTopic = {"source", "topic"};
constexpr std::array<std::string_view, 3> kSourcePartition = {"source", "topic", "partition"};
constexpr std::array<std::string_view, 2> kSourceCode = {"source", "code"};
constexpr std::array<std::string_view, 1> kLabel = {"label"};
constexpr std::array<std::string_view, 2> kPathCode = {"path", "code"};
constexpr std::array<std::string_view, 3> kBuild = {"version", "revision", "compiler"};

// In the order of the enumeration.
constexpr std::array<HealthInfo, kHealthCount> kCatalogue = {{
    {"dsnwatch_source_up", "gauge", "1 while the source is there and can be read.", kSource},
    {"dsnwatch_source_lines_total", "counter", "Lines read.", kSource},
    {"dsnwatch_source_bytes_total", "counter", "Bytes read.", kSource},
    {"dsnwatch_source_unparsed_total", "counter",
     "Records shaped like a delivery or a refusal that could not be read, by reason.", kSourceReason},
    {"dsnwatch_source_backlog_bytes", "gauge", "Bytes that are there and not read yet.", kSource},
    {"dsnwatch_source_backlog_seconds", "gauge",
     "Age of the last record read while there is a backlog, 0 without one: how far behind the source is.", kSource},
    {"dsnwatch_source_last_event_timestamp_seconds", "gauge", "Time stamp of the last attempt read.", kSource},
    {"dsnwatch_source_last_late_timestamp_seconds", "gauge",
     "When a record older than 5 minutes was last counted: a catch-up, whose rates are no rates of now.", kSource},
    {"dsnwatch_source_rotations_total", "counter", "Rotations followed.", kSource},
    {"dsnwatch_source_truncations_total", "counter", "Truncations in place (copytruncate) seen.", kSource},
    {"dsnwatch_source_bytes_lost_total", "counter",
     "Bytes known to be gone unread: a file truncated or removed before its end was reached.", kSource},
    {"dsnwatch_kafka_lag_messages", "gauge", "Messages of an assigned partition that are not counted yet.",
     kSourcePartition},
    {"dsnwatch_kafka_lag_seconds", "gauge",
     "Age of the last message read of an assigned partition while there is a lag, 0 without one.", kSourcePartition},
    {"dsnwatch_kafka_assigned_partitions", "gauge", "Partitions that this process reads.", kSource},
    {"dsnwatch_kafka_rebalances_total", "counter", "Partitions given or taken by the consumer group.", kSource},
    {"dsnwatch_kafka_messages_lost_total", "counter", "Messages that retention removed before they were read.",
     kSourceTopic},
    {"dsnwatch_kafka_poison_total", "counter",
     "Messages that are no text, or in a batch that can't be read, and were skipped.", kSourceTopic},
    {"dsnwatch_kafka_unknown_format_total", "counter",
     "Messages whose key or header names a format that is not known; they were read in the source's own.",
     kSourceTopic},
    {"dsnwatch_kafka_errors_total", "counter", "Errors of librdkafka and the brokers, by code.", kSourceCode},
    {"dsnwatch_correlation_evictions_total", "counter",
     "Queue ids forgotten because limits.correlation_memory was full; their later lines count under sender unknown.",
     Labels()},
    {"dsnwatch_checkpoint_duration_seconds", "histogram", "Time to write a checkpoint to the ledger.", Labels()},
    {"dsnwatch_checkpoint_age_seconds", "gauge", "Time since the last checkpoint that succeeded, or since the start.",
     Labels()},
    {"dsnwatch_checkpoint_failures_total", "counter", "Checkpoints that could not be written.", Labels()},
    {"dsnwatch_ledger_degraded", "gauge",
     "1 while counts are published that no checkpoint holds: a crash now would make them wrong.", Labels()},
    {"dsnwatch_label_values", "gauge", "Values of a bounded label that have series of their own.", kLabel},
    {"dsnwatch_label_values_limit", "gauge", "How many values of a bounded label may have series of their own.",
     kLabel},
    {"dsnwatch_label_values_overflowed_total", "counter",
     "Increments that count under the value other since the label had no room.", kLabel},
    {"dsnwatch_rules_loaded", "gauge", "Classification rules in use, shipped ones included.", Labels()},
    {"dsnwatch_config_last_reload_successful", "gauge",
     "1 if the rules and the configuration last read were good, 0 if the ones before stay in use.", Labels()},
    {"dsnwatch_config_last_reload_timestamp_seconds", "gauge", "When rules and configuration were last taken up.",
     Labels()},
    {"dsnwatch_http_requests_total", "counter", "Requests answered, by page and status code.", kPathCode},
    {"dsnwatch_build_info", "gauge", "Always 1; what is running.", kBuild},
    {"process_cpu_seconds_total", "counter", "User and system CPU time spent.", Labels()},
    {"process_resident_memory_bytes", "gauge", "Memory in RAM.", Labels()},
    {"process_virtual_memory_bytes", "gauge", "Size of the address space.", Labels()},
    {"process_open_fds", "gauge", "Open file descriptors.", Labels()},
    {"process_max_fds", "gauge", "Limit of open file descriptors.", Labels()},
    {"process_start_time_seconds", "gauge", "When the process was started, Unix time.", Labels()},
}};

}  // namespace

std::span<const HealthInfo, kHealthCount> health_catalogue() {
  return kCatalogue;
}

}  // namespace dsnwatch::exporters
