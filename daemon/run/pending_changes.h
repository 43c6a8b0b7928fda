#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "core/series/series_store.h"
#include "daemon/ledger/ledger.h"

namespace dsnwatch::daemon {

/// Positions and correlation that wait for the next commit. While commits fail the changes of a record replace each
/// other, so that what waits is bounded by what the correlators and sources hold. Thread: dsn/ckpt.
class PendingChanges {
 public:
  /// What the ledger holds already.
  void loaded(const std::vector<core::StoredRecord>& correlation);

  void add_positions(std::vector<core::StoredRecord> records);
  void add_released(std::vector<std::string> keys);
  void add_correlation(std::vector<core::StoredRecord> records);

  bool empty() const { return positions_.empty() && correlation_.empty() && released_.empty(); }

  /// Adds them to a checkpoint.
  void copy_to(Checkpoint& checkpoint) const;

  /// Keys of positions that are final once the next commit succeeds.
  const std::vector<std::string>& released() const { return released_; }

  /// The checkpoint is durable.
  void committed();

 private:
  using Records = std::map<std::string, core::StoredRecord>;

  Records positions_, correlation_;
  std::vector<std::string> released_;
  // Hashes of the correlation keys in the ledger: what came and went between two commits need not be erased there.
  std::unordered_set<std::uint64_t> durable_;
};

}  // namespace dsnwatch::daemon
