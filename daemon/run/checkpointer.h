#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "core/series/series_store.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log.h"
#include "daemon/run/hand_over.h"
#include "daemon/run/pending_changes.h"
#include "daemon/run/published.h"
#include "daemon/run/worker.h"
#include "exporters/prometheus/health.h"

namespace dsnwatch::daemon {

struct CheckpointerSettings {
  core::MonotonicMs interval_ms = 1000;
  core::MonotonicMs grace_ms = 300'000;  ///< How long counts wait for a ledger that can't be written.
};

/// What a checkpoint needs of the rest. All of it must outlive the checkpointer.
struct CheckpointerParts {
  core::SeriesStore& store;
  std::function<core::Result<void>(const Checkpoint&)> commit;  ///< Into the ledger; empty: all is in memory only.
  exporters::HealthMetrics& health;
  const core::Clock& clock;
  Log& log;
  /// Called in each round, after the workers have handed over. May be empty.
  std::function<void()> collected = {};
  /// Told after each commit which positions are durable, and which of them are final. May be empty.
  std::function<void(const std::vector<core::StoredRecord>& positions, const std::vector<std::string>& released)>
      durable = {};
};

/// Makes what the workers counted durable, then visible: never the other way round (design section 4).
class Checkpointer {
 public:
  Checkpointer(CheckpointerSettings settings, CheckpointerParts parts, std::vector<Worker*> workers);
  ~Checkpointer();  ///< As stop().

  /// What the ledger held of the correlation. Before start().
  void loaded(const std::vector<core::StoredRecord>& correlation) { pending_.loaded(correlation); }
  /// Further changes of the next commit. Before start().
  void add_correlation(std::vector<core::StoredRecord> records) { pending_.add_correlation(std::move(records)); }

  /// Providers that replace the earlier ones (Providers::build); before a worker is given them. Thread: any.
  void set_providers(std::shared_ptr<const core::Providers> providers) { new_providers_.store(std::move(providers)); }

  void start();
  /// Ends the thread; what was counted since the last round stays undone.
  void stop();

  /// One checkpoint: false if a worker died or the ledger could not be written. Thread: dsn/ckpt, or the caller's while
  /// that is not running.
  bool round();

  /// A round as soon as possible. Thread: any.
  void request();

  /// Thread: any.
  std::shared_ptr<const core::Snapshot> snapshot() const { return snapshot_.load(); }
  /// Prometheus was given the whole of this snapshot: series born after it have not been seen. Thread: any.
  void shown_to_prometheus(const std::shared_ptr<const core::Snapshot>& snapshot);

  /// Replies that no rule knew since the start; nullptr: none yet. Not durable: a list for people, not a counter.
  /// Thread: any.
  std::shared_ptr<const UnclassifiedReplies> unclassified() const { return shown_unclassified_.load(); }

  /// Empty once every source could be opened, else why not. Thread: any.
  std::string why_not_ready() const;
  /// True when all workers have read to their end, and that is durable. Thread: any.
  bool drained() const { return drained_; }
  bool worker_died() const { return worker_died_; }
  /// The last commit failed. Thread: as round().
  bool failing() const { return failing_since_.has_value(); }

  /// Publishes what the store holds as it is: for a store that was just restored. Before start().
  void publish();

 private:
  void run(const std::stop_token& stop);
  void collect(bool& drained, std::string& why_not_ready);
  void take_new_providers();
  bool commit();
  void commit_failed(const core::Error& error);
  void commit_succeeded(core::MonotonicMs began);

  CheckpointerSettings settings_;
  CheckpointerParts parts_;
  std::vector<Worker*> workers_;
  PendingChanges pending_;
  std::optional<core::MonotonicMs> failing_since_;
  bool degraded_ = false;

  std::mutex publishing_;  // Held while the store makes a snapshot and it is put here.
  Published<core::Providers> new_providers_;
  std::shared_ptr<const core::Providers> providers_;  // As the store has them, where they were replaced.
  UnclassifiedReplies unclassified_;
  Published<UnclassifiedReplies> shown_unclassified_;
  Published<core::Snapshot> snapshot_;
  Published<std::string> why_not_ready_;
  std::atomic<bool> drained_ = false, worker_died_ = false;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  bool requested_ = false;  // Guarded by mutex_.

  std::jthread thread_;
};

}  // namespace dsnwatch::daemon
