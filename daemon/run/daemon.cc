#include "daemon/run/daemon.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "daemon/commands/command.h"
#include "daemon/run/part_settings.h"
#include "daemon/run/source_groups.h"
#include "daemon/run/stored_state.h"
#include "daemon/version.h"
#include "exporters/http/pages.h"
#include "exporters/prometheus/metrics_page.h"

namespace dsnwatch::daemon {
namespace {

tl::unexpected<StartError> failed(int exit_status, core::Error error) {
  return tl::unexpected<StartError>(StartError{exit_status, std::move(error)});
}

exporters::BuildInfo build_info() {
#if defined(__clang__)
  const std::string compiler = "clang " __clang_version__;
#else
  const std::string compiler = "gcc " __VERSION__;
#endif
  return {std::string(version()), DSNWATCH_REVISION, compiler};
}

std::vector<std::string> knowledge_paths(const Config& config) {
  std::vector<std::string> paths = config.rules;
  if (!config.providers.empty()) paths.push_back(config.providers);
  return paths;
}

}  // namespace

Daemon::Daemon(const Config& config, const core::Clock& clock, Log& log)
    : config_(config), clock_(clock), log_(log), health_(build_info(), clock), watch_(knowledge_paths(config)) {}

Daemon::~Daemon() {
  // Those who ask first, then those who are asked.
  if (server_) server_->stop();
  leave_groups();
  if (checkpointer_) checkpointer_->stop();
  for (auto& worker : workers_) worker->stop();
}

tl::expected<std::unique_ptr<Daemon>, StartError> Daemon::start(const Config& config, const core::Clock& clock,
                                                                Log& log) {
  std::unique_ptr<Daemon> daemon(new Daemon(config, clock, log));
  if (auto started = daemon->start_all(); !started) return tl::unexpected(std::move(started).error());
  return daemon;
}

tl::expected<void, StartError> Daemon::start_all() {
  auto knowledge = load_knowledge();
  if (!knowledge) return failed(kExitUsage, std::move(knowledge).error());
  knowledge_ = std::move(*knowledge);
  health_.set_rules_loaded(knowledge_.rules->specs().size());
  make_workers();
  // Bound before the ledger is touched, answered after: a taken port leaves no trace.
  auto server = exporters::Server::listen({.listen = config_.listen});
  if (!server) return failed(kExitFailed, std::move(server).error());
  server_ = std::move(*server);
  if (auto done = load_ledger(); !done) return done;
  add_pages();
  checkpointer_->publish();
  for (auto& worker : workers_) worker->start([this] { checkpointer_->request(); });
  checkpointer_->start();
  for (auto& source : kafka_) source->start([this] { checkpointer_->request(); });
  server_->start();
  return {};
}

core::Result<Knowledge> Daemon::load_knowledge() const {
  auto providers =
      load_providers(config_.providers, parsed_networks(config_.internal_networks), knowledge_.providers.get());
  if (!providers) return tl::unexpected(std::move(providers).error());
  auto rules = load_rules(config_.rules, **providers);
  if (!rules) return tl::unexpected(std::move(rules).error());
  return Knowledge{std::move(*providers), std::move(*rules)};
}

void Daemon::make_workers() {
  const std::vector<Assignment> assignments = assign_sources(config_.sources, config_.workers);
  for (const SourceConfig& source : config_.sources) {
    if (source.kafka) kafka_.push_back(std::make_unique<KafkaSource>(source, clock_, log_));
  }
  WorkerSettings settings;
  settings.correlation_memory = config_.limits.correlation_memory / (group_count(assignments) + kafka_.size());
  settings.tally = tally_settings(config_);
  settings.knowledge = knowledge_;
  std::size_t count = worker_count(assignments);
  if (!kafka_.empty())
    count = config_.workers > 0 ? config_.workers : std::max(1u, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < count; ++i) {
    settings.number = static_cast<int>(i);
    workers_.push_back(std::make_unique<Worker>(settings, claimed_, clock_, log_));
    for (auto& source : kafka_) workers_.back()->add_kafka(*source);
  }
  for (const Assignment& assignment : assignments) {
    workers_[assignment.worker]->add_source(*assignment.source, assignment.group);
  }
}

/// Opens the ledger, if there is to be one, and puts everything back where the last commit left it.
tl::expected<void, StartError> Daemon::load_ledger() {
  Checkpoint stored;
  if (config_.state_dir.empty()) {
    log_.warn("state_dir is not set: nothing survives a restart");
  } else {
    auto ledger = Ledger::open(config_.state_dir);
    if (!ledger) {
      const bool held = ledger.error().problem == LedgerProblem::kHeld;
      return failed(held ? kExitFailed : kExitUsage, std::move(ledger.error().error));
    }
    ledger_ = std::move(*ledger);
    auto loaded = ledger_->load();
    if (!loaded) return failed(kExitUsage, std::move(loaded).error());
    stored = std::move(*loaded);
  }
  store_ = std::make_unique<core::SeriesStore>(series_settings(config_), knowledge_.providers, clock_);
  if (auto done = store_->restore(stored.series); !done) return failed(kExitUsage, std::move(done).error());

  make_checkpointer();
  if (auto done = open_kafka(stored); !done) return failed(kExitUsage, std::move(done).error());
  checkpointer_->loaded(stored.correlation);
  checkpointer_->add_correlation(restore_correlation(stored.correlation));

  StoredPositions positions;
  for (core::StoredRecord& record : stored.positions) positions[record.key] = std::move(record.value);
  for (auto& worker : workers_) {
    if (auto done = worker->open(positions); !done) return failed(kExitUsage, std::move(done).error());
  }
  return {};
}

void Daemon::make_checkpointer() {
  CheckpointerParts parts{*store_, {}, health_, clock_, log_};
  if (ledger_) parts.commit = [this](const Checkpoint& checkpoint) { return ledger_->commit(checkpoint); };
  parts.collected = [this] {
    for (auto& source : kafka_) source->report(health_);
  };
  parts.durable = [this](const auto& positions, const auto& released) {
    for (auto& source : kafka_) source->durable(positions, released);
  };
  std::vector<Worker*> workers;
  for (auto& worker : workers_) workers.push_back(worker.get());
  checkpointer_ =
      std::make_unique<Checkpointer>(CheckpointerSettings{config_.checkpoint_interval_ms, config_.ledger_grace_ms},
                                     std::move(parts), std::move(workers));
}

core::Result<void> Daemon::open_kafka(const Checkpoint& stored) {
  if (kafka_.empty()) return {};
  const auto identity = member_identity(config_.state_dir);
  if (!identity) return tl::unexpected(identity.error());
  for (auto& source : kafka_) {
    for (const core::StoredRecord& record : stored.positions) source->keep_position(record.key, record.value);
    if (auto done = source->open(*identity, workers_.size()); !done) return done;
  }
  return {};
}

/// Gives the workers what is known of their queue ids. Returns the erasure of what belongs to no group any more.
std::vector<core::StoredRecord> Daemon::restore_correlation(const std::vector<core::StoredRecord>& stored) {
  std::vector<core::StoredRecord> erased;
  for (const core::StoredRecord& record : stored) {
    const auto [group, key] = split_correlation_key(record.key);
    bool taken = false;
    for (auto& worker : workers_) taken = worker->restore_correlation(group, key, record.value) || taken;
    for (auto& source : kafka_) taken = taken || source->keep_correlation(group, key, record.value);
    if (!taken) erased.push_back({record.key, {}, true});
  }
  return erased;
}

void Daemon::add_pages() {
  server_->route("/-/healthy", exporters::healthy_page());
  server_->route("/-/ready", exporters::ready_page([this] { return checkpointer_->why_not_ready(); }));
  server_->route("/", exporters::landing_page(std::string(version())));
  server_->route("/metrics", exporters::metrics_page(
                                 health_, [this] { return checkpointer_->snapshot(); },
                                 [this](const auto& snapshot) { checkpointer_->shown_to_prometheus(snapshot); }));
  server_->on_answer([this](std::string_view path, unsigned status) { health_.count_request(path, status); });
}

void Daemon::reload() {
  watch_.read_now();
  auto knowledge = load_knowledge();
  health_.reloaded(knowledge.has_value());
  if (!knowledge) {
    log_.error("reload failed; the rules from before stay", {{"error", knowledge.error().message}});
    return;
  }
  knowledge_ = std::move(*knowledge);
  checkpointer_->set_providers(knowledge_.providers);
  for (auto& worker : workers_) worker->set_knowledge(knowledge_);
  const std::string count = std::to_string(knowledge_.rules->specs().size());
  health_.set_rules_loaded(knowledge_.rules->specs().size());
  log_.info("rules reloaded", {{"rules", count}});
}

void Daemon::start_draining() {
  for (auto& worker : workers_) worker->drain();
  checkpointer_->stop();
}

bool Daemon::drain_round() {
  return checkpointer_->round() && checkpointer_->drained();
}

void Daemon::leave_groups() {
  for (auto& source : kafka_) source->close();
}

void Daemon::end_holds() {
  store_->end_holds(/*now=*/false);
}

}  // namespace dsnwatch::daemon
