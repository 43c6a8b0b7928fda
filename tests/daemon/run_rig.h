#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/rule_loading.h"
#include "daemon/run/checkpointer.h"
#include "daemon/run/part_settings.h"
#include "daemon/run/stored_state.h"
#include "daemon/run/worker.h"

namespace dsnwatch::daemon {

class RunClock final : public core::Clock {
 public:
  core::MonotonicMs monotonic_ms() const override { return now_ms; }
  std::int64_t unix_us() const override { return 1'790'000'000'000'000 + now_ms * 1000; }
  std::atomic<core::MonotonicMs> now_ms = 1'000'000;
};

/// A ledger in memory that can be told to fail.
struct MemoryLedger {
  std::map<std::string, core::StoredRecord> series, positions, correlation;
  bool full = false;

  core::Result<void> commit(const Checkpoint& checkpoint) {
    if (full) return core::fail("no space left");
    apply(checkpoint.series, series);
    apply(checkpoint.positions, positions);
    apply(checkpoint.correlation, correlation);
    return {};
  }
  Checkpoint load() const { return {values(series), values(positions), values(correlation)}; }

 private:
  static void apply(const std::vector<core::StoredRecord>& records, std::map<std::string, core::StoredRecord>& into) {
    for (const core::StoredRecord& record : records) {
      if (record.erase) {
        into.erase(record.key);
      } else {
        into[record.key] = record;
      }
    }
  }
  static std::vector<core::StoredRecord> values(const std::map<std::string, core::StoredRecord>& records) {
    std::vector<core::StoredRecord> all;
    for (const auto& [key, record] : records) all.push_back(record);
    return all;
  }
};

/// One worker over one log with its checkpointer, whose rounds the test makes; start() is the start of a process.
class RunRig : public testing::Test {
 public:
  RunRig() {
    std::string name = (std::filesystem::temp_directory_path() / "dsnwatch-run-XXXXXX").string();
    folder = ::mkdtemp(name.data());
    SourceConfig source;
    source.path = (folder / "mail.log").string();
    source.start = ingest::FileSettings::Start::kBeginning;
    source.timezone = "UTC";
    config.sources = {source};
    config.birth_hold_ms = 0;
  }
  ~RunRig() override {
    stop();
    std::filesystem::remove_all(folder);
  }

  void append(const std::string& text) const { std::ofstream(folder / "mail.log", std::ios::app) << text; }

  void start() {
    stop();
    providers = *load_providers("", core::default_internal_networks());
    static const std::shared_ptr<const core::RuleSet> rules = *load_rules({}, *providers);
    const Checkpoint stored = ledger.load();
    health = std::make_unique<exporters::HealthMetrics>(exporters::BuildInfo{}, clock);
    store = std::make_unique<core::SeriesStore>(series_settings(config), providers, clock);
    ASSERT_TRUE(store->restore(stored.series));
    claimed = std::make_unique<ClaimedPaths>();
    worker = std::make_unique<Worker>(WorkerSettings{0, 1u << 20, tally_settings(config), {providers, rules}}, *claimed,
                                      clock, log);
    worker->add_source(config.sources[0], "");
    for (const auto& record : stored.correlation) {
      const auto [group, key] = split_correlation_key(record.key);
      ASSERT_TRUE(worker->restore_correlation(group, key, record.value));
    }
    StoredPositions positions;
    for (const auto& record : stored.positions) positions[record.key] = record.value;
    checkpointer = std::make_unique<Checkpointer>(
        CheckpointerSettings{.interval_ms = 1000, .grace_ms = 300'000},
        CheckpointerParts{*store, [this](const Checkpoint& c) { return ledger.commit(c); }, *health, clock, log},
        std::vector<Worker*>{worker.get()});
    checkpointer->loaded(stored.correlation);
    ASSERT_TRUE(worker->open(positions));
    checkpointer->publish();
    worker->start([] {});
  }

  /// As kill -9: what was not committed is gone.
  void stop() {
    if (worker) worker->stop();
    checkpointer.reset();
    worker.reset();
  }

  /// Reads to the end and makes it durable.
  void drain() {
    worker->drain();
    while (!checkpointer->drained() && !checkpointer->worker_died()) checkpointer->round();
  }

  /// The published sum of a family over the series whose labels contain `labels`.
  std::uint64_t published(core::Family family, const std::string& labels = "") const {
    const auto snapshot = checkpointer->snapshot();
    const auto& layout = *snapshot->families[static_cast<std::size_t>(family)];
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < layout.labels.size(); ++i) {
      if (layout.labels[i]->find(labels) != std::string::npos) sum += snapshot->values[layout.slots[i]];
    }
    return sum;
  }
  std::string health_text() const {
    std::string text;
    health->render(text);
    return text;
  }

  std::filesystem::path folder;
  RunClock clock;
  std::string logged;
  Log log{clock, [this](std::string_view line) { logged += line; }};
  Config config;
  MemoryLedger ledger;
  std::shared_ptr<const core::Providers> providers;
  std::unique_ptr<exporters::HealthMetrics> health;
  std::unique_ptr<core::SeriesStore> store;
  std::unique_ptr<ClaimedPaths> claimed;
  std::unique_ptr<Worker> worker;
  std::unique_ptr<Checkpointer> checkpointer;
};

}  // namespace dsnwatch::daemon
