#include "exporters/prometheus/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "exporters/prometheus/health_catalogue.h"
#include "tests/exporters/exposition_text.h"

namespace dsnwatch::exporters {
namespace {

using ::testing::Contains;
using ::testing::Key;
using ::testing::Not;

class SetClock final : public core::Clock {
 public:
  core::MonotonicMs monotonic_ms() const override { return now_ms; }
  std::int64_t unix_us() const override { return 1'764'000'000'000'000 + now_ms * 1000; }
  std::atomic<core::MonotonicMs> now_ms = 1000;
};

class HealthTest : public ::testing::Test {
 protected:
  Exposition shown() {
    std::string out;
    health_.render(out);
    return parse_exposition(out);
  }
  double value(const std::string& series) {
    const auto samples = shown().samples;
    const auto found = samples.find(series);
    EXPECT_NE(found, samples.end()) << series;
    return found == samples.end() ? -1 : found->second;
  }

  SetClock clock_;
  HealthMetrics health_{{"1.2.3", "abc", "g++ 12"}, clock_};
};

TEST_F(HealthTest, ShowsASource) {
  SourceHealth source;
  source.up = true;
  source.lines_total = 10;
  source.bytes_total = 2000;
  source.backlog_bytes = 30;
  source.backlog_seconds = 4.5;
  source.last_event_us = 1'764'000'000'500'000;
  source.rotations_total = 1;
  source.truncations_total = 2;
  source.bytes_lost_total = 3;
  source.unparsed_total = {{"malformed", 4}, {"too_long", 0}};
  health_.set_source("/var/log/mail.log", source);
  const Exposition now = shown();
  const std::string labels = "{source=/var/log/mail.log;}";
  EXPECT_EQ(now.samples.at("dsnwatch_source_up" + labels), 1);
  EXPECT_EQ(now.samples.at("dsnwatch_source_lines_total" + labels), 10);
  EXPECT_EQ(now.samples.at("dsnwatch_source_bytes_total" + labels), 2000);
  EXPECT_EQ(now.samples.at("dsnwatch_source_backlog_bytes" + labels), 30);
  EXPECT_EQ(now.samples.at("dsnwatch_source_backlog_seconds" + labels), 4.5);
  EXPECT_EQ(now.samples.at("dsnwatch_source_last_event_timestamp_seconds" + labels), 1764000000.5);
  EXPECT_EQ(now.samples.at("dsnwatch_source_rotations_total" + labels), 1);
  EXPECT_EQ(now.samples.at("dsnwatch_source_truncations_total" + labels), 2);
  EXPECT_EQ(now.samples.at("dsnwatch_source_bytes_lost_total" + labels), 3);
  EXPECT_EQ(now.samples.at("dsnwatch_source_unparsed_total{reason=malformed;source=/var/log/mail.log;}"), 4);
  EXPECT_EQ(now.samples.at("dsnwatch_source_unparsed_total{reason=too_long;source=/var/log/mail.log;}"), 0);
  EXPECT_THAT(now.samples, Not(Contains(Key("dsnwatch_source_last_late_timestamp_seconds" + labels))))
      << "never late: 0 would mean 1970";
  source.last_late_us = 1'764'000'001'000'000;
  health_.set_source("/var/log/mail.log", source);
  EXPECT_EQ(value("dsnwatch_source_last_late_timestamp_seconds" + labels), 1764000001);
}

TEST_F(HealthTest, TotalsOfAReopenedSourceGoOn) {
  SourceHealth source;
  for (const std::uint64_t lines : {5, 8, 2, 3}) {
    source.lines_total = lines;
    health_.set_source("x", source);
  }
  EXPECT_EQ(value("dsnwatch_source_lines_total{source=x;}"), 8 + 3);
}

TEST_F(HealthTest, OddSourceNamesStayApartAndReadable) {
  health_.set_source("a\xff", {});
  health_.set_source("a\xfe\"\n\\", {});
  EXPECT_EQ(value("dsnwatch_source_up{source=a\\xff;}"), 0);
  EXPECT_EQ(value("dsnwatch_source_up{source=a\\xfe\"\n\\;}"), 0);
}

TEST_F(HealthTest, CheckpointAgeGrowsUntilOneSucceeds) {
  clock_.now_ms = 4500;
  EXPECT_EQ(value("dsnwatch_checkpoint_age_seconds{}"), 3.5) << "since the start";
  health_.checkpoint_failed();
  EXPECT_EQ(value("dsnwatch_checkpoint_age_seconds{}"), 3.5);
  health_.checkpoint_succeeded(0.02);
  clock_.now_ms = 4600;
  EXPECT_EQ(value("dsnwatch_checkpoint_age_seconds{}"), 0.1);
  EXPECT_EQ(value("dsnwatch_checkpoint_failures_total{}"), 1);
  EXPECT_EQ(value("dsnwatch_checkpoint_duration_seconds_count{}"), 1);
  EXPECT_EQ(value("dsnwatch_checkpoint_duration_seconds_bucket{le=0.025000;}"), 1);
  EXPECT_EQ(value("dsnwatch_checkpoint_duration_seconds_bucket{le=0.010000;}"), 0);
}

TEST_F(HealthTest, ReloadKeepsTheTimeOfTheLastGoodOne) {
  EXPECT_EQ(value("dsnwatch_config_last_reload_successful{}"), 1);
  EXPECT_EQ(value("dsnwatch_config_last_reload_timestamp_seconds{}"), 1764000001);
  clock_.now_ms = 9000;
  health_.reloaded(false);
  EXPECT_EQ(value("dsnwatch_config_last_reload_successful{}"), 0);
  EXPECT_EQ(value("dsnwatch_config_last_reload_timestamp_seconds{}"), 1764000001);
  health_.reloaded(true);
  EXPECT_EQ(value("dsnwatch_config_last_reload_successful{}"), 1);
  EXPECT_EQ(value("dsnwatch_config_last_reload_timestamp_seconds{}"), 1764000009);
}

TEST_F(HealthTest, ShowsTheRest) {
  health_.set_ledger_degraded(true);
  health_.set_rules_loaded(81);
  health_.set_correlation_evictions(3);
  health_.set_correlation_evictions(7);
  health_.count_request("/metrics", 200);
  health_.count_request("/metrics", 200);
  health_.count_request("other", 404);
  health_.set_label_use({{core::BoundedLabel::kSourceIp, 3, 256, 9}, {core::BoundedLabel::kClientIp, 0, 1000, 0}});
  const Exposition now = shown();
  EXPECT_EQ(now.samples.at("dsnwatch_ledger_degraded{}"), 1);
  EXPECT_EQ(now.samples.at("dsnwatch_rules_loaded{}"), 81);
  EXPECT_EQ(now.samples.at("dsnwatch_correlation_evictions_total{}"), 7);
  EXPECT_EQ(now.samples.at("dsnwatch_http_requests_total{code=200;path=/metrics;}"), 2);
  EXPECT_EQ(now.samples.at("dsnwatch_http_requests_total{code=404;path=other;}"), 1);
  EXPECT_EQ(now.samples.at("dsnwatch_label_values{label=source_ip;}"), 3);
  EXPECT_EQ(now.samples.at("dsnwatch_label_values_limit{label=source_ip;}"), 256);
  EXPECT_EQ(now.samples.at("dsnwatch_label_values_overflowed_total{label=source_ip;}"), 9);
  EXPECT_EQ(now.samples.at("dsnwatch_label_values_limit{label=client_ip;}"), 1000);
  EXPECT_EQ(now.samples.at("dsnwatch_build_info{compiler=g++ 12;revision=abc;version=1.2.3;}"), 1);
  health_.set_ledger_degraded(false);
  EXPECT_EQ(value("dsnwatch_ledger_degraded{}"), 0);
}

TEST_F(HealthTest, ProcessMetricsAreThisProcess) {
  const Exposition now = shown();
  const double resident = now.samples.at("process_resident_memory_bytes{}");
  EXPECT_GT(resident, 1e6);
  EXPECT_LT(resident, now.samples.at("process_virtual_memory_bytes{}") + 1);
  EXPECT_LT(std::abs(now.samples.at("process_start_time_seconds{}") - static_cast<double>(time(nullptr))), 3600.0);
  const double open = now.samples.at("process_open_fds{}");
  EXPECT_LE(open, now.samples.at("process_max_fds{}"));
  const int extra = dup(0);
  EXPECT_EQ(value("process_open_fds{}"), open + 1);
  close(extra);
  const double before = now.samples.at("process_cpu_seconds_total{}");
  while (value("process_cpu_seconds_total{}") < before + 0.02) {
  }
}

/// What is shown is what `metrics list` says: names, types, helps and labels.
TEST_F(HealthTest, APartitionThatWentAwayTakesItsLagAlong) {
  KafkaHealth kafka;
  kafka.partitions = {{"mail", 0, 5, 1}, {"mail", 1, 9, 2}};
  health_.set_kafka("s", kafka);
  kafka.partitions = {{"mail", 1, 4, 2}, {"mail", 2, 0, 0}};
  health_.set_kafka("s", kafka);
  const Exposition now = shown();
  std::vector<std::string> lags;
  for (const auto& [sample, value] : now.samples) {
    if (sample.starts_with("dsnwatch_kafka_lag_messages")) lags.push_back(sample);
  }
  ASSERT_EQ(lags.size(), 2U);
  for (const std::string& sample : lags) EXPECT_EQ(sample.find("partition=0"), std::string::npos) << sample;
}

TEST_F(HealthTest, ShowsExactlyTheCatalogue) {
  SourceHealth source;
  source.last_event_us = source.last_late_us = 1;
  source.unparsed_total = {{"malformed", 0}};
  health_.set_source("s", source);
  KafkaHealth kafka;
  kafka.partitions = {{"mail", 3, 7, 1.5}};
  kafka.topics["mail"] = {};
  kafka.errors_total["_TRANSPORT"] = 1;
  health_.set_kafka("s", kafka);
  health_.count_request("/", 200);
  health_.set_label_use({{core::BoundedLabel::kDomain, 0, 0, 0}});
  const Exposition now = shown();
  std::set<std::string> names;
  for (const HealthInfo& about : health_catalogue()) {
    const std::string name(about.name);
    EXPECT_TRUE(names.insert(name).second) << name << " stands twice in the catalogue";
    ASSERT_THAT(now.type, Contains(Key(name)));
    EXPECT_EQ(now.type.at(name), about.type);
    EXPECT_EQ(now.help.at(name), about.help);
    std::set<std::string> expected(about.labels.begin(), about.labels.end()), seen;
    const std::string sample = about.type == "histogram" ? name + "_count{" : name + "{";
    const auto series = now.samples.lower_bound(sample);
    ASSERT_TRUE(series != now.samples.end() && series->first.starts_with(sample)) << name;
    std::istringstream labels(series->first.substr(sample.size()));
    for (std::string label; std::getline(labels, label, ';') && label != "}";) {
      seen.insert(label.substr(0, label.find('=')));
    }
    EXPECT_EQ(seen, expected) << name;
  }
  EXPECT_EQ(now.type.size(), names.size());
}

TEST_F(HealthTest, AllThreadsAtOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      SourceHealth source;
      for (int i = 1; i <= 200; ++i) {
        source.lines_total = static_cast<std::uint64_t>(i);
        source.last_event_us = i;
        source.unparsed_total = {{"malformed", static_cast<std::uint64_t>(i)}};
        health_.set_source("s" + std::to_string(t), source);
        health_.checkpoint_succeeded(0.001);
        health_.count_request("/metrics", 200);
        health_.reloaded(i % 2 == 0);
        health_.set_label_use({{core::BoundedLabel::kDomain, 1, 2, 0}});
      }
    });
  }
  for (int i = 0; i < 20; ++i) shown();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(value("dsnwatch_source_lines_total{source=s3;}"), 200);
  EXPECT_EQ(value("dsnwatch_http_requests_total{code=200;path=/metrics;}"), 800);
  EXPECT_EQ(value("dsnwatch_checkpoint_duration_seconds_count{}"), 800);
}

}  // namespace
}  // namespace dsnwatch::exporters
