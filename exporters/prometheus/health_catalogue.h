#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace dsnwatch::exporters {

/// The daemon's own health metrics (design section 5). Each stands once in health_catalogue(), from which they are
/// registered and listed.
enum class Health : std::uint8_t {
  kSourceUp,
  kSourceLines,
  kSourceBytes,
  kSourceUnparsed,
  kSourceBacklogBytes,
  kSourceBacklogSeconds,
  kSourceLastEvent,
  kSourceLastLate,
  kSourceRotations,
  kSourceTruncations,
  kSourceBytesLost,
  kKafkaLagMessages,
  kKafkaLagSeconds,
  kKafkaAssigned,
  kKafkaRebalances,
  kKafkaLost,
  kKafkaPoison,
  kKafkaUnknownFormat,
  kKafkaErrors,
  kCorrelationEvictions,
  kCheckpointDuration,
  kCheckpointAge,
  kCheckpointFailures,
  kLedgerDegraded,
  kLabelValues,
  kLabelValuesLimit,
  kLabelValuesOverflowed,
  kRulesLoaded,
  kReloadSuccessful,
  kReloadTimestamp,
  kHttpRequests,
  kBuildInfo,
  kProcessCpu,
  kProcessResident,
  kProcessVirtual,
  kProcessOpenFds,
  kProcessMaxFds,
  kProcessStartTime,
};
inline constexpr int kHealthCount = 38;

struct HealthInfo {
  std::string_view name;
  std::string_view type;  ///< "counter", "gauge" or "histogram"
  std::string_view help;
  std::span<const std::string_view> labels;
};

/// By Health.
std::span<const HealthInfo, kHealthCount> health_catalogue();
inline const HealthInfo& info(Health metric) {
  return health_catalogue()[static_cast<std::size_t>(metric)];
}

}  // namespace dsnwatch::exporters
