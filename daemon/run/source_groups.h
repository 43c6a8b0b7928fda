#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "daemon/config/config.h"

namespace dsnwatch::daemon {

/// Which worker reads a source, and with whom it shares queue ids.
struct Assignment {
  const SourceConfig* source;
  std::string group;
  std::size_t worker;
};

/// Files only: Kafka partitions go to all workers. Sources with the same `correlate`, else with the same `host`, form a
/// group, which one worker owns, since an expiry in one file may be about a message in another. At most `workers`
/// workers are used (0: one a core).
std::vector<Assignment> assign_sources(const std::vector<SourceConfig>& sources, std::size_t workers);

/// How many groups and workers an assignment has.
std::size_t group_count(const std::vector<Assignment>& assignments);
std::size_t worker_count(const std::vector<Assignment>& assignments);

}  // namespace dsnwatch::daemon
