#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/series/series_store.h"
#include "core/series/tally.h"
#include "daemon/unclassified_replies.h"
#include "exporters/prometheus/health.h"

namespace dsnwatch::daemon {

/// One source as its worker saw it last.
struct SourceReport {
  std::string key;
  exporters::SourceHealth health;
  std::string problem;  ///< Empty, or why it can't be read.
};

/// What a worker did since its last hand-over, taken between two blocks: tally, positions and correlation belong
/// together and become durable in one transaction.
struct HandOver {
  core::Tally tally;
  std::vector<core::StoredRecord> positions;    ///< Of sources that moved: key → position and the format's state.
  std::vector<core::StoredRecord> correlation;  ///< Group and key → what changed; in order.
  std::vector<std::string> released;            ///< Keys of positions that are final: others count on from there.
  UnclassifiedReplies unclassified;             ///< What no rule knew.
  std::vector<SourceReport> sources;
  std::uint64_t correlation_evictions = 0;  ///< Total since the start.
  bool drained = false;                     ///< Draining, and read to where the sources ended when the draining began.
};

}  // namespace dsnwatch::daemon
