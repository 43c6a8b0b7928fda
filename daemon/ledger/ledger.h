#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.h"
#include "core/series/series_store.h"

namespace dsnwatch::daemon {

/// Everything that one checkpoint makes durable, in one transaction.
struct Checkpoint {
  std::vector<core::StoredRecord> series;       ///< SeriesStore::changes()
  std::vector<core::StoredRecord> positions;    ///< Source key → position and the format's state.
  std::vector<core::StoredRecord> correlation;  ///< Group, host, queue id → what is known of it.
};

enum class LedgerProblem { kUnusable, kHeld };  ///< Exit status 2 or 1 of `run`.

struct LedgerError {
  LedgerProblem problem;
  core::Error error;
};

/// The durable totals together with the positions they include: LMDB in the state directory (design section 4).
/// One process owns the directory (lock file, mode 0700); a network file system is refused. Thread: the checkpoint
/// thread.
class Ledger {
 public:
  static tl::expected<std::unique_ptr<Ledger>, LedgerError> open(const std::string& directory);
  ~Ledger();

  /// What the last commit left. Call once, before the first commit.
  core::Result<Checkpoint> load();

  /// Atomic: after an error (disk full) nothing of the checkpoint is there, and the call may be repeated.
  core::Result<void> commit(const Checkpoint& checkpoint);

 private:
  struct Impl;
  explicit Ledger(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace dsnwatch::daemon
