// What counting costs: per attempt in a worker, and per checkpoint over 100,000 series.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "core/classify/verdict.h"
#include "core/clock.h"
#include "core/providers.h"
#include "core/series/series_store.h"
#include "core/series/tally.h"

namespace {

using namespace dsnwatch::core;

struct Sample {
  std::string recipient, sender;
  Attempt attempt;
  Verdict verdict;
};

/// Mail to `domains` domains, every third rejected for one of `causes` causes.
std::vector<Sample> make_mail(std::size_t count, std::size_t domains, std::size_t causes) {
  std::vector<Sample> mail(count);
  for (std::size_t at = 0; at < count; ++at) {
    Sample& sample = mail[at];
    sample.recipient = "user" + std::to_string(at) + "@domain" + std::to_string(at * 7919 % domains) + ".example";
    sample.sender = "news@sender" + std::to_string(at % 40) + ".example";
    sample.attempt.recipient = sample.recipient;
    sample.attempt.sender = sample.sender;
    sample.attempt.has_sender = true;
    sample.attempt.delay = static_cast<double>(at % 100);
    if (at % 3 != 0) continue;
    sample.attempt.result = at % 2 == 0 ? AttemptResult::kBounced : AttemptResult::kDeferred;
    sample.verdict.cause = static_cast<Cause>(1 + at * 31 % causes);
    sample.verdict.enhanced = {5, 7, 1};
    sample.verdict.smtp_code = 550;
  }
  return mail;
}

Tally make_tally() {
  return Tally(std::make_shared<const TallySettings>());
}

void BM_TallyAdd(benchmark::State& state) {
  const std::vector<Sample> mail = make_mail(20'000, static_cast<std::size_t>(state.range(0)), 20);
  Tally tally = make_tally();
  for (const Sample& sample : mail) tally.add(sample.attempt, sample.verdict);
  std::size_t at = 0;
  for (auto _ : state) {
    tally.add(mail[at].attempt, mail[at].verdict);
    if (++at == mail.size()) at = 0;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_TallyAdd)->Arg(50)->Arg(1'000)->Arg(10'000);

/// A store with about 100,000 series, committed once.
class StoreOf100k {
 public:
  StoreOf100k() : store_(settings(), *Providers::build({}, {}), clock_), tally_(make_tally()) {
    for (std::size_t cause = 0; cause < 20; ++cause) {
      for (std::size_t domain = 0; domain < 2'400; ++domain) {
        const std::string recipient = "u@d" + std::to_string(domain) + ".example";
        Sample sample;
        sample.attempt.recipient = recipient;
        sample.verdict.cause = static_cast<Cause>(1 + cause);
        sample.verdict.enhanced = {5, 7, 1};
        for (const AttemptResult result : {AttemptResult::kBounced, AttemptResult::kDeferred}) {
          sample.attempt.result = result;
          tally_.add(sample.attempt, sample.verdict);
        }
      }
    }
    merge();
    store_.committed();
    store_.snapshot();
  }

  void merge() {
    store_.merge(tally_);
    store_.advance();
  }
  SeriesStore& store() { return store_; }
  Tally& tally() { return tally_; }

 private:
  static SeriesSettings settings() {
    SeriesSettings settings;
    settings.domains = 10'000;
    settings.series_per_family = 200'000;
    return settings;
  }

  SystemClock clock_;
  SeriesStore store_;
  Tally tally_;
};

void BM_CheckpointWhereEverySeriesChanged(benchmark::State& state) {
  StoreOf100k all;
  for (auto _ : state) {
    all.merge();
    benchmark::DoNotOptimize(all.store().changes());
    all.store().committed();
  }
  const auto snapshot = all.store().snapshot();
  std::size_t series = 0;
  for (const auto& family : snapshot->families) series += family->slots.size();
  state.counters["series"] = static_cast<double>(series);
}
BENCHMARK(BM_CheckpointWhereEverySeriesChanged)->Unit(benchmark::kMillisecond);

void BM_CheckpointWhereFewSeriesChanged(benchmark::State& state) {
  StoreOf100k all;
  const std::vector<Sample> mail = make_mail(100, 50, 5);
  all.tally().clear();
  for (const Sample& sample : mail) all.tally().add(sample.attempt, sample.verdict);
  for (auto _ : state) {
    all.merge();
    benchmark::DoNotOptimize(all.store().changes());
    all.store().committed();
  }
}
BENCHMARK(BM_CheckpointWhereFewSeriesChanged)->Unit(benchmark::kMillisecond);

void BM_Snapshot(benchmark::State& state) {
  StoreOf100k all;
  for (auto _ : state) benchmark::DoNotOptimize(all.store().snapshot());
}
BENCHMARK(BM_Snapshot)->Unit(benchmark::kMillisecond);

void BM_SnapshotAfterABirth(benchmark::State& state) {
  StoreOf100k all;
  std::size_t born = 0;
  for (auto _ : state) {
    state.PauseTiming();
    const std::string recipient = "u@new" + std::to_string(born++) + ".example";
    Sample sample;
    sample.attempt.recipient = recipient;
    sample.attempt.result = AttemptResult::kBounced;
    all.tally().clear();
    all.tally().add(sample.attempt, sample.verdict);
    all.merge();
    state.ResumeTiming();
    benchmark::DoNotOptimize(all.store().snapshot());
  }
}
BENCHMARK(BM_SnapshotAfterABirth)->Unit(benchmark::kMillisecond)->Iterations(200);

void BM_Restore(benchmark::State& state) {
  StoreOf100k all;
  SystemClock clock;
  SeriesSettings settings;
  settings.domains = 10'000;
  settings.series_per_family = 200'000;
  all.merge();
  // Everything is new to a store that never committed: its changes are the whole ledger.
  SeriesStore fresh(settings, *Providers::build({}, {}), clock);
  fresh.merge(all.tally());
  const std::vector<StoredRecord> records = fresh.changes();
  for (auto _ : state) {
    SeriesStore store(settings, *Providers::build({}, {}), clock);
    if (!store.restore(records)) state.SkipWithError("restore failed");
  }
  state.counters["records"] = static_cast<double>(records.size());
}
BENCHMARK(BM_Restore)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
