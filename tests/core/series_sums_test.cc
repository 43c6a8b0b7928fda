#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "tests/core/series_fixture.h"

// The promise of design section 5: whatever is displaced, retired, held, killed or finds no room, the increases over a
// family add up to what was counted.
namespace dsnwatch::core::testing {
namespace {

/// Increases by family and result.
using Sums = std::map<std::pair<Family, AttemptResult>, std::uint64_t>;

/// What every family must add up to, computed from the attempts alone.
void model(const Sample& sample, bool stream, Sums& sums) {
  const Attempt& attempt = sample.attempt;
  const auto count = [&](Family family) { sums[{family, attempt.result}] += attempt.count; };
  if (attempt.kind == Kind::kInbound) {
    count(Family::kInboundRejections);
    return;
  }
  if (attempt.suspended) return;
  const bool rejection = attempt.result != AttemptResult::kDelivered;
  count(Family::kAttempts);
  for (const Family family : {Family::kDomainAttempts, Family::kIpAttempts, Family::kSenderAttempts}) count(family);
  if (stream) count(Family::kStreamAttempts);
  if (attempt.delay >= 0) count(Family::kDeliveryDelay);
  if (!rejection) return;
  count(Family::kRejections);
  for (const Family family : {Family::kDomainRejections, Family::kIpRejections, Family::kSenderRejections}) {
    count(family);
  }
  if (stream) count(Family::kStreamRejections);
}

/// increase() by family and result, from what scrapes show.
class Scraper {
 public:
  void see(const Scrape& values) {
    for (const auto& [name, value] : values) {
      const auto before = last_.find(name);
      if (before == last_.end()) {
        ASSERT_EQ(value, 0u) << name << " was born with a value: lost to increase()";
        continue;
      }
      ASSERT_GE(value, before->second) << name << " fell";
      add(name, value - before->second);
    }
    last_ = values;
  }
  const Sums& sums() const { return sums_; }

 private:
  void add(const std::string& name, std::uint64_t increase) {
    if (increase == 0) return;
    for (int number = 0; number < kFamilyCount; ++number) {
      const auto family = static_cast<Family>(number);
      if (!name.starts_with(std::string(info(family).name) + "{")) continue;
      for (int result = 0; result <= static_cast<int>(AttemptResult::kRejected); ++result) {
        const auto value = static_cast<AttemptResult>(result);
        if (name.find("result=\"" + std::string(core::name(value)) + "\"") != std::string::npos) {
          sums_[{family, value}] += increase;
        }
      }
    }
  }

  Scrape last_;
  Sums sums_;
};

class RandomMail {
 public:
  explicit RandomMail(unsigned seed) : random_(seed) {
    for (int number = 0; number < 400; ++number) {
      domains_.push_back("u@d" + std::to_string(number) + ".example");
      senders_.push_back("n@s" + std::to_string(number) + ".example");
      ips_.push_back("192.0." + std::to_string(number / 200) + "." + std::to_string(number % 200));
      tenants_.push_back("t" + std::to_string(number));
    }
  }

  Sample next() {
    // Few are frequent, most are rare.
    Sample sample = delivered(domains_[skewed()], 1 + random_() % 3);
    sample.attempt.sender = senders_[skewed()];
    if (random_() % 4 == 0) sample.attempt.source_ip = ips_[skewed()];
    sample.attempt.tenant = tenants_[skewed()];
    sample.attempt.delay = static_cast<double>(random_() % 100) - 10;
    sample.verdict.provider = static_cast<ProviderId>(random_() % 4);
    if (random_() % 2 == 0) {
      sample.attempt.result = random_() % 2 == 0 ? AttemptResult::kBounced : AttemptResult::kDeferred;
      sample.verdict.cause = static_cast<Cause>(random_() % kCauseCount);
      sample.verdict.enhanced = {5, 7, static_cast<std::uint16_t>(random_() % 30)};
      sample.attempt.suspended = sample.attempt.result == AttemptResult::kDeferred && random_() % 5 == 0;
    }
    if (random_() % 20 == 0) {
      sample.attempt.kind = Kind::kInbound;
      sample.attempt.result = AttemptResult::kRejected;
      sample.attempt.suspended = false;
    }
    return sample;
  }

