#include "exporters/prometheus/render.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <limits>

#include "core/series/families.h"
#include "tests/exporters/exposition_text.h"
#include "tests/exporters/snapshot_builder.h"

namespace dsnwatch::exporters {
namespace {

using core::Family;
using ::testing::HasSubstr;

std::string render(const core::Snapshot& snapshot, Audience audience = Audience::kPerson) {
  std::string out;
  render_mail_families(snapshot, audience, out);
  return out;
}

/// The lines of `text` that are no comments.
std::string samples_of(const std::string& text) {
  std::istringstream lines(text);
  std::string samples;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with('#')) samples += line + "\n";
  }
  return samples;
}

TEST(Render, CountersAsTheyAreInTheSnapshot) {
  const auto snapshot = SnapshotBuilder()
                            .add(Family::kAttempts, R"(mta="postfix",provider="google",result="bounced")", {7})
                            .add(Family::kBlocklistRejections, R"(blocklist="x\"y",source_ip="192.0.2.1")", {0})
                            .add(Family::kAttempts, R"(mta="postfix",provider="other",result="delivered")",
                                 {std::numeric_limits<std::uint64_t>::max()})
                            .add(Family::kUnclassified, "", {5})
                            .build();
  EXPECT_EQ(samples_of(render(*snapshot)),
            "dsnwatch_attempts_total{mta=\"postfix\",provider=\"google\",result=\"bounced\"} 7\n"
            "dsnwatch_attempts_total{mta=\"postfix\",provider=\"other\",result=\"delivered\"} 18446744073709551615\n"
            "dsnwatch_blocklist_rejections_total{blocklist=\"x\\\"y\",source_ip=\"192.0.2.1\"} 0\n"
            "dsnwatch_unclassified_total 5\n");
}

TEST(Render, HistogramIsCumulatedWithFloatBoundsAndSeconds) {
  const auto snapshot = SnapshotBuilder()
                            .add(Family::kDeliveryDelay, R"(provider="google",result="delivered")",
                                 {3, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 500'007'050})
                            .build();
  std::string expected;
  const std::string labels = "provider=\"google\",result=\"delivered\"";
  const char* const buckets[][2] = {{"1.0", "3"},      {"5.0", "3"},     {"15.0", "5"},    {"30.0", "5"},
                                    {"60.0", "5"},     {"300.0", "5"},   {"900.0", "5"},   {"1800.0", "5"},
                                    {"3600.0", "5"},   {"14400.0", "5"}, {"43200.0", "5"}, {"86400.0", "5"},
                                    {"432000.0", "5"}, {"+Inf", "6"}};
  for (const auto& [bound, count] : buckets) {
    expected += "dsnwatch_delivery_delay_seconds_bucket{" + labels + ",le=\"" + bound + "\"} " + count + "\n";
  }
  expected += "dsnwatch_delivery_delay_seconds_sum{" + labels + "} 500007.050\n";
  expected += "dsnwatch_delivery_delay_seconds_count{" + labels + "} 6\n";
  EXPECT_EQ(samples_of(render(*snapshot)), expected);
}

TEST(Render, HeldSeriesAreZeroForPrometheusOnly) {
  const auto snapshot =
      SnapshotBuilder()
          .add(Family::kUnclassified, R"(mta="a")", {40}, /*held=*/true)
          .add(Family::kUnclassified, R"(mta="b")", {41})
          .add(Family::kDeliveryDelay, R"(provider="p",result="r")", std::vector<std::uint64_t>(15, 9), /*held=*/true)
          .build();
  const Exposition person = parse_exposition(render(*snapshot, Audience::kPerson));
  EXPECT_EQ(person.samples.at("dsnwatch_unclassified_total{mta=a;}"), 40);
  EXPECT_EQ(person.samples.at("dsnwatch_delivery_delay_seconds_count{provider=p;result=r;}"), 9 * 14);

  const Exposition prometheus = parse_exposition(render(*snapshot, Audience::kPrometheus));
  EXPECT_EQ(prometheus.samples.size(), person.samples.size());
  for (const auto& [name, value] : prometheus.samples) {
    EXPECT_EQ(value, name == "dsnwatch_unclassified_total{mta=b;}" ? 41 : 0) << name;
  }
}

