#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <set>
#include <unordered_map>

#include "tests/core/series_fixture.h"

// A flood of domains through a limit of 1,000: memory stays bounded, sums stay right, the heaviest own their series.
namespace dsnwatch::core::testing {
namespace {

/// Peak resident memory of this process, in KiB (proc(5): VmHWM).
std::uint64_t peak_rss_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoull(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kMemoryIsOurs = false;  // The sanitizer's shadow counts too.
#else
constexpr bool kMemoryIsOurs = true;
#endif

class Flood : public ::testing::Test {
 protected:
  static constexpr int kHeavy = 100;
  static constexpr std::uint64_t kSamplesPerTick = 10;

  static int one_offs() { return std::getenv("DSNWATCH_LONG") != nullptr ? 1'000'000 : 100'000; }

  void send(const std::string& domain, std::uint32_t times = 1) {
    const std::string recipient = "u@" + domain;
    daemon_.count(bounced(recipient, Cause::kPolicy, {5, 7, 1}, times));
    sent_ += times;
    if (daemon_.tally().full()) checkpoint();
  }

  void send_heavy(std::uint32_t times) {
    for (int number = 0; number < kHeavy; ++number) send("heavy" + std::to_string(number) + ".example", times);
  }

  void send_one_offs(int count) {
    for (; count > 0; --count) send("once" + std::to_string(next_one_off_++) + ".example");
  }

  void checkpoint() {
    daemon_.checkpoint();
    daemon_.store().on_prometheus_request();
  }

  void tick(MonotonicMs ms) {
    clock_.pass(ms);
    checkpoint();
    prometheus_.scrape(daemon_.published());
  }

  void expect_heavy_own() {
    const Scrape totals = daemon_.totals();
    int own = 0;
    for (int number = 0; number < kHeavy; ++number) {
      own += totals.contains("dsnwatch_domain_rejections_total{provider=\"other\",domain=\"heavy" +
                             std::to_string(number) +
                             ".example\",result=\"bounced\",enhanced_code=\"5.7.1\",cause=\"policy\"}")
                 ? 1
                 : 0;
    }
    EXPECT_EQ(own, kHeavy);
    EXPECT_LE(daemon_.use(BoundedLabel::kDomain).owners, 1000u);
  }

  void expect_sums_and_memory() {
    for (int step = 0; step < 20; ++step) tick(15 * kSecond);  // All holds end.
    EXPECT_EQ(prometheus_.increase("dsnwatch_domain_rejections_total"), sent_);
    EXPECT_EQ(prometheus_.increase("dsnwatch_domain_attempts_total"), sent_);
    EXPECT_EQ(prometheus_.increase("dsnwatch_rejections_total"), sent_);
    if (kMemoryIsOurs) {
      EXPECT_LE(peak_rss_kib(), 128u * 1024);
    }
  }

  FakeClock clock_;
  Daemon daemon_{clock_};
  Prometheus prometheus_;
  std::uint64_t sent_ = 0;
  int next_one_off_ = 0;
};

TEST_F(Flood, TheHeaviestOwnSeriesAfterAFloodOfOneOffs) {
  send_one_offs(one_offs());
  tick(kSecond);
  EXPECT_EQ(daemon_.use(BoundedLabel::kDomain).owners, 1000u);
  for (int step = 0; step < 80; ++step) {
    send_heavy(5);
    send_one_offs(100);
    tick(10 * kSecond);
  }
  expect_heavy_own();
  send_one_offs(one_offs() / 2);
  tick(kSecond);
  for (int step = 0; step < 80; ++step) {
    send_one_offs(100);
    tick(10 * kSecond);
  }
  expect_heavy_own();
  expect_sums_and_memory();
}

TEST_F(Flood, TheHeaviestDisplaceOwnersThatAreNeverIdle) {
  const auto send_steady = [&] {
    for (int number = 0; number < 1000; ++number) send("steady" + std::to_string(number) + ".example");
  };
  for (int step = 0; step < 60; ++step) {
    send_steady();
    tick(10 * kSecond);
  }
  const int per_step = one_offs() / 120;
  for (int step = 0; step < 120; ++step) {
    send_steady();
    send_heavy(20);
    send_one_offs(per_step);
    tick(10 * kSecond);
  }
  send_heavy(20);
  tick(kSecond);
  expect_heavy_own();
  expect_sums_and_memory();
}

}  // namespace
}  // namespace dsnwatch::core::testing
