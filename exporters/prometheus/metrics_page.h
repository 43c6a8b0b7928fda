#pragma once

#include <functional>
#include <memory>

#include "core/series/snapshot.h"
#include "exporters/http/route.h"
#include "exporters/prometheus/health.h"

namespace dsnwatch::exporters {

/// The latest snapshot, or null while the ledger is being loaded. Called on dsn/http; must not wait.
using LatestSnapshot = std::function<std::shared_ptr<const core::Snapshot>()>;

/// Is told, on dsn/http, that Prometheus has been given the whole of this snapshot: the series born in a later one have
/// not been seen yet.
using ShownToPrometheus = std::function<void(const std::shared_ptr<const core::Snapshot>&)>;

/// "/metrics": the mail families of the latest snapshot, then the daemon's health. `health` must outlive the server.
Handler metrics_page(HealthMetrics& health, LatestSnapshot latest, ShownToPrometheus shown);

}  // namespace dsnwatch::exporters
