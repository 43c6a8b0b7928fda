#include "exporters/prometheus/metrics_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "core/clock.h"
#include "exporters/http/server.h"
#include "tests/exporters/exposition_text.h"
#include "tests/exporters/raw_client.h"
#include "tests/exporters/snapshot_builder.h"

namespace dsnwatch::exporters {
namespace {

using core::Family;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A live server with everything on its /metrics.
class MetricsPageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ServerSettings settings;
    settings.listen = "127.0.0.1:0";
    auto server = Server::listen(settings);
    ASSERT_TRUE(server) << server.error().message;
    server_ = std::move(*server);
    server_->route("/metrics",
                   metrics_page(
                       health_, [this] { return std::atomic_load(&snapshot_); },
                       [this](const std::shared_ptr<const core::Snapshot>& shown) { shown_.store(shown.get()); }));
    server_->on_answer([this](std::string_view path, unsigned status) { health_.count_request(path, status); });
    server_->start();
  }

  void publish(std::shared_ptr<const core::Snapshot> snapshot) { std::atomic_store(&snapshot_, std::move(snapshot)); }

  std::string get(std::string_view headers = "") {
    RawClient client(server_->address());
    client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + std::string(headers) + "\r\n");
    return client.read_to_end();
  }

  core::SystemClock clock_;
  HealthMetrics health_{{"1", "r", "c"}, clock_};
  std::shared_ptr<const core::Snapshot> snapshot_;
  std::atomic<const core::Snapshot*> shown_ = nullptr;
  std::unique_ptr<Server> server_;
};

std::shared_ptr<const core::Snapshot> full_snapshot() {
  SnapshotBuilder builder;
  for (int i = 0; i < core::kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    std::string labels;
    for (const std::string_view label : core::info(family).labels) {
      labels += (labels.empty() ? "" : ",") + std::string(label) + "=\"v\\\"\\\\\\n\"";
    }
    builder.add(family, labels, std::vector<std::uint64_t>(core::info(family).type == "histogram" ? 15 : 1, 3));
  }
  return builder.use(core::BoundedLabel::kDomain, 1, 1000, 2).build();
}

constexpr std::string_view kPrometheusHeader = "X-Prometheus-Scrape-Timeout-Seconds: 10\r\n";

TEST_F(MetricsPageTest, ContentTypeNamesTheVersionWhateverIsAccepted) {
  for (const std::string accept :
       {"", "Accept: application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5\r\n",
        "Accept: text/html\r\n"}) {
    EXPECT_THAT(get(accept), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"),
                                   HasSubstr("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n")));
  }
}

TEST_F(MetricsPageTest, HealthIsThereBeforeTheLedger) {
  const Exposition parsed = parse_exposition(body_of(get(kPrometheusHeader)));
  EXPECT_EQ(parsed.samples.count("dsnwatch_rules_loaded{}"), 1u);
  EXPECT_EQ(parsed.type.count("dsnwatch_attempts_total"), 0u);
  server_->stop();
  EXPECT_EQ(shown_.load(), nullptr) << "no mail series was shown";
}

TEST_F(MetricsPageTest, HeldSeriesAndWhoHasSeenThem) {
  const auto snapshot = SnapshotBuilder().add(Family::kUnclassified, "mta=\"m\"", {9}, /*held=*/true).build();
  publish(snapshot);
  EXPECT_THAT(get(), HasSubstr("dsnwatch_unclassified_total{mta=\"m\"} 9\n"));
  EXPECT_EQ(shown_.load(), nullptr);
  EXPECT_THAT(get(kPrometheusHeader), HasSubstr("dsnwatch_unclassified_total{mta=\"m\"} 0\n"));
  server_->stop();
  EXPECT_EQ(shown_.load(), snapshot.get());
}

TEST_F(MetricsPageTest, LabelUseComesFromTheSnapshot) {
  publish(full_snapshot());
  EXPECT_THAT(get(), HasSubstr("dsnwatch_label_values_limit{label=\"domain\"} 1000\n"));
}

TEST_F(MetricsPageTest, PromtoolFindsNothing) {
  SourceHealth source;
  source.last_event_us = source.last_late_us = 1'764'000'000'000'000;
  source.unparsed_total = {{"malformed", 1}};
  health_.set_source("/var/log/\xff\"mail\\.log", source);
  health_.checkpoint_succeeded(0.1);
  publish(full_snapshot());
  get();
  for (const std::string& text : {body_of(get(kPrometheusHeader)), body_of(get())}) {
    const std::filesystem::path file =
        std::filesystem::temp_directory_path() / ("dsnwatch_metrics_page_test." + std::to_string(getpid()));
    std::ofstream(file) << text;
    FILE* promtool = popen(("promtool check metrics < '" + file.string() + "' 2>&1").c_str(), "r");
    ASSERT_NE(promtool, nullptr);
    std::string findings;
    for (char chunk[4096]; std::fgets(chunk, sizeof chunk, promtool) != nullptr;) findings += chunk;
    EXPECT_EQ(pclose(promtool), 0) << findings;
    EXPECT_EQ(findings, "");
    std::filesystem::remove(file);
  }
}

/// Run under TSan: snapshots are published and health is filled while several clients scrape.
TEST_F(MetricsPageTest, ScrapedWhileCounting) {
  constexpr int kRounds = 200;
  publish(SnapshotBuilder().add(Family::kUnclassified, "mta=\"m\"", {0}).build());
  std::thread counting([this] {
    SourceHealth source;
    for (int i = 1; i <= kRounds; ++i) {
      publish(SnapshotBuilder()
                  .add(Family::kUnclassified, "mta=\"m\"", {static_cast<std::uint64_t>(i)})
                  .use(core::BoundedLabel::kDomain, 1, 2, static_cast<std::uint64_t>(i))
                  .build());
      source.lines_total = static_cast<std::uint64_t>(i);
      health_.set_source("s", source);
      health_.checkpoint_succeeded(0.001);
    }
  });
  std::vector<std::thread> scraping;
  std::atomic<int> backwards = 0;
  for (int i = 0; i < 2; ++i) {
    scraping.emplace_back([&] {
      double last = 0;
      for (int n = 0; n < 20; ++n) {
        const double now =
            parse_exposition(body_of(get(kPrometheusHeader))).samples["dsnwatch_unclassified_total{mta=m;}"];
        if (now < last) ++backwards;
        last = now;
      }
    });
  }
  counting.join();
  for (std::thread& thread : scraping) thread.join();
  EXPECT_EQ(backwards, 0);
  EXPECT_THAT(get(), HasSubstr("dsnwatch_unclassified_total{mta=\"m\"} " + std::to_string(kRounds) + "\n"));
}

}  // namespace
}  // namespace dsnwatch::exporters
