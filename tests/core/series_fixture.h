#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/classify/verdict.h"
#include "core/clock.h"
#include "core/providers.h"
#include "core/series/series_store.h"
#include "core/series/tally.h"

namespace dsnwatch::core::testing {

inline constexpr MonotonicMs kSecond = 1'000;
inline constexpr MonotonicMs kMinute = 60 * kSecond;
inline constexpr MonotonicMs kHour = 60 * kMinute;

/// Stands still until a test moves it; both times move together.
class FakeClock final : public Clock {
 public:
  MonotonicMs monotonic_ms() const override { return monotonic_; }
  std::int64_t unix_us() const override { return unix_ms_ * 1000; }
  void pass(MonotonicMs ms) {
    monotonic_ += ms;
    unix_ms_ += ms;
  }
  /// Another boot: the monotonic clock begins anew, the wall clock goes on.
  void reboot() { monotonic_ = 5 * kSecond; }

 private:
  MonotonicMs monotonic_ = 1'000 * kSecond;
  std::int64_t unix_ms_ = 1'700'000'000'000;
};

inline std::shared_ptr<const Providers> make_providers(const std::vector<std::string>& ids = {"google", "yahoo"}) {
  std::vector<ProviderSpec> specs;
  for (const std::string& id : ids) {
    ProviderSpec spec;
    spec.id = spec.title = id;
    spec.mx_suffixes = {id + ".example"};
    specs.push_back(spec);
  }
  auto built = Providers::build(specs, default_internal_networks());
  EXPECT_TRUE(built.has_value());
  return *built;
}

/// An outbound attempt and its verdict, with what most tests need filled in.
struct Sample {
  Attempt attempt;
  Verdict verdict;
};

inline Sample delivered(std::string_view recipient, std::uint32_t count = 1) {
  Sample sample;
  sample.attempt.recipient = recipient;
  sample.attempt.has_sender = true;
  sample.attempt.sender = "news@shop.example";
  sample.attempt.count = count;
  return sample;
}

inline Sample bounced(std::string_view recipient, Cause cause = Cause::kPolicy, EnhancedStatus status = {5, 7, 1},
                      std::uint32_t count = 1) {
  Sample sample = delivered(recipient, count);
  sample.attempt.result = AttemptResult::kBounced;
  sample.verdict.cause = cause;
  sample.verdict.enhanced = status;
  sample.verdict.smtp_code = 550;
  return sample;
}

/// The transaction that the ledger would make, in memory.
using Disk = std::map<std::string, std::string>;

inline void commit_to(Disk& disk, const std::vector<StoredRecord>& records) {
  for (const StoredRecord& record : records) {
    if (record.erase) {
      disk.erase(record.key);
    } else {
      disk[record.key] = record.value;
    }
  }
}

inline std::vector<StoredRecord> contents(const Disk& disk) {
  std::vector<StoredRecord> records;
  for (const auto& [key, value] : disk) records.push_back({key, value, false});
  return records;
}

/// `dsnwatch_attempts_total{mta="postfix",…}` → value. Of a histogram: the number of observations.
using Scrape = std::map<std::string, std::uint64_t>;

enum class View { kPublished, kTrue };

inline Scrape scrape(const Snapshot& snapshot, View view) {
  Scrape values;
  for (std::size_t number = 0; number < snapshot.families.size(); ++number) {
    const auto family = static_cast<Family>(number);
    const Snapshot::Layout& layout = *snapshot.families[number];
    EXPECT_EQ(layout.labels.size(), layout.slots.size());
    for (std::size_t at = 0; at < layout.slots.size(); ++at) {
      const std::uint32_t slot = layout.slots[at];
      std::uint64_t value = snapshot.values[slot];
      if (family == Family::kDeliveryDelay) {
        for (std::size_t bucket = 1; bucket <= kDelayBuckets.size(); ++bucket) value += snapshot.values[slot + bucket];
      }
      if (view == View::kPublished && snapshot.held[slot] != 0) value = 0;
      const std::string name = std::string(info(family).name) + "{" + *layout.labels[at] + "}";
      EXPECT_TRUE(values.emplace(name, value).second) << "twice: " << name;
    }
  }
  return values;
}

/// A daemon in small: one tally, one store, a disk; what a checkpoint does, in its order.
class Daemon {
 public:
  explicit Daemon(FakeClock& clock, SeriesSettings settings = {}, TallySettings tally_settings = {},
                  std::shared_ptr<const Providers> providers = make_providers())
      : clock_(clock),
        settings_(settings),
        providers_(std::move(providers)),
        tally_(std::make_shared<const TallySettings>(std::move(tally_settings))) {
    start();
  }

  void count(const Sample& sample) { tally_.add(sample.attempt, sample.verdict); }

  void checkpoint() {
    merge();
    store_->advance();
    commit_to(disk_, store_->changes());
    store_->committed();
    snapshot_ = store_->snapshot();
  }

  void merge() {
    store_->merge(tally_);
    tally_.clear();
  }

  /// kill -9 and a start over the same disk; what no checkpoint took is read again by the sources, not here.
  void restart() {
    tally_.clear();
    start();
  }
  void restart(SeriesSettings settings, std::shared_ptr<const Providers> providers) {
    settings_ = settings;
    providers_ = std::move(providers);
    restart();
  }

  Scrape published() const { return scrape(*snapshot_, View::kPublished); }
  Scrape totals() const { return scrape(*snapshot_, View::kTrue); }
  SeriesStore& store() { return *store_; }
  Tally& tally() { return tally_; }
  Disk& disk() { return disk_; }
  const Snapshot& snapshot() const { return *snapshot_; }

  Snapshot::LabelUse use(BoundedLabel label) const {
    for (const auto& use : snapshot_->label_use) {
      if (use.label == label) return use;
    }
    return {label, 0, 0, 0};
  }

 private:
  void start() {
    store_ = std::make_unique<SeriesStore>(settings_, providers_, clock_);
    const auto restored = store_->restore(contents(disk_));
    EXPECT_TRUE(restored.has_value()) << restored.error().message;
    store_->advance();
    snapshot_ = store_->snapshot();
  }

  FakeClock& clock_;
  SeriesSettings settings_;
  std::shared_ptr<const Providers> providers_;
  Tally tally_;
  Disk disk_;
  std::unique_ptr<SeriesStore> store_;
  std::shared_ptr<const Snapshot> snapshot_;
};

/// increase() as Prometheus computes it from scrapes: the first value of a series counts nothing, a drop is a reset.
class Prometheus {
 public:
  void scrape(const Scrape& values) {
    for (const auto& [name, value] : values) {
      const auto before = last_.find(name);
      if (before != last_.end()) {
        const std::uint64_t increase = value >= before->second ? value - before->second : value;
        increases_[name.substr(0, name.find('{'))] += increase;
      }
    }
    last_ = values;
  }

  std::uint64_t increase(const std::string& family) const {
    const auto found = increases_.find(family);
    return found == increases_.end() ? 0 : found->second;
  }

 private:
  Scrape last_;
  std::map<std::string, std::uint64_t> increases_;
};

}  // namespace dsnwatch::core::testing
