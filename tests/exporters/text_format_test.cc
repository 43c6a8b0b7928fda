#include "exporters/prometheus/text_format.h"

#include <gtest/gtest.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <cmath>
#include <limits>

#include "tests/exporters/exposition_text.h"

namespace dsnwatch::exporters {
namespace {

std::string label(std::string_view value) {
  std::string out;
  append_label(out, "x", value);
  return out;
}

TEST(TextFormat, EscapesLabelValues) {
  EXPECT_EQ(label("plain"), R"(x="plain")");
  EXPECT_EQ(label(""), R"(x="")");
  EXPECT_EQ(label("a\"b\\c\nd"), R"(x="a\"b\\c\nd")");
  EXPECT_EQ(label("tab\there"), "x=\"tab\there\"");
  EXPECT_EQ(label("grün €  𝕏"), "x=\"grün €  𝕏\"");
}

TEST(TextFormat, InvalidUtf8NeverLeaves) {
  EXPECT_EQ(label("a\xff"
                  "b"),
            R"(x="a\\xffb")");
  EXPECT_EQ(label("\xc3"), R"(x="\\xc3")");                             // cut short
  EXPECT_EQ(label("\xc3\xc3\xa9"), "x=\"\\\\xc3\xc3\xa9\"");            // one byte lost, the next character kept
  EXPECT_EQ(label("\xc0\xaf"), R"(x="\\xc0\\xaf")");                    // overlong
  EXPECT_EQ(label("\xe0\x9f\xbf"), R"(x="\\xe0\\x9f\\xbf")");           // overlong
  EXPECT_EQ(label("\xed\xa0\x80"), R"(x="\\xed\\xa0\\x80")");           // a surrogate
  EXPECT_EQ(label("\xf4\x90\x80\x80"), R"(x="\\xf4\\x90\\x80\\x80")");  // above U+10FFFF
  EXPECT_EQ(label("\xf0\x8f\xbf\xbf"), R"(x="\\xf0\\x8f\\xbf\\xbf")");  // overlong
  EXPECT_EQ(label("\xf4\x8f\xbf\xbf"), "x=\"\xf4\x8f\xbf\xbf\"");       // the last one that is valid
}

TEST(TextFormat, EscapesHelpButNotItsQuotes) {
  std::string out;
  append_header(out, "x_total", "counter", "a \"b\" \\ c\nd");
  EXPECT_EQ(out, "# HELP x_total a \"b\" \\\\ c\\nd\n# TYPE x_total counter\n");
}

TEST(TextFormat, Values) {
  auto value = [](double number) {
    std::string out;
    append_value(out, number);
    return out;
  };
  EXPECT_EQ(value(0), "0");
  EXPECT_EQ(value(1), "1");
  EXPECT_EQ(value(-2.5), "-2.5");
  EXPECT_EQ(value(0.1), "0.1");
  EXPECT_EQ(value(1764000000.123456), "1764000000.123456");
  EXPECT_EQ(value(1e15), "1000000000000000");
  EXPECT_EQ(value(std::nan("")), "NaN");
  EXPECT_EQ(value(INFINITY), "+Inf");
  EXPECT_EQ(value(-INFINITY), "-Inf");
  for (const double extreme : {std::numeric_limits<double>::max(), std::numeric_limits<double>::lowest(),
                               std::numeric_limits<double>::denorm_min()}) {
    EXPECT_EQ(std::strtod(value(extreme).c_str(), nullptr), extreme);
  }
  std::string out;
  append_value(out, std::numeric_limits<std::uint64_t>::max());
  EXPECT_EQ(out, "18446744073709551615");
}

TEST(TextFormat, BoundsHaveAPoint) {
  std::string out;
  for (const double bound : {1.0, 0.25, 86400.0}) append_bound(out.append(" "), bound);
  append_bound(out.append(" "), INFINITY);
  EXPECT_EQ(out, " 1.0 0.25 86400.0 +Inf");
}

TEST(TextFormat, FamiliesReadAsPrometheusCppWritesThem) {
  prometheus::Registry registry;
  auto& counters = prometheus::BuildCounter().Name("a_total").Help("Counts a.").Register(registry);
  counters.Add({}).Increment(3);
  counters.Add({{"b", "x\"y\\z\nw"}, {"c", "grün"}}).Increment(1e10);
  auto& gauges = prometheus::BuildGauge().Name("g").Help("A gauge.").Register(registry);
  gauges.Add({{"l", "1"}}).Set(-0.5);
  gauges.Add({{"l", "2"}}).Set(INFINITY);
  auto& histograms = prometheus::BuildHistogram().Name("h_seconds").Help("A histogram.").Register(registry);
  auto& plain = histograms.Add({}, prometheus::Histogram::BucketBoundaries{0.5, 1, 2.5});
  auto& labelled = histograms.Add({{"l", "1"}}, prometheus::Histogram::BucketBoundaries{1});
  for (const double seconds : {0.1, 0.7, 0.7, 2.0, 99.25}) {
    plain.Observe(seconds);
    labelled.Observe(seconds * 2);
  }
  const auto families = registry.Collect();
  std::string ours;
  append_families(ours, families);
  EXPECT_NE(ours.find("le=\"1.0\""), std::string::npos);
  const Exposition mine = parse_exposition(ours);
  const Exposition theirs = parse_exposition(prometheus::TextSerializer().Serialize(families));
  EXPECT_EQ(mine.samples, theirs.samples);
  EXPECT_EQ(mine.help, theirs.help);
  EXPECT_EQ(mine.type, theirs.type);
  EXPECT_EQ(mine.samples.size(), 2u + 2 + 6 + 4);
}

}  // namespace
}  // namespace dsnwatch::exporters
