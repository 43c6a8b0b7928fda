#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/clock.h"
#include "core/series/snapshot.h"

namespace dsnwatch::exporters {

/// What is running, for dsnwatch_build_info.
struct BuildInfo {
  std::string version, revision, compiler;
};

/// One source as the health metrics show it. Totals count since the source was opened; a total below the one before
/// means that it was opened again, and counts on top.
struct SourceHealth {
  bool up = false;
  std::uint64_t lines_total = 0;
  std::uint64_t bytes_total = 0;
  std::uint64_t backlog_bytes = 0;
  double backlog_seconds = 0;
  std::int64_t last_event_us = 0;  ///< Unix time in microseconds; 0: none yet, and no series.
  std::int64_t last_late_us = 0;   ///< Likewise.
  std::uint64_t rotations_total = 0;
  std::uint64_t truncations_total = 0;
  std::uint64_t bytes_lost_total = 0;
  /// By reason. All reasons from the start, also those that are 0, so that the first one is seen as an increase.
  std::vector<std::pair<std::string_view, std::uint64_t>> unparsed_total;
};

/// A Kafka source as the health metrics show it: the whole of it at one time. Totals count since the start.
struct KafkaHealth {
  struct Partition {
    std::string topic;
    std::int32_t number = 0;
    std::uint64_t lag_messages = 0;
    double lag_seconds = 0;
  };
  struct Topic {
    std::uint64_t messages_lost_total = 0;
    std::uint64_t poison_total = 0;
    std::uint64_t unknown_format_total = 0;
  };
  std::vector<Partition> partitions;  ///< Those assigned now; series of others go.
  std::map<std::string, Topic> topics;
  std::uint64_t rebalances_total = 0;
  std::map<std::string, std::uint64_t> errors_total;  ///< By librdkafka's name of the error.
};

/// The daemon's own health, filled by its threads and always live: no checkpoint holds it back. Kept by prometheus-cpp.
/// Thread: any, for all methods; they lock, so call them per block or checkpoint, not per line.
class HealthMetrics {
 public:
  HealthMetrics(const BuildInfo& build, const core::Clock& clock);
  ~HealthMetrics();

  void set_source(std::string_view key, const SourceHealth& source);
  void set_kafka(std::string_view source, const KafkaHealth& now);
  void set_correlation_evictions(std::uint64_t total);  ///< Of all workers together; never lower than before.

  void checkpoint_succeeded(double seconds);
  void checkpoint_failed();
  void set_ledger_degraded(bool degraded);

  void set_label_use(const std::vector<core::Snapshot::LabelUse>& uses);
  void set_rules_loaded(std::size_t rules);

  /// Rules and configuration were read again: taken up, or bad and the ones before stay. The start counts as good.
  void reloaded(bool successful);

  void count_request(std::string_view path, unsigned status);

  /// Appends all of it in the text exposition format, in the catalogue's order, process_* included.
  void render(std::string& out) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace dsnwatch::exporters
