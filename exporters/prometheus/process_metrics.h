#pragma once

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace dsnwatch::exporters {

/// The process_* metrics that Prometheus' client libraries agree on, read from /proc/self when asked for. What /proc
/// does not tell (hidepid, a sandbox) is left out. Thread: any.
class ProcessMetrics final : public prometheus::Collectable {
 public:
  std::vector<prometheus::MetricFamily> Collect() const override;
};

}  // namespace dsnwatch::exporters