TEST(Render, EveryFamilyHasHelpAndTypeOnce) {
  core::Snapshot empty;
  empty.families.resize(core::kFamilyCount);
  const Exposition parsed = parse_exposition(render(empty));
  EXPECT_TRUE(parsed.samples.empty());
  EXPECT_EQ(parsed.help.size(), static_cast<std::size_t>(core::kFamilyCount));
  for (int i = 0; i < core::kFamilyCount; ++i) {
    const core::FamilyInfo& family = core::info(static_cast<Family>(i));
    EXPECT_EQ(parsed.type.at(std::string(family.name)), family.type);
    EXPECT_FALSE(parsed.help.at(std::string(family.name)).empty());
  }
  EXPECT_EQ(render(core::Snapshot{}), "");
}

TEST(Render, AppendsBehindWhatIsThere) {
  std::string out = "before\n";
  render_mail_families(*SnapshotBuilder().add(Family::kUnclassified, "mta=\"a\"", {1}).build(), Audience::kPerson, out);
  EXPECT_THAT(out, ::testing::StartsWith("before\n# HELP "));
}

/// The same numbers in prometheus-cpp and in a snapshot.
TEST(Render, ReadsAsPrometheusCppWritesIt) {
  prometheus::Registry registry;
  SnapshotBuilder builder;
  const core::FamilyInfo& about = core::info(Family::kDomainAttempts);
  auto& counters =
      prometheus::BuildCounter().Name(std::string(about.name)).Help(std::string(about.help)).Register(registry);
  for (int i = 0; i < 1000; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".example";
    builder.add(Family::kDomainAttempts, "provider=\"p\",domain=\"" + domain + "\",result=\"bounced\"",
                {static_cast<std::uint64_t>(i) * 1'000'003});
    counters.Add({{"provider", "p"}, {"domain", domain}, {"result", "bounced"}}).Increment(i * 1'000'003.0);
  }
  const core::FamilyInfo& delay = core::info(Family::kDeliveryDelay);
  auto& histogram =
      prometheus::BuildHistogram()
          .Name(std::string(delay.name))
          .Help(std::string(delay.help))
          .Register(registry)
          .Add({{"provider", "p"}, {"result", "delivered"}},
               prometheus::Histogram::BucketBoundaries(core::kDelayBuckets.begin(), core::kDelayBuckets.end()));
  std::vector<std::uint64_t> counts(core::kDelayBuckets.size() + 2);
  for (std::size_t i = 0; i < 200; ++i) {
    const std::uint64_t ms = i * i * i * 100;
    histogram.Observe(static_cast<double>(ms) / 1000);
    const auto bucket =
        std::lower_bound(core::kDelayBuckets.begin(), core::kDelayBuckets.end(), static_cast<double>(ms) / 1000);
    ++counts[static_cast<std::size_t>(bucket - core::kDelayBuckets.begin())];
    counts.back() += ms;
  }
  builder.add(Family::kDeliveryDelay, "provider=\"p\",result=\"delivered\"", counts);

  const Exposition ours = parse_exposition(render(*builder.build()));
  const Exposition theirs = parse_exposition(prometheus::TextSerializer().Serialize(registry.Collect()));
  ASSERT_EQ(ours.samples.size(), theirs.samples.size());
  for (const auto& [name, value] : theirs.samples) EXPECT_DOUBLE_EQ(ours.samples.at(name), value) << name;
  for (const auto& [name, type] : theirs.type) EXPECT_EQ(ours.type.at(name), type);
  for (const auto& [name, help] : theirs.help) EXPECT_EQ(ours.help.at(name), help);
}

TEST(Render, HundredThousandSeries) {
  SnapshotBuilder builder;
  for (int i = 0; i < 100'000; ++i) {
    builder.add(Family::kDomainRejections,
                "provider=\"other\",domain=\"d" + std::to_string(i) +
                    ".example\",result=\"bounced\",enhanced_code=\"5.7.1\",cause=\"policy\"",
                {static_cast<std::uint64_t>(i)}, i % 2 == 0);
  }
  const Exposition parsed = parse_exposition(render(*builder.build(), Audience::kPrometheus));
  ASSERT_EQ(parsed.samples.size(), 100'000u);
  double sum = 0;
  for (const auto& [name, value] : parsed.samples) sum += value;
  EXPECT_EQ(sum, 2.5e9);  // the odd numbers below 100,000
}

}  // namespace
}  // namespace dsnwatch::exporters
