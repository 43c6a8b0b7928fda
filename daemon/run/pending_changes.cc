#include "daemon/run/pending_changes.h"

#include <functional>
#include <utility>

namespace dsnwatch::daemon {
namespace {

std::uint64_t hash(const std::string& key) {
  return std::hash<std::string>{}(key);
}

}  // namespace

void PendingChanges::loaded(const std::vector<core::StoredRecord>& correlation) {
  for (const core::StoredRecord& record : correlation) durable_.insert(hash(record.key));
}

void PendingChanges::add_positions(std::vector<core::StoredRecord> records) {
  for (core::StoredRecord& record : records) {
    std::string key = record.key;
    positions_.insert_or_assign(std::move(key), std::move(record));
  }
}

void PendingChanges::add_released(std::vector<std::string> keys) {
  for (std::string& key : keys) released_.push_back(std::move(key));
}

void PendingChanges::add_correlation(std::vector<core::StoredRecord> records) {
  for (core::StoredRecord& record : records) {
    if (record.erase && !durable_.contains(hash(record.key))) {
      correlation_.erase(record.key);
    } else {
      std::string key = record.key;
      correlation_.insert_or_assign(std::move(key), std::move(record));
    }
  }
}

void PendingChanges::copy_to(Checkpoint& checkpoint) const {
  for (const auto& [key, record] : positions_) checkpoint.positions.push_back(record);
  for (const auto& [key, record] : correlation_) checkpoint.correlation.push_back(record);
}

void PendingChanges::committed() {
  for (const auto& [key, record] : correlation_) {
    if (record.erase) {
      durable_.erase(hash(key));
    } else {
      durable_.insert(hash(key));
    }
  }
  positions_.clear();
  released_.clear();
  correlation_.clear();
}

}  // namespace dsnwatch::daemon
