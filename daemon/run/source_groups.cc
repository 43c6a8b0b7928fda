#include "daemon/run/source_groups.h"

#include <algorithm>
#include <map>
#include <set>
#include <thread>

namespace dsnwatch::daemon {

std::vector<Assignment> assign_sources(const std::vector<SourceConfig>& sources, std::size_t workers) {
  if (workers == 0) workers = std::max(1u, std::thread::hardware_concurrency());
  std::vector<Assignment> assignments;
  std::map<std::string, std::size_t> numbers;
  for (const SourceConfig& source : sources) {
    if (source.kafka) continue;
    const std::string& group = source.correlate.empty() ? source.host : source.correlate;
    const std::size_t number = numbers.emplace(group, numbers.size()).first->second;
    assignments.push_back({&source, group, number % workers});
  }
  return assignments;
}

std::size_t group_count(const std::vector<Assignment>& assignments) {
  std::set<std::string> groups;
  for (const Assignment& assignment : assignments) groups.insert(assignment.group);
  return groups.size();
}

std::size_t worker_count(const std::vector<Assignment>& assignments) {
  std::size_t count = 0;
  for (const Assignment& assignment : assignments) count = std::max(count, assignment.worker + 1);
  return count;
}

}  // namespace dsnwatch::daemon
