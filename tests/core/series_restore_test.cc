#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "tests/core/series_fixture.h"

// What a checkpoint writes and the next process reads.
namespace dsnwatch::core::testing {
namespace {

std::vector<Sample> mixed_samples() {
  std::vector<Sample> samples;
  static const std::vector<std::string> domains = [] {
    std::vector<std::string> names;
    for (int number = 0; number < 50; ++number) names.push_back("u@d" + std::to_string(number) + ".example");
    return names;
  }();
  for (std::size_t number = 0; number < domains.size(); ++number) {
    Sample sample = number % 3 == 0 ? delivered(domains[number])
                                    : bounced(domains[number], static_cast<Cause>(number % kCauseCount));
    sample.verdict.provider = static_cast<ProviderId>(number % 4);
    sample.attempt.delay = static_cast<double>(number * number);
    if (number % 5 == 0) sample.verdict.blocklist = kOtherBlocklist;
    if (number % 7 == 0) sample.attempt.kind = Kind::kInbound;
    samples.push_back(sample);
  }
  return samples;
}

std::size_t families_in(const Scrape& values, const std::string& name) {
  return static_cast<std::size_t>(std::count_if(
      values.begin(), values.end(), [&](const auto& entry) { return entry.first.starts_with(name + "{"); }));
}

TEST(SeriesRestore, ARestartChangesNothing) {
  FakeClock clock;
  Daemon daemon(clock);
  for (const Sample& sample : mixed_samples()) daemon.count(sample);
  daemon.checkpoint();
  clock.pass(100 * kSecond);
  daemon.checkpoint();
  daemon.count(bounced("u@late.example"));  // One that is held, among those that are not.
  daemon.checkpoint();
  const Scrape published = daemon.published(), totals = daemon.totals();
  EXPECT_GT(totals.size(), 150u);
  EXPECT_NE(published, totals);
  daemon.restart();
  EXPECT_EQ(daemon.published(), published);
  EXPECT_EQ(daemon.totals(), totals);
  EXPECT_FALSE(daemon.store().dirty()) << "nothing to write after a restart";

  for (const Sample& sample : mixed_samples()) daemon.count(sample);
  daemon.checkpoint();
  const Scrape after = daemon.totals();
  EXPECT_EQ(after.size(), totals.size());
  for (const auto& [name, value] : totals) {
    EXPECT_GE(after.at(name), value) << name;
  }
}

TEST(SeriesRestore, TheOrderOfRecordsDoesNotMatter) {
  FakeClock clock;
  Daemon daemon(clock);
  for (const Sample& sample : mixed_samples()) daemon.count(sample);
  daemon.checkpoint();
  std::vector<StoredRecord> records = contents(daemon.disk());
  std::mt19937 random(7);
  std::shuffle(records.begin(), records.end(), random);
  SeriesStore other({}, make_providers(), clock);
  ASSERT_TRUE(other.restore(records).has_value());
  EXPECT_EQ(scrape(*other.snapshot(), View::kTrue), daemon.totals());
}

TEST(SeriesRestore, AFailedCommitLosesNothing) {
  FakeClock clock;
  Daemon daemon(clock);
  const std::vector<Sample> samples = mixed_samples();
  for (std::size_t at = 0; at < samples.size(); ++at) {
    daemon.count(samples[at]);
    daemon.merge();
    daemon.store().advance();
    (void)daemon.store().changes();  // The transaction fails: no committed().
  }
  EXPECT_TRUE(daemon.store().dirty());
  daemon.checkpoint();
  const Scrape totals = daemon.totals();
  daemon.restart();
  EXPECT_EQ(daemon.totals(), totals);
}

TEST(SeriesRestore, OnlyWhatChangedIsWritten) {
  FakeClock clock;
  Daemon daemon(clock);
  for (int number = 0; number < 900; ++number) daemon.count(bounced("u@d" + std::to_string(number) + ".example"));
  daemon.checkpoint();
  EXPECT_FALSE(daemon.store().dirty());
  EXPECT_TRUE(daemon.store().changes().empty());
  daemon.count(bounced("u@d7.example"));
  daemon.merge();
  EXPECT_LE(daemon.store().changes().size(), 12u) << "the blocks of the totals that grew, and owners at most";
}

TEST(SeriesRestore, RetiredSeriesLeaveNothingBehind) {
  FakeClock clock;
  Daemon daemon(clock);
  for (int number = 0; number < 100; ++number) daemon.count(bounced("u@d" + std::to_string(number) + ".example"));
  daemon.checkpoint();
  const std::size_t records = daemon.disk().size();
  clock.pass(90 * kSecond);
  daemon.checkpoint();
  clock.pass(25 * kHour);
  daemon.checkpoint();
  EXPECT_EQ(families_in(daemon.totals(), "dsnwatch_domain_rejections_total"), 0u);
  EXPECT_LE(daemon.disk().size(), records - 300) << "owners and series are erased";
  // Their slots serve again, from zero.
  for (int number = 0; number < 100; ++number) daemon.count(bounced("u@e" + std::to_string(number) + ".example"));
  daemon.checkpoint();
  EXPECT_EQ(daemon.disk().size(), records);
  const Scrape totals = daemon.totals();
  EXPECT_EQ(
      totals.at(
          R"(dsnwatch_domain_rejections_total{provider="other",domain="e7.example",result="bounced",enhanced_code="5.7.1",cause="policy"})"),
      1u);
  daemon.restart();
  EXPECT_EQ(daemon.totals(), totals);
}

TEST(SeriesRestore, ALoweredLimitRetiresTheLightest) {
  FakeClock clock;
  Daemon daemon(clock);
  for (std::uint32_t number = 0; number < 20; ++number) {
    daemon.count(delivered("u@d" + std::to_string(number) + ".example", number + 1));
  }
  daemon.checkpoint();
  clock.pass(90 * kSecond);
  daemon.checkpoint();
  SeriesSettings fewer;
  fewer.domains = 5;
  daemon.restart(fewer, make_providers());
  EXPECT_EQ(daemon.use(BoundedLabel::kDomain).owners, 5u);
  daemon.count(delivered("u@d3.example"));
  daemon.count(delivered("u@d17.example"));
  daemon.checkpoint();
  const auto value = [&](const std::string& domain) {
    return daemon.totals().at("dsnwatch_domain_attempts_total{provider=\"other\",domain=\"" + domain +
                              "\",result=\"delivered\"}");
  };
  EXPECT_EQ(value("d3.example"), 4u) << "its last value stands";
  EXPECT_EQ(value("other"), 1u);
  EXPECT_EQ(value("d17.example"), 19u);
  clock.pass(5 * kMinute);
  daemon.checkpoint();
  EXPECT_EQ(families_in(daemon.totals(), "dsnwatch_domain_attempts_total"), 6u);
}

TEST(SeriesRestore, ALoweredCapRetiresTheYoungest) {
  FakeClock clock;
  Daemon daemon(clock);
  for (int number = 0; number < 40; ++number) daemon.count(delivered("u@d" + std::to_string(number) + ".example"));
  daemon.checkpoint();
  clock.pass(90 * kSecond);
  daemon.checkpoint();
  SeriesSettings fewer;
  fewer.series_per_family = 15;
  daemon.restart(fewer, make_providers());
  daemon.count(delivered("u@d39.example"));
  daemon.checkpoint();
  const Scrape totals = daemon.totals();
  EXPECT_EQ(totals.at(R"(dsnwatch_domain_attempts_total{provider="other",domain="d39.example",result="delivered"})"),
            1u);
  EXPECT_EQ(totals.at(R"(dsnwatch_domain_attempts_total{provider="other",domain="other",result="delivered"})"), 1u);
  clock.pass(5 * kMinute);
  daemon.checkpoint();
  EXPECT_LE(families_in(daemon.totals(), "dsnwatch_domain_attempts_total"), 15u);
}

TEST(SeriesRestore, AFamilyWhoseLabelsChangedBeginsAnew) {
  FakeClock clock;
  Daemon daemon(clock);
  daemon.count(bounced("u@example.com"));
  daemon.checkpoint();
  const std::size_t records = daemon.disk().size();
  SeriesSettings with_host;
  with_host.host = true;
  daemon.restart(with_host, make_providers());
  Scrape totals = daemon.totals();
  EXPECT_EQ(families_in(totals, "dsnwatch_attempts_total"), 0u);
  EXPECT_EQ(families_in(totals, "dsnwatch_rejections_total"), 0u);
  EXPECT_EQ(families_in(totals, "dsnwatch_domain_rejections_total"), 1u);
  daemon.count(bounced("u@example.com"));
  daemon.checkpoint();
  EXPECT_EQ(daemon.disk().size(), records);
  daemon.restart(with_host, make_providers());
  totals = daemon.totals();
  EXPECT_EQ(totals.at(R"(dsnwatch_attempts_total{mta="postfix",provider="other",result="bounced",host="other"})"), 1u);
  EXPECT_EQ(
      totals.at(
          R"(dsnwatch_domain_rejections_total{provider="other",domain="example.com",result="bounced",enhanced_code="5.7.1",cause="policy"})"),
      2u);
}

TEST(SeriesRestore, AProviderThatIsGoneEndsItsSeriesAndRenumberedOnesKeepTheirs) {
  FakeClock clock;
  Daemon daemon(clock, {}, {}, make_providers({"google", "yahoo"}));
  for (const ProviderId provider : {ProviderId{2}, ProviderId{3}}) {
    Sample sample = delivered("u@example.com", provider);
    sample.verdict.provider = provider;
    daemon.count(sample);
  }
  daemon.checkpoint();
  const std::uint64_t yahoo =
      daemon.totals().at(R"(dsnwatch_attempts_total{mta="postfix",provider="yahoo",result="delivered"})");
  daemon.restart({}, make_providers({"apple", "yahoo"}));
  EXPECT_EQ(daemon.totals().at(R"(dsnwatch_attempts_total{mta="postfix",provider="yahoo",result="delivered"})"), yahoo);
  EXPECT_EQ(families_in(daemon.totals(), "dsnwatch_attempts_total"), 1u);
  daemon.checkpoint();
  daemon.restart({}, make_providers({"google", "yahoo"}));
  EXPECT_EQ(families_in(daemon.totals(), "dsnwatch_attempts_total"), 1u) << "erased for good";
}

TEST(SeriesRestore, DamagedRecordsAreErrorsNotCrashes) {
  FakeClock clock;
  Daemon daemon(clock);
  for (const Sample& sample : mixed_samples()) daemon.count(sample);
  daemon.checkpoint();
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  for (int round = 0; round < 300; ++round) {
    std::vector<StoredRecord> records = contents(daemon.disk());
    for (int change = 0; change < 5; ++change) {
      StoredRecord& record = records[random() % records.size()];
      std::string& text = random() % 4 == 0 ? record.key : record.value;
      if (text.empty()) continue;
      if (random() % 3 == 0) {
        text.resize(random() % text.size());
      } else {
        text[random() % text.size()] ^= static_cast<char>(1u << random() % 4);
      }
    }
    SeriesStore store({}, make_providers(), clock);
    const auto restored = store.restore(records);
    if (!restored) {
      EXPECT_NE(restored.error().message.find("state directory"), std::string::npos);
      continue;
    }
    Tally tally(std::make_shared<const TallySettings>());
    for (const Sample& sample : mixed_samples()) tally.add(sample.attempt, sample.verdict);
    store.merge(tally);
    store.advance();
    (void)store.changes();
    (void)scrape(*store.snapshot(), View::kPublished);
  }
}

}  // namespace
}  // namespace dsnwatch::core::testing
