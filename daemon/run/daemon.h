#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/clock.h"
#include "daemon/config/config.h"
#include "daemon/ledger/ledger.h"
#include "daemon/log.h"
#include "daemon/rule_loading.h"
#include "daemon/run/checkpointer.h"
#include "daemon/run/files_watch.h"
#include "daemon/run/kafka_source.h"
#include "daemon/run/worker.h"
#include "exporters/http/server.h"
#include "exporters/prometheus/health.h"

namespace dsnwatch::daemon {

/// Why the daemon could not start, and with which exit status it ends.
struct StartError {
  int exit_status;
  core::Error error;
};

/// All parts of `run`, wired in the order in which they need each other. Thread: main.
class Daemon {
 public:
  static tl::expected<std::unique_ptr<Daemon>, StartError> start(const Config& config, const core::Clock& clock,
                                                                 Log& log);
  ~Daemon();

  /// Where it listens: "http://127.0.0.1:25571".
  std::string url() const { return server_->url(); }

  /// Compiles rules and providers anew and gives them to the workers; bad ones change nothing but a metric and the log.
  void reload();

  /// Whether the files of rules and providers are those that were read last.
  FilesWatch::Look look_at_knowledge() { return watch_.look(); }
  /// Readable when it is worth while to look; -1: look now and then.
  int knowledge_fd() const { return watch_.fd(); }

  /// False if it can't go on.
  bool healthy() const { return !checkpointer_->worker_died(); }

  /// Takes the checkpoints into the caller's hands and tells the workers to read to the end.
  void start_draining();
  /// One checkpoint; true once everything has been read and is durable.
  bool drain_round();
  /// After the drain: consumer groups are left, so that others can go on.
  void leave_groups();
  /// True while the ledger can't be written.
  bool checkpoints_fail() const { return checkpointer_->failing(); }
  /// Holds end after one more request of Prometheus.
  void end_holds();

 private:
  Daemon(const Config& config, const core::Clock& clock, Log& log);
  tl::expected<void, StartError> start_all();
  core::Result<Knowledge> load_knowledge() const;
  void make_workers();
  tl::expected<void, StartError> load_ledger();
  void make_checkpointer();
  core::Result<void> open_kafka(const Checkpoint& stored);
  std::vector<core::StoredRecord> restore_correlation(const std::vector<core::StoredRecord>& stored);
  void add_pages();

  Config config_;
  const core::Clock& clock_;
  Log& log_;
  exporters::HealthMetrics health_;
  FilesWatch watch_;  // Of the files that the knowledge was read from.
  Knowledge knowledge_;
  std::unique_ptr<Ledger> ledger_;
  std::unique_ptr<core::SeriesStore> store_;
  ClaimedPaths claimed_;
  std::vector<std::unique_ptr<KafkaSource>> kafka_;  // Before the workers, who read from them.
  std::vector<std::unique_ptr<Worker>> workers_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::unique_ptr<exporters::Server> server_;  // Last: its handlers use all of the others.
};

}  // namespace dsnwatch::daemon