  /// Which domains are frequent changes, so that owners are displaced.
  void shift() { shift_ = random_() % domains_.size(); }
  unsigned roll(unsigned sides) { return static_cast<unsigned>(random_()) % sides; }

 private:
  std::size_t skewed() {
    const double uniform = std::uniform_real_distribution<>(0, 1)(random_);
    return (shift_ + static_cast<std::size_t>(uniform * uniform * uniform * 400)) % domains_.size();
  }

  std::mt19937 random_;
  std::size_t shift_ = 0;
  std::vector<std::string> domains_, senders_, ips_, tenants_;
};

SeriesSettings tight_settings() {
  SeriesSettings settings;
  settings.domains = 12;
  settings.sender_domains = 8;
  settings.source_ips = 5;
  settings.streams = 4;
  settings.series_per_family = 90;
  return settings;
}

TallySettings tenants() {
  TallySettings settings;
  settings.stream = TallySettings::Stream::kTenant;
  return settings;
}

void run_random_days(unsigned seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  FakeClock clock;
  RandomMail mail(seed);
  Daemon daemon(clock, tight_settings(), tenants());
  Scraper prometheus;
  Sums expected;
  std::vector<Sample> since_checkpoint;
  MonotonicMs scraped_at = 0;
  const auto scrape_now = [&] {
    scraped_at = clock.monotonic_ms();
    daemon.store().on_prometheus_request();
    prometheus.see(daemon.published());
  };
  for (int step = 0; step < 2'000 && !::testing::Test::HasFatalFailure(); ++step) {
    for (unsigned attempts = mail.roll(12); attempts > 0; --attempts) {
      since_checkpoint.push_back(mail.next());
      model(since_checkpoint.back(), true, expected);
      daemon.count(since_checkpoint.back());
    }
    clock.pass(1 + mail.roll(20'000));
    if (mail.roll(40) == 0) {
      // kill -9: the sources read again what no checkpoint took.
      daemon.restart();
      for (const Sample& sample : since_checkpoint) daemon.count(sample);
    }
    if (mail.roll(10) == 0) {
      // The disk is full: nothing is committed, nothing new is shown.
      daemon.merge();
      daemon.store().advance();
      (void)daemon.store().changes();
      daemon.checkpoint();
    } else {
      daemon.checkpoint();
    }
    since_checkpoint.clear();
    // Now and then Prometheus misses a few scrapes, but never a whole hold.
    if (mail.roll(3) != 0 || clock.monotonic_ms() - scraped_at > 40 * kSecond) scrape_now();
    if (mail.roll(150) == 0) mail.shift();
    if (mail.roll(1000) == 0) {
      // Nobody sends for more than a day; Prometheus goes on scraping.
      for (int quarter = 0; quarter < 30; ++quarter) {
        scrape_now();
        clock.pass(quarter < 20 ? 15 * kSecond : 3 * kHour);
        daemon.checkpoint();
      }
    }
  }
  for (int step = 0; step < 40; ++step) {
    clock.pass(15 * kSecond);
    daemon.checkpoint();
    scrape_now();
  }
  EXPECT_EQ(prometheus.sums(), expected);
  EXPECT_LE(daemon.use(BoundedLabel::kDomain).owners, 12u);
}

TEST(SeriesSums, IncreasesOverAFamilyAddUpToWhatWasCounted) {
  const unsigned seed = std::random_device{}();
  const unsigned rounds = std::getenv("DSNWATCH_LONG") != nullptr ? 20 : 2;
  for (unsigned round = 0; round < rounds; ++round) run_random_days(seed + round);
}

}  // namespace
}  // namespace dsnwatch::core::testing
